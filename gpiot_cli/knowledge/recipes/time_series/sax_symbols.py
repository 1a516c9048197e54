"""Turn a series into a short word of letters by symbolic aggregate approximation (SAX).

Use it to index, compare or compress shapes with text methods on small devices. The z-normalised
series is averaged in equal segments, and each mean becomes a letter so that all letters are
equally likely for normal data. Offset and scale are lost on purpose. A constant series gives the
middle letter throughout.

topic: time series
modality: time series, generic, power
keywords: SAX, symbolic, discretisation, PAA, time series indexing, compression, pattern, word
source: J. Lin, E. Keogh, L. Wei and S. Lonardi, 2007, "Experiencing SAX: a novel symbolic representation of time series", Data Mining and Knowledge Discovery
"""

import numpy as np
from scipy.stats import norm


def sax_symbols(series: np.ndarray, segments: int = 8, alphabet: int = 4) -> str:
    """SAX word of a series.

    Inputs:
        series (numpy.ndarray): values, shape (n,), n >= segments; NaN is left out of the means
        segments (int): letters in the word, at least 1
        alphabet (int): size of the alphabet, 2 to 26
    Outputs:
        word (str): letters from a (low) upwards, length `segments`
    """
    x = np.array(series, dtype=float).squeeze()
    good = np.isfinite(x)
    if not 2 <= alphabet <= 26 or segments < 1:
        raise ValueError("alphabet must be 2 to 26 and segments at least 1")
    if x.ndim != 1 or x.size < segments or good.sum() < 2:
        raise ValueError(f"need a one-dimensional series of at least {max(segments, 2)} values")
    x = np.interp(np.arange(x.size), np.flatnonzero(good), x[good])
    deviation = x.std()
    flat = deviation <= 1e-12 * np.abs(x).max()
    z = np.zeros(x.size) if flat else (x - x.mean()) / deviation
    # Segments need not divide the length: a value on a border counts in proportion on both sides.
    total = np.concatenate([[0.0], np.cumsum(z)])
    borders = np.linspace(0, x.size, segments + 1)
    means = np.diff(np.interp(borders, np.arange(x.size + 1), total)) * segments / x.size
    limits = norm.ppf(np.arange(1, alphabet) / alphabet)
    return "".join(chr(ord("a") + k) for k in np.searchsorted(limits, np.round(means, 12)))


def check() -> None:
    """Ramps, uneven segments, invariance to scale, and equally likely letters."""
    ramp = np.arange(80)
    assert sax_symbols(ramp, 4, 4) == "abcd"
    assert sax_symbols(-5.5 * ramp + 3, 4, 4) == "dcba"
    assert sax_symbols(np.arange(10), 4, 4) == "abcd"
    assert sax_symbols(np.full(9, 3), 3, 3) == "bbb"
    noise = np.random.default_rng(0).normal(size=8000)
    word = sax_symbols(noise, 8000, 4)
    assert all(abs(word.count(letter) - 2000) < 150 for letter in "abcd")
