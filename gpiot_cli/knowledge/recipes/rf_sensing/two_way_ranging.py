"""Compute UWB distances from timestamps by asymmetric double-sided two-way ranging.

Use it with the timestamps of a poll, response and final message. Each side measures a round trip
and knows its reply delay; combining both sides cancels the clock error of the two crystals to
first order, so cheap crystals give centimetres. Impossible (negative) flights become 0.

topic: rf sensing
modality: packet, generic
keywords: UWB, two-way ranging, time of flight, DS-TWR, distance, anchor, tag, localization
source: D. Neirynck, E. Luk and M. McLaughlin, 2016, "An alternative double-sided two-way ranging method", WPNC; IEEE 802.15.4z
"""

import numpy as np

LIGHT = 299_702_547.0  # m/s in air


def two_way_ranging(
    initiator_round: np.ndarray,
    responder_reply: np.ndarray,
    responder_round: np.ndarray,
    initiator_reply: np.ndarray,
) -> np.ndarray:
    """Distance of every exchange.

    Inputs:
        initiator_round (numpy.ndarray): poll sent to response received, seconds, shape (n,)
        responder_reply (numpy.ndarray): poll received to response sent, seconds, shape (n,)
        responder_round (numpy.ndarray): response sent to final received, seconds, shape (n,)
        initiator_reply (numpy.ndarray): response received to final sent, seconds, shape (n,)
    Outputs:
        distance (numpy.ndarray): distance in metres, NaN where a time is missing or not positive,
            shape (n,)
    """
    times = (initiator_round, responder_reply, responder_round, initiator_reply)
    arrays = [np.atleast_1d(np.asarray(t, dtype=float)) for t in times]
    if len({a.shape for a in arrays}) != 1 or arrays[0].ndim != 1 or arrays[0].size == 0:
        raise ValueError("the four times must be non-empty and of the same length")
    ra, db, rb, da = (np.where(a > 0, a, np.nan) for a in arrays)
    flight = (ra * rb - da * db) / (ra + rb + da + db)
    return np.maximum(flight, 0.0) * LIGHT


def check() -> None:
    """Clocks 20 ppm fast and slow leave less than a centimetre, one-sided ranging metres."""
    distance = np.array([0.5, 7.3, 120.0])
    flight = distance / LIGHT
    response_delay, final_delay = 300e-6, 900e-6
    initiator, responder = 1 + 20e-6, 1 - 20e-6
    ra = (2 * flight + response_delay) * initiator
    db = np.full(3, response_delay) * responder
    rb = (2 * flight + final_delay) * responder
    da = np.full(3, final_delay) * initiator
    assert np.allclose(two_way_ranging(ra, db, rb, da), distance, atol=0.01)
    assert np.all((ra - db) / 2 * LIGHT - distance > 1.0)
    assert np.isnan(two_way_ranging(ra * np.nan, db, rb, da)).all()
