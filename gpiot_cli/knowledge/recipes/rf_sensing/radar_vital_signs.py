"""Measure breathing and heart rate from the phase of a radar echo off a still person's chest.

Use it on the complex slow-time signal of the chest's range bin, 15 s or more. The unwrapped phase
is the chest's movement (4 pi / wavelength per metre). Breathing is its strongest tone between 6
and 36 per minute; differentiating twice lifts the small heart beat over the harmonics of
breathing before its tone is searched between 45 and 180. Static clutter must be removed first,
and motion of the body destroys both.

topic: rf sensing
modality: radar
keywords: radar, vital signs, breathing, respiration, heart rate, chest, phase, contactless, mmWave
source: C. Li, V. M. Lubecke, O. Boric-Lubecke and J. Lin, 2013, "A review on recent advances in Doppler radar sensors for noncontact healthcare monitoring", IEEE Trans. Microwave Theory and Techniques
"""

import numpy as np


def radar_vital_signs(iq: np.ndarray, fs: float) -> tuple[float, float]:
    """Breathing and heart rate.

    Inputs:
        iq (numpy.ndarray): complex slow-time samples of one range bin, or their unwrapped phase in
            rad, shape (n,), at least 10 s; NaN marks a gap
        fs (float): samples (frames) per second, at least 8
    Outputs:
        breathing (float): breaths per minute; 0 when nothing moves
        heart (float): beats per minute; 0 when nothing moves
    """
    x = np.asarray(iq).squeeze()
    good = np.isfinite(x)
    if x.ndim != 1 or not fs >= 8 or good.sum() < 10 * fs:
        raise ValueError("need 10 s of a one-dimensional signal at 8 Hz or more")
    phase = np.unwrap(np.angle(x[good])) if np.iscomplexobj(x) else x[good].astype(float)
    index = np.arange(x.size)
    phase = np.interp(index, index[good], phase)
    trend = np.polynomial.Polynomial.fit(index, phase, 1)
    phase = phase - trend(index)
    if np.ptp(phase) < 1e-9:
        return 0.0, 0.0
    return _tone(phase, fs, 0.1, 0.6), _tone(np.diff(phase, 2), fs, 0.75, 3.0)


def _tone(signal: np.ndarray, fs: float, low: float, high: float) -> float:
    """Strongest frequency of the band per minute."""
    size = 16 * 2 ** int(np.ceil(np.log2(signal.size)))
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(signal.size), size))
    frequencies = np.fft.rfftfreq(size, 1 / fs)
    band = (frequencies >= low) & (frequencies <= high)
    return float(60 * frequencies[band][np.argmax(spectrum[band])])


def check() -> None:
    """Breathing of 4 mm with a harmonic and heart beats of 0.25 mm are both read at 60 GHz."""
    rng = np.random.default_rng(0)
    fs = 20.0
    t = np.arange(0, 40, 1 / fs)
    breath = 4e-3 * np.sin(2 * np.pi * 0.27 * t) + 0.6e-3 * np.sin(2 * np.pi * 0.54 * t + 1)
    chest = breath + 0.25e-3 * np.sin(2 * np.pi * 1.21 * t)
    iq = np.exp(4j * np.pi * chest / 5e-3) + 0.02 * rng.normal(size=(t.size, 2)) @ [1, 1j]
    iq[300] = np.nan
    breathing, heart = radar_vital_signs(iq, fs)
    assert abs(breathing - 16.2) < 0.3
    assert abs(heart - 72.6) < 1.0
    assert radar_vital_signs(np.ones(400, dtype=complex), fs) == (0.0, 0.0)
