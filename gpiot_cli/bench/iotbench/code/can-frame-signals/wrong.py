def can_frame_signals(data: list, signals: list) -> dict:
    little = int.from_bytes(bytes(data), "little")
    big = int.from_bytes(bytes(data), "big")
    values = {}
    for signal in signals:
        start, length = signal["start"], signal["length"]
        if start + length > 8 * len(data):
            continue
        if signal["order"] == "intel":
            number = little >> start
        else:
            # Takes the start bit as if bits were numbered from the first byte's top.
            number = big >> (8 * len(data) - start - length)
        number &= (1 << length) - 1
        if signal["signed"] and number >> (length - 1):
            number -= 1 << length
        values[signal["name"]] = number * signal["scale"] + signal["offset"]
    return values
