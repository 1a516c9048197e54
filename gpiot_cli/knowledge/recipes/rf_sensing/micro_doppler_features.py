"""Describe a radar target's micro-Doppler signature: centroid, bandwidth and envelopes of speed.

Use it to tell walking, running, falling and gestures apart. The spectrogram of the complex
slow-time signal shows the torso's speed and the swing of the limbs around it; each time step is
summed up by weighted mean, spread and the speeds that enclose most of its power. Speeds beyond
wavelength * fs / 4 wrap. Remove static clutter (subtract the mean) first.

topic: rf sensing
modality: radar
keywords: micro-doppler, radar, gait, activity recognition, spectrogram, centroid, bandwidth
source: Y. Kim and H. Ling, 2009, "Human activity classification based on micro-Doppler signatures using a support vector machine", IEEE Trans. Geoscience and Remote Sensing
"""

import numpy as np
import pandas as pd


def micro_doppler_features(
    iq: np.ndarray, fs: float, wavelength: float, window_s: float = 0.25
) -> pd.DataFrame:
    """Speed features over time, in steps of a quarter window.

    Inputs:
        iq (numpy.ndarray): complex slow-time samples, shape (n,); NaN counts as no echo
        fs (float): samples per second
        wavelength (float): radar wavelength in metres
        window_s (float): window length in seconds; at least 8 samples, at most the signal
    Outputs:
        features (pandas.DataFrame): one row per step; time_s, power, centroid, bandwidth, lower
            and upper (5 % and 95 % of the power), speeds in m/s, 0 where there is no echo
    """
    x = np.array(iq, dtype=complex).squeeze()
    if x.ndim != 1 or x.size < 8 or not (fs > 0 and wavelength > 0 and window_s > 0):
        raise ValueError("need 8 samples, and positive fs, wavelength and window_s")
    x[~np.isfinite(x)] = 0
    length = int(np.clip(round(window_s * fs), 8, x.size))
    starts = np.arange(0, x.size - length + 1, max(length // 4, 1))
    frames = x[starts[:, None] + np.arange(length)] * np.hanning(length)
    size = 4 * 2 ** int(np.ceil(np.log2(length)))
    power = np.abs(np.fft.fftshift(np.fft.fft(frames, size, axis=1), axes=1)) ** 2
    speed = np.fft.fftshift(np.fft.fftfreq(size, 1 / fs)) * wavelength / 2
    # Bins at the noise level would pull every spread towards that of white noise.
    noise = 8 * np.median(power, axis=1, keepdims=True)
    signal = np.where(power > noise, power, 0.0)
    total = signal.sum(axis=1, keepdims=True)
    share = signal / np.where(total > 0, total, 1.0)
    centroid = share @ speed
    variance = (share * (speed - centroid[:, None]) ** 2).sum(axis=1)
    cumulative = np.cumsum(share, axis=1)
    heard = total[:, 0] > 0
    return pd.DataFrame(
        {
            "time_s": (starts + length / 2) / fs,
            "power": power.sum(axis=1) / size / length,
            "centroid": centroid,
            "bandwidth": np.sqrt(variance),
            "lower": np.where(heard, speed[np.argmax(cumulative >= 0.05, axis=1)], 0.0),
            "upper": np.where(heard, speed[np.argmax(cumulative >= 0.95, axis=1)], 0.0),
        }
    )


def check() -> None:
    """A torso at 1.2 m/s gives the centroid, a swinging limb the envelope."""
    rng = np.random.default_rng(0)
    fs, wavelength = 2000.0, 0.0125
    t = np.arange(0, 4, 1 / fs)
    noise = 0.02 * (rng.normal(size=t.size) + 1j * rng.normal(size=t.size))
    torso = np.exp(4j * np.pi * 1.2 * t / wavelength)
    table = micro_doppler_features(torso + noise, fs, wavelength)
    assert np.allclose(table.centroid, 1.2, atol=0.02)
    assert table.bandwidth.max() < 0.1
    swing = 1.2 * t - 2.0 * np.cos(2 * np.pi * t) / (2 * np.pi)  # its speed is 1.2 + 2 sin
    limb = np.exp(4j * np.pi * swing / wavelength)
    table = micro_doppler_features(torso + limb + noise, fs, wavelength, 0.1)
    assert abs(table.upper.max() - 3.2) < 0.15
    assert abs(table.lower.min() + 0.8) < 0.15
    assert np.all(micro_doppler_features(np.zeros(50), 100.0, 0.01).centroid == 0)
