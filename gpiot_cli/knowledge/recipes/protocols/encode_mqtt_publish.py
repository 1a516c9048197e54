"""Build an MQTT 3.1.1 PUBLISH packet byte by byte.

Use it on devices without a client library, for tests of a parser, or to know the size of a
message on air. The packet is a flag byte, the remaining length as base-128 integer, the topic,
the packet identifier when quality of service is above 0, and the payload.

topic: protocols
modality: packet
keywords: mqtt, publish, packet, encode, serialize, remaining length, qos, retain
source: OASIS, 2014, "MQTT Version 3.1.1", sections 2.2 and 3.3
"""


def encode_mqtt_publish(
    topic: str, payload: str, qos: int = 0, retain: bool = False, packet_id: int = 1
) -> str:
    """PUBLISH packet as hexadecimal digits.

    Inputs:
        topic (str): topic name without wildcards, up to 65535 bytes of UTF-8
        payload (str): message, sent as UTF-8
        qos (int): quality of service, 0, 1 or 2
        retain (bool): ask the broker to keep the message
        packet_id (int): identifier from 1 to 65535, sent when qos is 1 or 2
    Outputs:
        packet (str): the packet in lower-case hexadecimal digits
    """
    name = topic.encode()
    if not 0 < len(name) < 65536 or any(c in topic for c in "+#\0"):
        raise ValueError(f"not a topic name that can be published to: {topic!r}")
    if qos not in (0, 1, 2) or not 0 < packet_id < 65536:
        raise ValueError("qos must be 0, 1 or 2 and packet_id from 1 to 65535")
    identifier = packet_id.to_bytes(2, "big") if qos else b""
    body = len(name).to_bytes(2, "big") + name + identifier + payload.encode()
    if len(body) > 268_435_455:
        raise ValueError("an MQTT packet holds at most 268435455 bytes")
    first = 0x30 | qos << 1 | int(retain)
    return bytes([first, *_remaining_length(len(body)), *body]).hex()


def _remaining_length(length: int) -> list:
    """Seven bits a byte, lowest first; the top bit says that more follow."""
    encoded = []
    while True:
        length, digit = divmod(length, 128)
        encoded.append(digit | (0x80 if length else 0))
        if not length:
            return encoded


def check() -> None:
    """Known packets, and the length limits of table 2.4 of the standard."""
    assert encode_mqtt_publish("a/b", "hi") == "30070003612f626869"
    assert encode_mqtt_publish("a/b", "hi", 1, True, 10) == "33090003612f62000a6869"
    limits = ((127, "7f"), (128, "8001"), (16383, "ff7f"), (16384, "808001"))
    for length, encoded in limits:
        packet = encode_mqtt_publish("t", "x" * (length - 3))
        assert packet.startswith("30" + encoded + "000174")
        assert len(packet) == 2 * (1 + len(encoded) // 2 + length)
