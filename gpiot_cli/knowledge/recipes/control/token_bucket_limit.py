"""Limit the rate of messages or commands with a token bucket, allowing short bursts.

Use it to protect a broker, a relay or a metered uplink. The bucket gains `rate` tokens per second
up to `capacity`; a message takes one and passes, or is rejected when there is none. In the long
run `rate` messages per second pass, at most `capacity` at once.

topic: control
modality: packet
keywords: token bucket, rate limit, throttling, burst, traffic shaping, flood protection, quota
source: J. Turner, 1986, "New directions in communications (or which way to the information age?)", IEEE Communications Magazine
"""

import numpy as np


def token_bucket_limit(times: np.ndarray, rate: float, capacity: float = 1.0) -> np.ndarray:
    """Which messages pass.

    Inputs:
        times (numpy.ndarray): arrival times in seconds, not falling, shape (n,)
        rate (float): tokens gained per second, above 0
        capacity (float): most tokens the bucket holds, at least 1; it starts full
    Outputs:
        passed (numpy.ndarray): True where the message passes, shape (n,)
    """
    t = np.asarray(times, dtype=float)
    if t.ndim != 1 or not np.all(np.isfinite(t)) or np.any(np.diff(t) < 0):
        raise ValueError("times must be one-dimensional, finite and not fall")
    if not rate > 0 or not capacity >= 1:
        raise ValueError("rate must be positive and capacity at least 1")
    passed = np.zeros(t.size, dtype=bool)
    tokens, last = capacity, t[0] if t.size else 0.0
    for i, time in enumerate(t):
        tokens = min(capacity, tokens + (time - last) * rate)
        last = time
        # The tolerance lets a message at exactly the allowed rate pass in spite of rounding.
        if tokens >= 1 - 1e-9:
            tokens -= 1
            passed[i] = True
    return passed


def check() -> None:
    """A burst up to the capacity passes, then one message per 1 / rate seconds."""
    assert token_bucket_limit(np.zeros(8), 1.0, 5).tolist() == [True] * 5 + [False] * 3
    assert token_bucket_limit(np.arange(50) * 0.1, 10.0).all()
    flood = np.arange(0, 100, 0.01)
    passed = token_bucket_limit(flood, 2.0, 10)
    assert abs(passed.sum() - (10 + 2 * 100)) <= 1
    assert passed[:10].all()
    assert token_bucket_limit(np.array([]), 1.0).size == 0
