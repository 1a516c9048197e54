LINES = [
    "/ISK5\\2M550T-1012",
    "",
    "1-3:0.2.8(50)",
    "0-0:1.0.0(231016120000S)",
    "0-0:96.1.1(4530303334)",
    "1-0:1.8.1(001234.567*kWh)",
    "1-0:2.7.0(00.250*kW)",
    "1-0:32.7.0(229.8*V)",
    "0-0:96.13.0()",
    "0-1:24.2.1(231016115500S)(00123.456*m3)",
    "heartbeat",
]


def crc(text):
    register = 0
    for byte in text.encode():
        for i in range(8):
            low = (register ^ byte >> i) & 1
            register = register >> 1 ^ (0xA001 if low else 0)
    return register


def sealed(lines):
    content = "\r\n".join([*lines, "!"])
    return f"{content}{crc(content):04X}\r\n"


def agree(found, expected):
    assert sorted(found) == sorted(expected), f"codes {sorted(found)}"
    for code, wanted in expected.items():
        if isinstance(wanted, str):
            assert found[code] == wanted, f"{code}: {found[code]!r}"
        else:
            number, unit = found[code]
            assert unit == wanted[1] and abs(number - wanted[0]) < 1e-6, f"{code}: {found[code]}"


def check(solution):
    assert crc("123456789") == 0xBB3D
    expected = {
        "1-3:0.2.8": "50",
        "0-0:1.0.0": "231016120000S",
        "0-0:96.1.1": "4530303334",
        "1-0:1.8.1": [1234567.0, "Wh"],
        "1-0:2.7.0": [250.0, "W"],
        "1-0:32.7.0": [229.8, "V"],
        "0-0:96.13.0": "",
        "0-1:24.2.1": [123.456, "m3"],
    }
    telegram = sealed(LINES)
    agree(solution(telegram), expected)
    agree(solution("0.1*kW)\r\n!12" + telegram + "/ISK5"), expected)
    agree(solution(telegram.replace("1234.567", "1234.568")), {})
    agree(solution(telegram[:-10]), {})
    agree(solution(""), {})
    # Two checksums that begin with a zero: the digits must be compared as a number or padded.
    padded = next(n for n in range(10_000) if crc(f"/X\r\n1-0:1.8.0({n})\r\n!") < 0x1000)
    agree(solution(sealed(["/X", f"1-0:1.8.0({padded})"])), {"1-0:1.8.0": str(padded)})
