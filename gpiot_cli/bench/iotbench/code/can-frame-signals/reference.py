def can_frame_signals(data: list, signals: list) -> dict:
    values = {}
    for signal in signals:
        bits = bit_numbers(signal)
        if max(bits) >= 8 * len(data):
            continue
        number = 0
        for bit in bits:
            number = number << 1 | data[bit // 8] >> bit % 8 & 1
        if signal["signed"] and number >> (signal["length"] - 1):
            number -= 1 << signal["length"]
        values[signal["name"]] = number * signal["scale"] + signal["offset"]
    return values


def bit_numbers(signal: dict) -> list[int]:
    """The signal's bits from the most to the least significant."""
    start, length = signal["start"], signal["length"]
    if signal["order"] == "intel":
        return list(range(start + length - 1, start - 1, -1))
    bits = [start]
    while len(bits) < length:
        last = bits[-1]
        bits.append(last - 1 if last % 8 else last + 15)
    return bits
