def vote_on_labels(labels: list, size: int) -> list:
    smoothed = []
    for end in range(1, len(labels) + 1):
        latest_first = labels[max(0, end - size) : end][::-1]
        # max() gives the first of equals, which is the label predicted last.
        smoothed.append(max(latest_first, key=latest_first.count))
    return smoothed
