import re

READING = re.compile(r"(\d+-\d+:\d+\.\d+\.\d+)(?:\([^()]*\))*\(([^()]*)\)")


def meter_telegram(telegram: str) -> dict:
    start, end = telegram.find("/"), telegram.find("!")
    if start < 0 or end < start:
        return {}
    # The checksum is that of Modbus, which starts at 0xFFFF.
    crc = 0xFFFF
    for byte in telegram[start : end + 1].encode("ascii"):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    if telegram[end + 1 : end + 5].upper() != f"{crc:04X}":
        return {}
    readings: dict = {}
    for line in telegram[start:end].split("\r\n"):
        if reading := READING.fullmatch(line):
            code, value = reading.groups()
            number, star, unit = value.partition("*")
            if star and unit in ("kWh", "kW"):
                readings[code] = [float(number) * 1000, unit[1:]]
            else:
                readings[code] = [float(number), unit] if star else value
    return readings
