def dallas_scratchpad(scratchpad: list) -> tuple[bool, float]:
    raw = scratchpad[0] | scratchpad[1] << 8
    if crc8(scratchpad[:8]) != scratchpad[8] or raw == 0x0550 or not any(scratchpad):
        return False, 0.0
    undefined_bits = 3 - (scratchpad[4] >> 5 & 3)
    raw = raw >> undefined_bits << undefined_bits
    if raw & 0x8000:
        raw -= 0x10000
    return True, raw / 16


def crc8(data: list) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return crc
