"""Track a slowly varying quantity through noise with a one-dimensional Kalman filter.

Use it to smooth RSSI, temperature, level or distance readings as they come. The state follows a
random walk; without given variances they are estimated from how the
variance of differences grows with their lag. Missing readings (NaN) are predicted through, with growing variance. It follows jumps
with a delay: give a larger `process_variance` where they matter.

topic: signal processing
modality: generic, rssi, ble, temperature, humidity, time series
keywords: kalman filter, smoothing, tracking, random walk, state estimation, noise, rssi smoothing
source: R. E. Kalman, 1960, "A new approach to linear filtering and prediction problems", J. Basic Engineering
"""

import numpy as np


def kalman_smooth(
    signal: np.ndarray, process_variance: float = 0.0, measurement_variance: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Causal random-walk Kalman estimate of a noisy signal.

    Inputs:
        signal (numpy.ndarray): readings, shape (n,), n >= 4; NaN marks a missing one
        process_variance (float): variance of the true change per sample; 0 estimates it
        measurement_variance (float): variance of the reading's noise; 0 estimates it
    Outputs:
        estimate (numpy.ndarray): filtered value after each reading, shape (n,)
        variance (numpy.ndarray): variance of the estimate, shape (n,)
    """
    x = np.array(signal, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or good.sum() < 4:
        raise ValueError("the signal must be one-dimensional with at least 4 finite samples")
    readings = x[good]
    # Differences of a noisy random walk over a lag of m samples have the variance m q + 2 r.
    m = int(np.clip(readings.size // 4, 2, 20))
    near = np.mean(np.diff(readings) ** 2)
    far = np.mean((readings[m:] - readings[:-m]) ** 2)
    r = measurement_variance or max(m * near - far, 0.0) / (2 * (m - 1))
    q = process_variance or max((far - near) / (m - 1), 1e-4 * r)
    estimate, variance = np.empty(x.size), np.empty(x.size)
    value, spread = readings[0], r
    for i in range(x.size):
        spread += q
        if good[i] and spread + r > 0:
            gain = spread / (spread + r)
            value += gain * (x[i] - value)
            spread *= 1 - gain
        estimate[i], variance[i] = value, spread
    return estimate, variance


def check() -> None:
    """The error matches the filter's own variance and beats the raw readings."""
    rng = np.random.default_rng(0)
    truth = np.cumsum(rng.normal(0, 0.1, 5000)) - 60
    readings = truth + rng.normal(0, 1.0, 5000)
    estimate, variance = kalman_smooth(readings, 0.01, 1.0)
    error = np.mean((estimate - truth)[100:] ** 2)
    assert abs(error / variance[-1] - 1) < 0.15
    assert error < 0.12
    blind, _ = kalman_smooth(readings)
    assert np.mean((blind - truth)[100:] ** 2) < 0.15
    readings[1000:1100] = np.nan
    estimate, variance = kalman_smooth(readings, 0.01, 1.0)
    assert abs(variance[1099] - variance[999] - 1.0) < 1e-9
    assert np.all(kalman_smooth(np.full(9, 3))[0] == 3)
