"""Flag values that leave an exponentially weighted moving average by too many deviations.

Use it on streams whose level wanders: temperature, load, traffic. Mean and variance are tracked
with the same weight; a value is judged before it enters, and flagged values enter clipped to the
limit, so an anomaly neither hides the next one nor blocks the tracker for ever. A season needs to
be removed first.

topic: time series
modality: time series, temperature, power, packet, air quality
keywords: ewma, anomaly detection, control chart, moving average, streaming, outlier, alarm
source: S. W. Roberts, 1959, "Control chart tests based on geometric moving averages", Technometrics; J. M. Lucas and M. S. Saccucci, 1990, "Exponentially weighted moving average control schemes", Technometrics
"""

import numpy as np


def ewma_anomaly(
    series: np.ndarray, span: int = 30, limit: float = 4.0, warm_up: int = 20
) -> tuple[np.ndarray, np.ndarray]:
    """Anomalies and their scores.

    Inputs:
        series (numpy.ndarray): values at a fixed interval, shape (n,), n > warm_up; NaN marks a
            missing one, which is never an anomaly
        span (int): effective memory in values, at least 2
        limit (float): deviation in standard deviations that makes an anomaly
        warm_up (int): first finite values, which are only learnt from, at least 3
    Outputs:
        anomalies (numpy.ndarray): True where a value is anomalous, shape (n,)
        scores (numpy.ndarray): signed deviation in standard deviations, shape (n,)
    """
    x = np.array(series, dtype=float).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or span < 2 or warm_up < 3 or good.sum() <= warm_up:
        raise ValueError(f"need a one-dimensional series of more than {max(warm_up, 3)} values")
    weight = 2 / (span + 1)
    first = x[good][:warm_up]
    mean = float(np.median(first))
    sigma = 1.4826 * float(np.median(np.abs(first - mean))) or float(first.std())
    variance = sigma**2
    scores = np.zeros(x.size)
    floor = 1e-9 * (np.abs(x[good]).max() or 1.0)
    for i in np.flatnonzero(good)[warm_up:]:
        # The floor keeps a constant signal from flagging rounding errors.
        deviation = max(np.sqrt(variance), floor)
        scores[i] = (x[i] - mean) / deviation
        step = float(np.clip(x[i] - mean, -limit * deviation, limit * deviation))
        mean += weight * step
        variance = (1 - weight) * (variance + weight * step**2)
    return np.abs(scores) > limit, scores


def check() -> None:
    """Spikes on a wandering level are flagged, little else is."""
    rng = np.random.default_rng(0)
    series = 20 + 3 * np.sin(np.arange(2000) / 200) + rng.normal(0, 0.2, 2000)
    spikes = np.array([300, 700, 701, 1500])
    series[spikes] += [3, -3, -3, 3]
    series[900:905] = np.nan
    anomalies, scores = ewma_anomaly(series, limit=5.0)
    assert anomalies[spikes].all()
    assert anomalies.sum() <= 6
    assert scores[700] < 0 < scores[300]
    assert not ewma_anomaly(np.full(50, 3))[0].any()
    assert np.flatnonzero(ewma_anomaly(np.append(np.full(50, 3), 4))[0]).tolist() == [50]
