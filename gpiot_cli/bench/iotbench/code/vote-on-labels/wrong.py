from collections import Counter


def vote_on_labels(labels: list, size: int) -> list:
    # On a tie the counter gives the label that was predicted first.
    return [
        Counter(labels[max(0, end - size) : end]).most_common(1)[0][0]
        for end in range(1, len(labels) + 1)
    ]
