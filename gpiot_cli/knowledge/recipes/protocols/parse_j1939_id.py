"""Decode a 29-bit CAN identifier of SAE J1939: priority, parameter group, source, destination.

Use it on frames from trucks, tractors, generators and boats (NMEA 2000 uses the same identifiers).
PDU format below 240 addresses one device, whose address stands where others carry the group
extension; broadcast groups include it in their number.

topic: protocols
modality: packet
keywords: can bus, j1939, pgn, parameter group number, nmea 2000, identifier, priority, vehicle
source: SAE International, 2021, "J1939-21 Data Link Layer"
"""


def parse_j1939_id(can_id: int) -> dict:
    """Fields of an extended CAN identifier.

    Inputs:
        can_id (int): 29-bit identifier, 0 to 0x1FFFFFFF
    Outputs:
        fields (dict): priority (0 highest to 7), pgn (parameter group number), source (address),
            destination (address; 255 for all), broadcast (bool)
    """
    if not 0 <= can_id < 1 << 29:
        raise ValueError(f"a J1939 identifier has 29 bits, got {can_id:#x}")
    pdu_format, pdu_specific = can_id >> 16 & 0xFF, can_id >> 8 & 0xFF
    page = can_id >> 24 & 0b11  # extended data page and data page
    to_one = pdu_format < 240
    destination = pdu_specific if to_one else 255
    return {
        "priority": can_id >> 26,
        "pgn": page << 16 | pdu_format << 8 | (0 if to_one else pdu_specific),
        "source": can_id & 0xFF,
        "destination": destination,
        "broadcast": destination == 255,
    }


def check() -> None:
    """Engine speed (EEC1), a request to one device, and a data page of NMEA 2000."""
    engine = parse_j1939_id(0x0CF00400)
    assert engine == {
        "priority": 3,
        "pgn": 61444,
        "source": 0,
        "destination": 255,
        "broadcast": True,
    }
    request = parse_j1939_id(0x18EA2141)
    assert (request["priority"], request["pgn"]) == (6, 59904)
    assert (request["destination"], request["source"]) == (0x21, 0x41)
    assert parse_j1939_id(0x09F80101)["pgn"] == 129025
    for wrong in (-1, 1 << 29):
        try:
            parse_j1939_id(wrong)
        except ValueError:
            continue
        raise AssertionError(f"{wrong} was accepted")
