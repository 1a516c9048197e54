"""Decode sensor values from a Cayenne Low Power Payload, the compact format of LoRaWAN nodes.

Use it on the application payload of an uplink. Each value is a channel byte, a type byte and a
big-endian number with the type's resolution; several sensors follow one another. An unknown type
ends decoding with an error, because its length is unknown.

topic: protocols
modality: lora, packet, temperature, humidity, light
keywords: cayenne, lpp, lorawan, payload, decode, temperature, humidity, gps, the things network
source: myDevices, 2017, "Cayenne Low Power Payload" (types after the IPSO Smart Object registry)
"""

# type: (name, bytes per value, values, resolution, signed)
TYPES = {
    0x00: ("digital_input", 1, 1, 1.0, False),
    0x01: ("digital_output", 1, 1, 1.0, False),
    0x02: ("analog_input", 2, 1, 0.01, True),
    0x03: ("analog_output", 2, 1, 0.01, True),
    0x65: ("illuminance", 2, 1, 1.0, False),
    0x66: ("presence", 1, 1, 1.0, False),
    0x67: ("temperature", 2, 1, 0.1, True),
    0x68: ("humidity", 1, 1, 0.5, False),
    0x71: ("accelerometer", 2, 3, 0.001, True),
    0x73: ("barometer", 2, 1, 0.1, False),
    0x86: ("gyrometer", 2, 3, 0.01, True),
    0x88: ("gps", 3, 3, 0.0001, True),
}


def decode_cayenne_lpp(payload: str) -> list:
    """Values of one payload.

    Inputs:
        payload (str): application payload in hexadecimal digits, spaces allowed
    Outputs:
        readings (list): dicts of channel (int), name (str) and value: a float in lux, degrees C, %,
            hPa, or a list of three (g, degrees/s, or latitude, longitude in degrees and altitude
            in metres)
    """
    data = bytes.fromhex(payload)
    readings = []
    at = 0
    while at < len(data):
        kind = data[at + 1] if at + 1 < len(data) else -1
        if kind not in TYPES:
            raise ValueError(f"no known Cayenne type at byte {at + 1}")
        name, size, count, resolution, signed = TYPES[kind]
        body = data[at + 2 : at + 2 + size * count]
        if len(body) < size * count:
            raise ValueError(f"the {name} on channel {data[at]} is cut off")
        numbers = [body[i : i + size] for i in range(0, len(body), size)]
        values = [int.from_bytes(n, "big", signed=signed) * resolution for n in numbers]
        if name == "gps":
            values[2] *= 100  # altitude has a resolution of a centimetre
        value = values[0] if count == 1 else values
        readings.append({"channel": data[at], "name": name, "value": value})
        at += 2 + size * count
    return readings


def check() -> None:
    """The examples of the format's description."""
    first, second = decode_cayenne_lpp("03 67 01 10 05 67 00 FF")
    assert (first["channel"], first["name"]) == (3, "temperature")
    assert abs(first["value"] - 27.2) < 1e-9
    assert abs(second["value"] - 25.5) < 1e-9
    cold, moving = decode_cayenne_lpp("01 67 FF D7 06 71 04 D2 FB 2E 00 00")
    assert abs(cold["value"] + 4.1) < 1e-9
    assert max(abs(a - b) for a, b in zip(moving["value"], [1.234, -1.234, 0], strict=True)) < 1e-9
    gps = decode_cayenne_lpp("01 88 06 76 5F F2 96 0A 00 03 E8")[0]["value"]
    assert max(abs(a - b) for a, b in zip(gps, [42.3519, -87.9094, 10], strict=True)) < 1e-9
    assert decode_cayenne_lpp("0768 57")[0]["value"] == 43.5
    for broken in ("0167FF", "01", "01FE00"):
        try:
            decode_cayenne_lpp(broken)
        except ValueError:
            continue
        raise AssertionError(f"{broken} was accepted")
