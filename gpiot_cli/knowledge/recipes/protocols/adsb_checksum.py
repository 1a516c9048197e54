"""Check the 24-bit parity of aircraft messages (ADS-B and Mode S) and read the sender's address.

Use it on messages demodulated at 1090 MHz before decoding them. The message is divided by the
polynomial 0x1FFF409; for extended squitters (formats 17 and 18) an undamaged message leaves 0, for
surveillance replies the remainder is the aircraft's address.

topic: protocols
modality: packet
keywords: ads-b, mode s, crc, parity, icao address, 1090 MHz, aircraft, downlink format
source: J. Sun, 2021, "The 1090 Megahertz Riddle", 2nd ed., TU Delft Open; ICAO, 2014, Annex 10, volume IV
"""


def adsb_checksum(message: str) -> tuple[int, bool]:
    """Remainder and validity of one message.

    Inputs:
        message (str): 56 or 112 bits in 14 or 28 hexadecimal digits
    Outputs:
        remainder (int): remainder of the division, 0 to 0xFFFFFF
        valid (bool): True for an undamaged message of downlink format 17 or 18
    """
    data = bytes.fromhex(message)
    if len(data) not in (7, 14):
        raise ValueError(f"a Mode S message has 7 or 14 bytes, not {len(data)}")
    remainder = int.from_bytes(data, "big")
    for bit in range(8 * len(data) - 1, 23, -1):
        if remainder >> bit & 1:
            remainder ^= 0x1FFF409 << bit - 24
    return remainder, remainder == 0 and data[0] >> 3 in (17, 18)


def check() -> None:
    """Published messages pass, and every single bit error is noticed."""
    good = "8D406B902015A678D4D220AA4BDA"
    assert adsb_checksum(good) == (0, True)
    assert adsb_checksum("8D4840D6202CC371C32CE0576098") == (0, True)
    number = int(good, 16)
    assert all(adsb_checksum(f"{number ^ 1 << bit:028X}")[0] for bit in range(112))
    assert adsb_checksum("00" * 7) == (0, False)
