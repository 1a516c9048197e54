"""Check and decode a Modbus RTU frame: address, function, registers or exception.

Use it for energy meters, inverters and PLCs on RS-485. The CRC must fit. Read responses (functions
1 to 4) give registers or bits; requests and write echoes give the address and value. The frame does
not say whether it is a request or a response, so the caller does.

topic: protocols
modality: packet, power
keywords: modbus, rtu, frame, holding registers, coils, rs-485, meter, plc, exception code
source: Modbus Organization, 2012, "MODBUS Application Protocol Specification V1.1b3"
"""


def parse_modbus_rtu(frame: str, request: bool = False) -> dict:
    """Fields of one frame.

    Inputs:
        frame (str): whole frame with CRC in hexadecimal digits, spaces allowed
        request (bool): True for a master's request, False for a slave's response
    Outputs:
        fields (dict): unit, function, exception (0 for none); read responses add registers or
            bits (lists of int); other frames start (register address) and value (count or value)
    """
    data = bytes.fromhex(frame)
    if not 5 <= len(data) <= 256:
        raise ValueError(f"a Modbus RTU frame has 5 to 256 bytes, not {len(data)}")
    if _crc16(data) != 0:
        raise ValueError("the CRC does not fit: the frame was damaged or is not Modbus RTU")
    unit, function, body = data[0], data[1], data[2:-2]
    fields = {"unit": unit, "function": function & 0x7F, "exception": 0}
    if function & 0x80:
        fields["exception"] = body[0]
    elif function in (1, 2, 3, 4) and not request:
        values = body[1:]
        if len(values) != body[0] or (function in (3, 4) and len(values) % 2):
            raise ValueError(f"{body[0]} bytes were announced, {len(values)} came")
        if function in (3, 4):
            pairs = range(0, len(values), 2)
            fields["registers"] = [int.from_bytes(values[i : i + 2], "big") for i in pairs]
        else:
            fields["bits"] = [byte >> bit & 1 for byte in values for bit in range(8)]
    elif function in (1, 2, 3, 4, 5, 6, 15, 16):
        if len(body) < 4:
            raise ValueError("the frame is too short for its function")
        fields["start"] = int.from_bytes(body[:2], "big")
        fields["value"] = int.from_bytes(body[2:4], "big")
    return fields


def _crc16(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def check() -> None:
    """Requests, register and bit responses, an exception, and a damaged frame."""

    def frame(body: str) -> str:
        data = bytes.fromhex(body)
        return (data + _crc16(data).to_bytes(2, "little")).hex()

    fields = parse_modbus_rtu("01 03 00 00 00 0A C5 CD", request=True)
    assert (fields["unit"], fields["function"], fields["start"], fields["value"]) == (1, 3, 0, 10)
    fields = parse_modbus_rtu(frame("11 03 06 AE41 5652 4340"))
    assert fields["registers"] == [0xAE41, 0x5652, 0x4340]
    assert parse_modbus_rtu(frame("11 01 01 05"))["bits"] == [1, 0, 1, 0, 0, 0, 0, 0]
    assert parse_modbus_rtu(frame("0A 81 02"))["exception"] == 2
    assert parse_modbus_rtu(frame("11 06 0001 0003"))["value"] == 3
    for broken in ("01 03 00 01 00 0A C5 CD", "0103", frame("11 03 06 AE41")):
        try:
            parse_modbus_rtu(broken)
        except ValueError:
            continue
        raise AssertionError(f"{broken} was accepted")
