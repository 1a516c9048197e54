"""Delay radio transmissions so that they keep within a legal duty cycle.

Use it on LoRa, Sigfox and other sub-GHz nodes in Europe, where a band allows 0.1, 1 or 10 % of air
time. After a packet of airtime T the band stays silent for T / duty_cycle - T, as LoRaWAN stacks
do. Packets go out in order; those that would wait longer than `max_wait_s` are dropped.

topic: control
modality: lora, packet
keywords: duty cycle, transmission schedule, airtime, etsi, sub-ghz, off time, lorawan, back-off
source: ETSI, 2018, "EN 300 220-2 V3.2.1"; LoRa Alliance, 2020, "LoRaWAN Regional Parameters RP002-1.0.2"
"""

import numpy as np


def duty_cycle_schedule(
    requested: np.ndarray, airtime: np.ndarray, duty_cycle: float = 0.01, max_wait_s: float = np.inf
) -> np.ndarray:
    """When each packet may be sent.

    Inputs:
        requested (numpy.ndarray): times packets are ready in seconds, not falling, shape (n,)
        airtime (numpy.ndarray): time on air of each packet in seconds, shape (n,)
        duty_cycle (float): allowed share of air time, above 0, at most 1
        max_wait_s (float): longest wait before a packet is dropped
    Outputs:
        sent (numpy.ndarray): start of each transmission in seconds, NaN if dropped, shape (n,)
    """
    ready, length = np.asarray(requested, dtype=float), np.asarray(airtime, dtype=float)
    if ready.ndim != 1 or ready.shape != length.shape or not 0 < duty_cycle <= 1:
        raise ValueError("need one airtime per request and a duty cycle above 0 and up to 1")
    if not np.all(np.diff(ready) >= 0) or not np.all(length > 0):
        raise ValueError("requests must not fall in time and airtimes must be positive")
    sent = np.full(ready.size, np.nan)
    free_at = -np.inf
    for i, (time, air) in enumerate(zip(ready, length, strict=True)):
        start = max(time, free_at)
        if start - time <= max_wait_s:
            sent[i] = start
            free_at = start + air / duty_cycle
    return sent


def check() -> None:
    """Sparse packets go at once, dense ones keep the share, late ones are dropped."""
    sparse = np.array([0.0, 600, 1200])
    assert np.array_equal(duty_cycle_schedule(sparse, np.full(3, 1.0)), sparse)
    sent = duty_cycle_schedule(np.zeros(100), np.full(100, 0.05), 0.01)
    assert np.allclose(sent, 5.0 * np.arange(100))
    assert np.isclose(100 * 0.05 / (sent[-1] + 5), 0.01)
    sent = duty_cycle_schedule(np.array([0, 1, 60, 101]), np.ones(4), 0.01, 45)
    assert np.array_equal(sent, [0, np.nan, 100, np.nan], equal_nan=True)
