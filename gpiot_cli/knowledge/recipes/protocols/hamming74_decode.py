"""Correct single bit errors in data that was protected with the Hamming(7,4) code.

Use it on short radio or memory words where one bit in seven may flip. Parity bits stand at the
positions 1, 2 and 4; the three parity checks read together are the position of the wrong bit. Two
errors in one word are decoded wrongly without notice.

topic: protocols
modality: packet, generic
keywords: hamming, error correction, fec, parity, syndrome, bit error, forward error correction
source: R. W. Hamming, 1950, "Error detecting and error correcting codes", Bell System Technical Journal
"""

import numpy as np


def hamming74_decode(bits: np.ndarray) -> tuple[np.ndarray, int]:
    """Data bits of a row of code words.

    Inputs:
        bits (numpy.ndarray): received bits (0 or 1) as p1 p2 d1 p3 d2 d3 d4 per word, shape (7 w,)
    Outputs:
        data (numpy.ndarray): corrected data bits d1 d2 d3 d4 per word, shape (4 w,)
        corrected (int): number of bits that were corrected
    """
    received = np.array(bits).ravel()
    if received.size == 0 or received.size % 7 or not np.isin(received, (0, 1)).all():
        raise ValueError("bits must be 0 or 1, and their number a multiple of 7")
    words = received.astype(int).reshape(-1, 7)
    position = np.arange(1, 8)
    checks = (position >> np.arange(3)[:, None]) & 1  # row i covers the positions with bit i set
    wrong = (words @ checks.T % 2) @ [1, 2, 4]
    broken = np.flatnonzero(wrong)
    words[broken, wrong[broken] - 1] ^= 1
    return words[:, [2, 4, 5, 6]].ravel(), int(broken.size)


def check() -> None:
    """Every single error in every code word is corrected."""
    words = np.array([[i >> 3 & 1, i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(16)])
    d1, d2, d3, d4 = words.T
    coded = np.stack([d1 ^ d2 ^ d4, d1 ^ d3 ^ d4, d1, d2 ^ d3 ^ d4, d2, d3, d4], axis=1)
    assert hamming74_decode(np.array([0, 1, 1, 0, 0, 1, 1]))[0].tolist() == [1, 0, 1, 1]
    data, corrected = hamming74_decode(coded.ravel())
    assert np.array_equal(data, words.ravel())
    assert corrected == 0
    for bit in range(7):
        damaged = coded.copy()
        damaged[:, bit] ^= 1
        data, corrected = hamming74_decode(damaged.ravel())
        assert np.array_equal(data, words.ravel())
        assert corrected == 16
