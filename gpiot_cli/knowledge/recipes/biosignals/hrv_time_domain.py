"""Compute the time-domain measures of heart-rate variability: SDNN, RMSSD, pNN50.

For the beats of five minutes or more, from ECG or (less exactly) PPG. Intervals outside 0.3-2 s or
more than 20 % away from the median of their neighbours are left out, and differences are taken only
between neighbours that were both kept. RMSSD and pNN50 follow vagal tone; SDNN grows with the
length of the recording, so compare equal lengths only.

topic: biosignals
modality: ecg, ppg
keywords: HRV, heart rate variability, SDNN, RMSSD, pNN50, stress, vagal tone, NN interval
source: Task Force of the ESC and NASPE, 1996, Heart rate variability: standards of measurement,
    physiological interpretation and clinical use, Circulation
"""

import numpy as np
from scipy.ndimage import median_filter


def hrv_time_domain(r_peaks: np.ndarray, fs: float) -> dict[str, float]:
    """Return the time-domain measures.

    Inputs:
        r_peaks (numpy.ndarray): beat positions in samples, shape (k,), at least 10 beats
        fs (float): sampling rate in Hz
    Outputs:
        measures (dict): mean_hr (1/min), mean_nn, sdnn and rmssd (ms), pnn50 (%), and kept, the
            share of intervals used (0 to 1)
    """
    beats = np.unique(np.asarray(r_peaks, dtype=float)[np.isfinite(r_peaks)])
    if not fs > 0 or beats.size < 10:
        raise ValueError("Need at least ten beats and the sampling rate.")
    rr = 1000 * np.diff(beats) / fs
    usual = median_filter(rr, 9, mode="nearest")
    normal = (rr > 300) & (rr < 2000) & (np.abs(rr - usual) < 0.2 * usual)
    steps = np.diff(rr)[normal[1:] & normal[:-1]]
    if normal.sum() < 5 or steps.size < 3:
        raise ValueError("Too few normal beats are left for heart-rate variability.")
    nn = rr[normal]
    return {
        "mean_hr": float(60000 / nn.mean()),
        "mean_nn": float(nn.mean()),
        "sdnn": float(nn.std(ddof=1)),
        "rmssd": float(np.sqrt(np.mean(steps**2))),
        "pnn50": float(100 * np.mean(np.abs(steps) > 50)),
        "kept": float(normal.mean()),
    }


def check() -> None:
    """Intervals that alternate between 770 and 830 ms have measures known exactly."""
    rr = np.tile([0.77, 0.83], 100)
    r_peaks = np.round(1000 * np.cumsum(rr))
    found = hrv_time_domain(r_peaks, 1000)
    assert abs(found["rmssd"] - 60) < 1e-6
    assert found["pnn50"] == 100
    assert abs(found["sdnn"] - 30) < 0.2
    assert abs(found["mean_hr"] - 75) < 0.1
    noise = np.random.default_rng(0).normal(0.8, 0.02, 400)
    found = hrv_time_domain(1000 * np.cumsum(noise), 1000)
    assert abs(found["sdnn"] - 20) < 2
    assert abs(found["rmssd"] - 20 * np.sqrt(2)) < 3
