"""Take apart a CoAP message: type, code, token, path, options and payload.

Use it for constrained devices that speak CoAP over UDP. Options are coded as differences to the
previous number with extended lengths; those that the standard defines as text are decoded, numbers
become integers.

topic: protocols
modality: packet
keywords: coap, udp, parse, message, options, uri-path, constrained, rfc 7252
source: Z. Shelby, K. Hartke and C. Bormann, 2014, "The Constrained Application Protocol (CoAP)", RFC 7252
"""

TYPES = ("CON", "NON", "ACK", "RST")
TEXT = {3: "host", 8: "location", 11: "path", 15: "query", 20: "location_query"}
NUMBER = {6: "observe", 7: "port", 12: "content_format", 14: "max_age", 17: "accept", 60: "size1"}


def parse_coap_message(message: str) -> dict:
    """Fields of one datagram.

    Inputs:
        message (str): the datagram in hexadecimal digits, spaces allowed
    Outputs:
        fields (dict): type, code (such as 0.01 for GET or 2.05 for Content), message_id, token
            (hex), path (joined by /), query (joined by &), options (dict of the others by name or
            number) and payload (hex)
    """
    data = bytes.fromhex(message)
    if len(data) < 4 or data[0] >> 6 != 1 or (data[0] & 0x0F) > 8:
        raise ValueError("not a CoAP message: version 1 and at least four bytes are needed")
    at = 4 + (data[0] & 0x0F)
    if len(data) < at:
        raise ValueError("the message ends inside its token")
    fields = {
        "type": TYPES[data[0] >> 4 & 3],
        "code": f"{data[1] >> 5}.{data[1] & 31:02d}",
        "message_id": int.from_bytes(data[2:4], "big"),
        "token": data[4:at].hex(),
    }
    texts: dict = {name: [] for name in TEXT.values()}
    options, number = {}, 0
    while at < len(data) and data[at] != 0xFF:
        delta, length = data[at] >> 4, data[at] & 15
        delta, at = _extended(data, delta, at + 1)
        length, at = _extended(data, length, at)
        number += delta
        value, at = data[at : at + length], at + length
        if at > len(data):
            raise ValueError("the message ends inside an option")
        if number in TEXT:
            texts[TEXT[number]].append(value.decode())
        elif number in NUMBER:
            options[NUMBER[number]] = int.from_bytes(value, "big")
        else:
            options[str(number)] = value.hex()
    fields |= {"path": "/".join(texts.pop("path")), "query": "&".join(texts.pop("query"))}
    options |= {name: "/".join(parts) for name, parts in texts.items() if parts}
    return fields | {"options": options, "payload": data[at + 1 :].hex()}


def _extended(data: bytes, nibble: int, at: int) -> tuple[int, int]:
    """Value of an option's delta or length, and where reading goes on."""
    size = {13: 1, 14: 2, 15: -1}.get(nibble, 0)
    if size < 0 or at + size > len(data):
        raise ValueError("an option header is malformed")
    base = {13: 13, 14: 269}.get(nibble, nibble)
    return base + int.from_bytes(data[at : at + size], "big"), at + size


def check() -> None:
    """The request and response of RFC 7252's appendix A, a long option, and broken messages."""
    fields = parse_coap_message("41 01 7d35 20 bb" + b"temperature".hex())
    assert (fields["type"], fields["code"], fields["message_id"]) == ("CON", "0.01", 0x7D35)
    assert (fields["token"], fields["path"]) == ("20", "temperature")
    fields = parse_coap_message("60 45 7d34 ff" + b"22.3 C".hex())
    assert (fields["type"], fields["code"], fields["payload"]) == ("ACK", "2.05", b"22.3 C".hex())
    path = "b5" + b"rooms".hex() + "0d03" + b"kitchen-sensor-1".hex()
    fields = parse_coap_message("40 01 0001" + path + "11 32" + "37" + b"max=100".hex())
    assert fields["path"] == "rooms/kitchen-sensor-1"
    assert fields["options"]["content_format"] == 50
    assert fields["query"] == "max=100"
    for broken in ("4001", "81010001", "44010001aa", "40010001b561", "40010001f0"):
        try:
            parse_coap_message(broken)
        except ValueError:
            continue
        raise AssertionError(f"{broken} was accepted")
