"""Recover packets from a serial stream framed with consistent overhead byte stuffing (COBS).

Use it on what a UART received: frames end with 0x00, and inside a frame each code byte tells how
far the next zero of the packet is. Damaged frames are counted and left out, and so is what follows
the last 0x00, an unfinished frame.

topic: protocols
modality: packet
keywords: cobs, framing, byte stuffing, serial, uart, stream, packet, decode, resynchronise
source: S. Cheshire and M. Baker, 1999, "Consistent overhead byte stuffing", IEEE/ACM Trans. Networking
"""


def cobs_decode(stream: str) -> tuple[list, int]:
    """Packets of a stream.

    Inputs:
        stream (str): received bytes in hexadecimal digits, spaces allowed
    Outputs:
        packets (list): decoded packets in hexadecimal digits (str), in order
        damaged (int): number of frames that could not be decoded
    """
    packets, damaged = [], 0
    for frame in bytes.fromhex(stream).split(b"\0")[:-1]:
        if not frame:
            continue  # two delimiters in a row are used to resynchronise
        packet, at = bytearray(), 0
        while at < len(frame):
            code = frame[at]
            packet += frame[at + 1 : at + code]
            at += code
            if code < 255 and at < len(frame):
                packet.append(0)
        if at == len(frame):
            packets.append(packet.hex())
        else:
            damaged += 1
    return packets, damaged


def check() -> None:
    """Examples of the paper, 254-byte blocks, a damaged frame, and an unfinished one."""
    run = bytes(range(1, 255)).hex()
    stream = "0100 010100 0311220233 00 021101010100 00" + "ff" + run + "00" + "ff" + run + "02ff00"
    packets, damaged = cobs_decode(stream)
    assert packets == ["", "00", "11220033", "11000000", run, run + "ff"]
    assert damaged == 0
    assert cobs_decode("0511 00 0311 22 00 0311") == (["1122"], 1)
    assert cobs_decode("") == ([], 0)
