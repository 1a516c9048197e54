"""Fuse several noisy sensors of one quantity into the best estimate with a Kalman filter.

Use it when two or more thermometers, distance or level sensors see the same thing. Each reading
enters with the weight its variance deserves; between samples the quantity may drift by
`drift_variance`. Missing readings (NaN) are skipped, so sensors may fail or report at different
rates. It assumes no common bias: calibrate first.

topic: control
modality: generic, temperature, humidity
keywords: sensor fusion, kalman filter, redundant sensors, weighted average, inverse variance
source: P. S. Maybeck, 1979, "Stochastic Models, Estimation, and Control", volume 1, Academic Press, chapter 1
"""

import numpy as np


def kalman_sensor_fusion(
    readings: np.ndarray, variances: np.ndarray, drift_variance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Fused value after each sample.

    Inputs:
        readings (numpy.ndarray): one column per sensor, shape (n, sensors); NaN marks a missing one
        variances (numpy.ndarray): noise variance of each sensor, above 0, shape (sensors,)
        drift_variance (float): variance of the true change from sample to sample, 0 or more
    Outputs:
        estimate (numpy.ndarray): fused values, NaN before the first reading, shape (n,)
        variance (numpy.ndarray): variance of the estimate, infinite before it, shape (n,)
    """
    z, r = np.asarray(readings, dtype=float), np.asarray(variances, dtype=float).ravel()
    if z.ndim != 2 or z.shape[1] != r.size or not np.all(r > 0) or not drift_variance >= 0:
        raise ValueError("need (n, sensors), one positive variance each, and no negative drift")
    if not np.isfinite(z).any():
        raise ValueError("there is no finite reading")
    estimate, variance = np.empty(len(z)), np.empty(len(z))
    value, spread = 0.0, np.inf
    for i, row in enumerate(z):
        spread += drift_variance
        seen = np.isfinite(row)
        # In terms of information (inverse variance) all sensors of a sample simply add up.
        information = 1 / spread + np.sum(1 / r[seen])
        if seen.any():
            value = (value / spread + np.sum(row[seen] / r[seen])) / information
            spread = 1 / information
        estimate[i] = value if np.isfinite(spread) else np.nan
        variance[i] = spread
    return estimate, variance


def check() -> None:
    """Constant truth gives the inverse-variance mean; drift is followed with the stated error."""
    rng = np.random.default_rng(0)
    readings = 21 + rng.normal(0, [0.5, 2.0], (200, 2))
    estimate, variance = kalman_sensor_fusion(readings, np.array([0.25, 4.0]), 0.0)
    weights = np.array([4.0, 0.25])
    assert np.isclose(estimate[-1], readings.mean(axis=0) @ weights / 4.25)
    assert np.isclose(variance[-1], 1 / (200 * 4.25))
    truth = np.cumsum(rng.normal(0, 0.1, 5000))
    readings = truth[:, None] + rng.normal(0, [0.5, 1.0], (5000, 2))
    readings[rng.random((5000, 2)) < 0.3] = np.nan
    estimate, variance = kalman_sensor_fusion(readings, np.array([0.25, 1.0]), 0.01)
    error = (estimate - truth)[50:] ** 2
    assert abs(error.mean() / variance[50:].mean() - 1) < 0.15
    late = kalman_sensor_fusion(np.array([[np.nan], [3.0]]), np.array([1.0]), 0.1)[0]
    assert np.isnan(late[0])
    assert late[1] == 3.0
