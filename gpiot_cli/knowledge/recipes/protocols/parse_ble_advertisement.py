"""Take apart a Bluetooth Low Energy advertisement: name, services, manufacturer data, iBeacon.

Use it on the raw advertising data that a scanner reports. It is a row of structures of length,
type and value (little-endian inside); a length of 0 ends it. iBeacon frames are recognised in the
manufacturer data of Apple (company 0x004C). Truncated structures raise an error.

topic: protocols
modality: ble, packet
keywords: ble, bluetooth, advertising data, TLV, AD structure, ibeacon, manufacturer data, uuid
source: Bluetooth SIG, 2023, "Core Specification Supplement", part A; Apple, 2015, "Proximity Beacon Specification"
"""

from uuid import UUID


def parse_ble_advertisement(payload: str) -> dict:
    """Fields of one advertisement.

    Inputs:
        payload (str): advertising data in hexadecimal digits, spaces allowed
    Outputs:
        fields (dict): those present of flags (int), name (str), tx_power (dBm), services (list of
            UUID strings), service_data (dict of UUID to hex), company (int), manufacturer_data
            (hex), ibeacon (dict of uuid, major, minor, tx_power), and other (dict of type to hex)
    """
    data = bytes.fromhex(payload)
    fields: dict = {}
    at = 0
    while at < len(data) and data[at] != 0:
        length = data[at]
        kind, value = (
            (data[at + 1], data[at + 2 : at + 1 + length]) if at + 1 < len(data) else (0, b"")
        )
        if len(value) != length - 1:
            raise ValueError(f"the structure at byte {at} is cut off")
        at += 1 + length
        if kind == 0x01 and value:
            fields["flags"] = value[0]
        elif kind in (0x08, 0x09):
            fields["name"] = value.decode(errors="replace")
        elif kind == 0x0A and value:
            fields["tx_power"] = int.from_bytes(value[:1], "little", signed=True)
        elif kind in (0x02, 0x03, 0x06, 0x07):
            size = 2 if kind < 0x04 else 16
            found = [_uuid(value[i : i + size]) for i in range(0, len(value), size)]
            fields.setdefault("services", []).extend(found)
        elif kind == 0x16:
            fields.setdefault("service_data", {})[_uuid(value[:2])] = value[2:].hex()
        elif kind == 0xFF and len(value) >= 2:
            fields["company"] = int.from_bytes(value[:2], "little")
            fields["manufacturer_data"] = value[2:].hex()
            if fields["company"] == 0x004C and value[2:4] == b"\x02\x15" and len(value) == 25:
                fields["ibeacon"] = {
                    "uuid": str(UUID(bytes=value[4:20])),
                    "major": int.from_bytes(value[20:22], "big"),
                    "minor": int.from_bytes(value[22:24], "big"),
                    "tx_power": int.from_bytes(value[24:25], "big", signed=True),
                }
        else:
            fields.setdefault("other", {})[f"{kind:02x}"] = value.hex()
    return fields


def _uuid(value: bytes) -> str:
    """A 16-bit UUID as four digits, a 128-bit one in full."""
    return str(UUID(bytes=value[::-1])) if len(value) == 16 else value[::-1].hex()


def check() -> None:
    """An iBeacon, a named sensor with service data, and a cut-off frame."""
    uuid = "e2c56db5dffb48d2b060d0f5a71096e0"
    fields = parse_ble_advertisement("02 01 06 1A FF 4C00 0215" + uuid + "0001 0203 C5")
    assert fields["flags"] == 6
    assert fields["ibeacon"]["uuid"].replace("-", "") == uuid
    assert (fields["ibeacon"]["major"], fields["ibeacon"]["minor"]) == (1, 515)
    assert fields["ibeacon"]["tx_power"] == -59
    sensor = "03 03 1A18 05 09 54656D70 04 16 6E2A 64 02 0A F4 00 00"
    fields = parse_ble_advertisement(sensor)
    assert fields["name"] == "Temp"
    assert fields["services"] == ["181a"]
    assert fields["service_data"] == {"2a6e": "64"}
    assert fields["tx_power"] == -12
    assert parse_ble_advertisement("") == {}
    for broken in ("05 09 5465", "09"):
        try:
            parse_ble_advertisement(broken)
        except ValueError:
            continue
        raise AssertionError(f"{broken} was accepted")
