def mean_tag_strengths(readings: list) -> dict:
    heard: dict = {}
    for tag, strength in readings:
        heard.setdefault(tag, []).append(strength)
    return {tag: sum(strengths) / len(strengths) for tag, strengths in heard.items()}
