"""Recognise the activity in new recordings: train a classifier on labelled recordings.

Use it where each recording is an array of channels by samples with one label: CSI amplitudes of
all subcarriers, accelerometer axes, microphones. The level, spread and speed of every channel, of
the whole recording and of its halves and quarters, give the features; a ridge classifier, whose
strength is chosen by leave-one-out, decides. It trains in seconds and fits small devices.

topic: edge ml
modality: time series, wifi csi, accelerometer, vibration, generic
keywords: activity recognition, train classifier, labelled recordings, multichannel, predict labels
source: H. Deng, G. Runger, E. Tuv and M. Vladimir, 2013, "A time series forest for classification and feature extraction", Information Sciences (features of intervals); A. E. Hoerl and R. W. Kennard, 1970, "Ridge regression", Technometrics
"""

import numpy as np
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def classify_recordings(
    recordings: np.ndarray, labels: np.ndarray, new_recordings: np.ndarray
) -> np.ndarray:
    """The class of each new recording.

    Inputs:
        recordings (numpy.ndarray): labelled recordings, shape (n, channels, samples) or
            (n, samples), 8 or more samples; NaN counts as the channel's mean
        labels (numpy.ndarray): class of each labelled recording (numbers or text), shape (n,)
        new_recordings (numpy.ndarray): recordings to recognise, shape (m, channels, samples) or
            (m, samples)
    Outputs:
        classes (numpy.ndarray): class of each new recording, shape (m,)
    """
    known, new, y = np.asarray(recordings), np.asarray(new_recordings), np.asarray(labels).ravel()
    if known.ndim not in (2, 3) or known.shape[-1] < 8 or known.shape[1:] != new.shape[1:]:
        raise ValueError("recordings need equal shapes (channels, samples), and 8 samples or more")
    if len(known) != y.size or np.unique(y).size < 2:
        raise ValueError("each recording needs a label, and there must be two classes or more")
    if len(new) == 0:
        return y[:0]
    model = make_pipeline(StandardScaler(), RidgeClassifierCV(np.logspace(-2, 4, 13)))
    return model.fit(_features(known), y).predict(_features(new))


def _features(recordings: np.ndarray) -> np.ndarray:
    """Mean, deviation and mean absolute change of intervals, (n, 21 * channels)."""
    x = np.array(recordings, dtype=float)
    x = x.reshape(len(x), -1, x.shape[-1])
    good = np.isfinite(x)
    total = np.where(good, x, 0).sum(axis=2, keepdims=True)
    x = np.where(good, x, total / np.maximum(good.sum(axis=2, keepdims=True), 1))
    intervals = [part for parts in (1, 2, 4) for part in np.array_split(x, parts, axis=2)]
    levels = [part.mean(axis=2) for part in intervals]
    spreads = [part.std(axis=2) for part in intervals]
    speeds = [np.abs(np.diff(part, axis=2)).mean(axis=2) for part in intervals]
    return np.hstack([*levels, *spreads, *speeds])


def check() -> None:
    """Swings early, late or fast in one of four channels are told apart; text and numbers serve."""
    rng = np.random.default_rng(0)
    t = np.arange(100) / 50
    kinds = np.array(["early", "late", "fast"])[rng.integers(0, 3, 240)]
    recordings = rng.normal(0, 0.2, (240, 4, 100))
    for recording, kind in zip(recordings, kinds, strict=True):
        swing = np.sin(2 * np.pi * ((5 if kind == "fast" else 2) * t + rng.uniform()))
        recording[1] += swing * (t > 1 if kind == "late" else t <= 1)
    recordings[3, 0, 5] = np.nan
    recordings[:, 3] = 7.0
    found = classify_recordings(recordings[:150], kinds[:150], recordings[150:])
    assert np.mean(found == kinds[150:]) > 0.9
    numbers = (kinds == "late").astype(int)
    single = classify_recordings(recordings[:150, 1], numbers[:150], recordings[150:, 1])
    assert np.mean(single == numbers[150:]) > 0.95
    column = classify_recordings(recordings[:150, 1:2], numbers[:150], recordings[150:, 1:2])
    assert np.array_equal(single, column)
    assert classify_recordings(recordings, kinds, recordings[:0]).size == 0
