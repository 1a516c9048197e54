"""Turn beat positions into intervals and a heart-rate curve, with implausible beats corrected.

For R-peaks of an ECG or systolic peaks of a PPG. Intervals outside 0.3-2 s, or more than 20 % off
the median of their neighbours, come from missed, extra or ectopic beats; the heart rate there is
interpolated from the intervals around them. In atrial fibrillation the 20 % rule removes true
beats: use the raw intervals then.

topic: biosignals
modality: ecg, ppg
keywords: heart rate, bpm, RR interval, tachogram, ectopic beat correction, pulse rate
source: M. Malik et al., 1989, Heart rate variability in relation to prognosis after myocardial
    infarction (the 20 % filter), European Heart Journal
"""

import numpy as np
from scipy.ndimage import median_filter


def heart_rate_from_peaks(
    peaks: np.ndarray, fs: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return beat times, intervals, heart rates and the mean heart rate.

    Inputs:
        peaks (numpy.ndarray): beat positions in samples, shape (k,), at least 3 beats
        fs (float): sampling rate in Hz
    Outputs:
        times (numpy.ndarray): time of the end of each interval in s, shape (k - 1,)
        intervals (numpy.ndarray): raw beat-to-beat intervals in s, shape (k - 1,)
        heart_rates (numpy.ndarray): corrected heart rate in beats per minute, shape (k - 1,)
        mean_heart_rate (float): beats per minute over the plausible intervals
    """
    beats = np.unique(np.asarray(peaks, dtype=float)[np.isfinite(peaks)])
    if not fs > 0 or beats.size < 3:
        raise ValueError("Need at least three beats and the sampling rate.")
    times = beats[1:] / fs
    intervals = np.diff(beats) / fs
    usual = median_filter(intervals, 9, mode="nearest")
    good = (intervals > 0.3) & (intervals < 2) & (np.abs(intervals - usual) < 0.2 * usual)
    if not good.any():
        raise ValueError("No interval between beats is plausible (0.3 to 2 s and steady).")
    corrected = np.interp(times, times[good], intervals[good])
    return times, intervals, 60 / corrected, float(60 / intervals[good].mean())


def check() -> None:
    """A missed and an extra beat do not change the 75 bpm that the others show."""
    beats = np.arange(0, 40) * 0.8 * 250
    wrong = np.sort(np.append(np.delete(beats, 20), 10.4 * 0.8 * 250))
    times, intervals, rates, mean = heart_rate_from_peaks(wrong, 250)
    assert np.allclose(rates, 75)
    assert abs(mean - 75) < 1e-9
    assert abs(intervals.max() - 1.6) < 1e-9
    assert times.size == intervals.size == 39
