def dallas_scratchpad(scratchpad: list) -> tuple[bool, float]:
    crc = 0
    for byte in scratchpad[:8]:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    raw = scratchpad[0] | scratchpad[1] << 8
    if crc != scratchpad[8] or raw == 0x0550 or not any(scratchpad):
        return False, 0.0
    if raw & 0x8000:
        raw -= 0x10000
    # The undefined bits of coarse resolutions are taken at face value.
    return True, raw / 16
