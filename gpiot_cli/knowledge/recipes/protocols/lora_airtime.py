"""Compute how long a LoRa packet is on air, by Semtech's formula.

Use it to plan duty cycles, batteries and gateways' capacity. Preamble and payload symbols are
counted from spreading factor, coding rate and header; low data rate optimisation switches on when
a symbol lasts 16 ms or more, as LoRaWAN prescribes. LoRaWAN adds at least 13 bytes to the
application's payload: give the whole PHY payload.

topic: protocols
modality: lora, packet
keywords: lora, lorawan, airtime, time on air, spreading factor, duty cycle, symbol, SX1276
source: Semtech, 2013, "LoRa Modem Designer's Guide", AN1200.13; Semtech, 2020, "SX1276/77/78/79 Datasheet", section 4.1.1.7
"""

from math import ceil


def lora_airtime(
    payload_bytes: int,
    spreading_factor: int = 7,
    bandwidth_khz: float = 125.0,
    coding_rate: int = 1,
    preamble_symbols: int = 8,
    explicit_header: bool = True,
    crc: bool = True,
) -> float:
    """Time on air of one packet.

    Inputs:
        payload_bytes (int): length of the PHY payload, 0 to 255
        spreading_factor (int): 7 to 12
        bandwidth_khz (float): bandwidth in kHz, above 0
        coding_rate (int): 1 to 4 for 4/5 to 4/8
        preamble_symbols (int): programmed preamble; 8 in LoRaWAN
        explicit_header (bool): whether the packet has a header
        crc (bool): whether the payload has a CRC; uplinks do
    Outputs:
        airtime (float): time on air in milliseconds
    """
    if not (0 <= payload_bytes <= 255 and 7 <= spreading_factor <= 12 and 1 <= coding_rate <= 4):
        raise ValueError("payload_bytes must be 0-255, spreading_factor 7-12, coding_rate 1-4")
    if not bandwidth_khz > 0 or preamble_symbols < 0:
        raise ValueError("bandwidth_khz must be positive and preamble_symbols not negative")
    symbol = 2**spreading_factor / bandwidth_khz
    low_rate = symbol >= 16
    bits = 8 * payload_bytes - 4 * spreading_factor + 28 + 16 * crc - 20 * (not explicit_header)
    blocks = max(ceil(bits / (4 * (spreading_factor - 2 * low_rate))), 0)
    symbols = preamble_symbols + 4.25 + 8 + blocks * (coding_rate + 4)
    return float(symbols * symbol)


def check() -> None:
    """Values of Semtech's calculator and of the data rates of LoRaWAN EU868."""
    assert abs(lora_airtime(13, 7) - 46.336) < 1e-9
    assert abs(lora_airtime(13, 12) - 1155.072) < 1e-9
    assert abs(lora_airtime(64, 7) - 118.016) < 1e-9
    assert abs(lora_airtime(13, 7, 250.0) - 23.168) < 1e-9
    assert lora_airtime(20, 9, coding_rate=4) > lora_airtime(20, 9)
    assert lora_airtime(20, 9, explicit_header=False) <= lora_airtime(20, 9)
    assert lora_airtime(0, 12, explicit_header=False, crc=False) == (12.25 + 8) * 32.768
