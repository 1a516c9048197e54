import re

TELEGRAM = re.compile(r"(/[^!]*!)([0-9A-Fa-f]{4})")
READING = re.compile(r"(\d+-\d+:\d+\.\d+\.\d+)(?:\([^()]*\))*\(([^()]*)\)")


def meter_telegram(telegram: str) -> dict:
    match = TELEGRAM.search(telegram)
    if match is None or crc16(match[1]) != int(match[2], 16):
        return {}
    readings: dict = {}
    for line in match[1].split("\r\n"):
        if reading := READING.fullmatch(line):
            code, value = reading.groups()
            number, star, unit = value.partition("*")
            thousandfold = {"kWh": "Wh", "kW": "W"}
            if star and unit in thousandfold:
                readings[code] = [float(number) * 1000, thousandfold[unit]]
            else:
                readings[code] = [float(number), unit] if star else value
    return readings


def crc16(text: str) -> int:
    crc = 0
    for byte in text.encode("ascii"):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc
