"""Frame a packet for a serial line without zero bytes (consistent overhead byte stuffing).

Use it to send binary packets over UART: after encoding, 0x00 never occurs and can end each frame,
so a receiver finds the next packet after any error. Each zero is replaced by the distance to the
next one, which costs at most one byte in 254.

topic: protocols
modality: packet
keywords: cobs, framing, byte stuffing, serial, uart, delimiter, packet, encode
source: S. Cheshire and M. Baker, 1999, "Consistent overhead byte stuffing", IEEE/ACM Trans. Networking
"""


def cobs_encode(packet: str) -> str:
    """Encoded frame with its closing zero.

    Inputs:
        packet (str): bytes in hexadecimal digits, spaces allowed; may be empty
    Outputs:
        frame (str): encoded bytes and the final 00 in lower-case hexadecimal digits
    """
    frame = bytearray()
    *runs, last = bytes.fromhex(packet).split(b"\0")
    for run in runs:
        frame += _blocks(run) + _block(run[len(run) // 254 * 254 :])
    frame += _blocks(last)
    # Nothing follows a full block at the very end: it stands for no zero.
    if not last or len(last) % 254:
        frame += _block(last[len(last) // 254 * 254 :])
    return (bytes(frame) + b"\0").hex()


def _block(run: bytes) -> bytes:
    return bytes([len(run) + 1]) + run


def _blocks(run: bytes) -> bytes:
    """The full blocks of 254 bytes in a run without zeros."""
    full = range(0, len(run) // 254 * 254, 254)
    return b"".join(_block(run[at : at + 254]) for at in full)


def check() -> None:
    """Examples of the paper, with the special cases around 254 bytes."""
    examples = {
        "": "0100",
        "00": "010100",
        "0000": "01010100",
        "11220033": "0311220233" + "00",
        "11223344": "051122334400",
        "11000000": "021101010100",
    }
    for packet, frame in examples.items():
        assert cobs_encode(packet) == frame, packet
    run = bytes(range(1, 255)).hex()
    assert cobs_encode(run) == "ff" + run + "00"
    assert cobs_encode("00" + run) == "01ff" + run + "00"
    assert cobs_encode(run + "ff") == "ff" + run + "02ff00"
    assert cobs_encode(run + "00") == "ff" + run + "010100"
