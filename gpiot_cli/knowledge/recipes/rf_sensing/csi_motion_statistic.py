"""Detect human motion from Wi-Fi CSI by how much of the channel's change is smooth in time.

Use it for presence and intrusion detection without training. Motion changes the channel power
smoothly, receiver noise does not, so the autocorrelation at a lag of one packet, averaged over
subcarriers, is near 0 in an empty room and rises to 1 with motion. It needs fast, evenly spaced
packets (30 per second or more) and does not see a person who keeps perfectly still.

topic: rf sensing
modality: wifi csi, occupancy
keywords: csi, motion detection, presence, occupancy, intrusion, autocorrelation, WiDetect
source: F. Zhang, C. Wu, B. Wang, H.-Q. Lai, Y. Han and K. J. R. Liu, 2019, "WiDetect: robust motion detection with a statistical electromagnetic model", Proc. ACM IMWUT
"""

import numpy as np


def csi_motion_statistic(
    csi: np.ndarray, fs: float, window_s: float = 2.0, threshold: float = 0.25
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Motion statistic and decision for windows overlapping by half.

    Inputs:
        csi (numpy.ndarray): complex CSI or amplitudes, shape (packets, subcarriers); NaN marks
            a missing value
        fs (float): packets per second
        window_s (float): window length in seconds, at least 8 packets
        threshold (float): statistic above which there is motion, 0 to 1
    Outputs:
        times (numpy.ndarray): centre of each window in seconds, shape (w,)
        statistic (numpy.ndarray): mean lag-one autocorrelation, -1 to 1, shape (w,)
        motion (numpy.ndarray): True where the statistic exceeds the threshold, shape (w,)
    """
    power = np.abs(np.asarray(csi)).astype(float) ** 2
    length = round(window_s * fs)
    if power.ndim < 2 or length < 8 or len(power) < length:
        raise ValueError("need (packets, subcarriers) with a window of at least 8 packets in it")
    power = power.reshape(len(power), -1)
    starts = np.arange(0, len(power) - length + 1, max(length // 2, 1))
    statistic = np.zeros(starts.size)
    for i, start in enumerate(starts):
        window = power[start : start + length]
        good = np.isfinite(window)
        number = np.maximum(good.sum(axis=0), 1)
        mean = np.where(good, window, 0).sum(axis=0) / number
        # A missing packet counts as the mean: it adds nothing to the correlation.
        centred = np.where(good, window - mean, 0.0)
        variance = (centred**2).sum(axis=0)
        moving = variance > 1e-18 * np.maximum(mean, 1e-150) ** 2
        covariance = (centred[1:] * centred[:-1]).sum(axis=0)
        if moving.any():
            statistic[i] = np.mean(covariance[moving] / variance[moving])
    return (starts + length / 2) / fs, statistic, statistic > threshold


def check() -> None:
    """Noise alone is still, a walk in the second half is seen there."""
    rng = np.random.default_rng(0)
    fs = 100.0
    t = np.arange(0, 40, 1 / fs)
    walking = (t > 20)[:, None] * np.sin(
        2 * np.pi * rng.uniform(1, 8, 30) * t[:, None] + rng.uniform(0, 6, 30)
    )
    csi = 10 + 0.5 * walking + rng.normal(0, 0.3, (t.size, 30))
    csi[50] = np.nan
    times, statistic, motion = csi_motion_statistic(csi, fs)
    assert not motion[times < 18.9].any()
    assert motion[times > 21].all()
    assert abs(statistic[times < 18.9].mean()) < 0.05
    assert not csi_motion_statistic(np.full((300, 4), 3), fs)[2].any()
