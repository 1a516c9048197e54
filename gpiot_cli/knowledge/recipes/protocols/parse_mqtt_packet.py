"""Take apart an MQTT 3.1.1 packet: its type and what a PUBLISH carries.

Use it to look into captured traffic. It reads one whole packet and says how many bytes that took.

topic: protocols
modality: packet
keywords: mqtt, packet, parse, decode, publish, remaining length, qos, sniffer
source: OASIS, 2014, "MQTT Version 3.1.1", chapters 2 and 3
"""

TYPES = [
    "RESERVED",
    "CONNECT",
    "CONNACK",
    "PUBLISH",
    "PUBACK",
    "PUBREC",
    "PUBREL",
    "PUBCOMP",
    "SUBSCRIBE",
    "SUBACK",
    "UNSUBSCRIBE",
    "UNSUBACK",
    "PINGREQ",
    "PINGRESP",
    "DISCONNECT",
]


def parse_mqtt_packet(packet: str) -> dict:
    """Fields of the first packet in a string of bytes.

    Inputs:
        packet (str): bytes in hexadecimal digits, spaces allowed
    Outputs:
        fields (dict): type, size (bytes taken), body (hex); PUBLISH adds topic, qos, retain, dup,
            packet_id (qos above 0) and payload (hex); acknowledgements and subscriptions packet_id
    """
    data = bytes.fromhex(packet)
    length, start = 0, 1
    for shift in (0, 7, 14, 21):
        if start >= len(data):
            raise ValueError("the packet ends inside its header")
        byte = data[start]
        start += 1
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    else:
        raise ValueError("the remaining length has more than four bytes")
    kind, flags, body = data[0] >> 4, data[0] & 0x0F, data[start : start + length]
    if not 1 <= kind < len(TYPES) or len(body) < length:
        raise ValueError(f"not a whole MQTT packet: type {kind}, {len(body)} of {length} bytes")
    fields = {"type": TYPES[kind], "size": start + length, "body": body.hex()}
    if kind == 3:
        end = 2 + int.from_bytes(body[:2], "big")
        if not 2 < end <= len(body):
            raise ValueError("the packet ends inside its topic")
        topic, rest = body[2:end].decode(), body[end:]
        qos = flags >> 1 & 3
        if qos == 3:
            raise ValueError("a PUBLISH packet must not have quality of service 3")
        fields |= {"topic": topic, "qos": qos, "retain": bool(flags & 1), "dup": bool(flags & 8)}
        if qos:
            fields["packet_id"] = int.from_bytes(rest[:2], "big")
            rest = rest[2:]
        fields["payload"] = rest.hex()
    elif 4 <= kind <= 11:
        fields["packet_id"] = int.from_bytes(body[:2], "big")
    return fields


def check() -> None:
    """PUBLISH with and without identifier, an acknowledgement, and broken packets."""
    fields = parse_mqtt_packet("33 09 0003 612f62 000a 6869 c000")
    assert (fields["type"], fields["size"]) == ("PUBLISH", 11)
    assert (fields["topic"], fields["qos"], fields["retain"]) == ("a/b", 1, True)
    assert (fields["packet_id"], fields["payload"]) == (10, "6869")
    assert parse_mqtt_packet("30070003612f626869")["payload"] == "6869"
    assert parse_mqtt_packet("40020102")["packet_id"] == 258
    long = parse_mqtt_packet("30" + "8001" + "000174" + "78" * 125)
    assert (long["size"], len(long["payload"])) == (131, 250)
    for broken in ("30", "3007000361", "30ffffffffff", "0000"):
        try:
            parse_mqtt_packet(broken)
        except ValueError:
            continue
        raise AssertionError(f"{broken} was accepted")
