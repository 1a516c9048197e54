"""Estimate a still person's breathing rate from Wi-Fi CSI amplitudes.

Use it on 20 s or more of CSI near one person sitting or sleeping. Each subcarrier is band-passed
to 6-36 breaths per minute, the subcarriers with the clearest single rhythm are combined by their
first principal component, and the peak of its spectrum is the rate. Body motion and a second
person break it. Packets must be evenly spaced (resample them first).

topic: rf sensing
modality: wifi csi
keywords: csi, breathing rate, respiration, vital signs, sleep monitoring, subcarrier selection
source: J. Liu et al., 2015, "Tracking vital signs during sleep leveraging off-the-shelf WiFi", ACM MobiHoc
"""

import numpy as np
from scipy.signal import butter, sosfiltfilt

LOW, HIGH = 0.1, 0.6  # breathing, Hz


def csi_breathing_rate(csi: np.ndarray, fs: float) -> tuple[float, np.ndarray]:
    """Breathing rate and waveform.

    Inputs:
        csi (numpy.ndarray): complex CSI or amplitudes, shape (packets, subcarriers), at least 10 s;
            NaN marks a missing value
        fs (float): packets per second, at least 1.5
    Outputs:
        rate (float): breaths per minute; 0 when nothing moves
        waveform (numpy.ndarray): breathing movement, arbitrary sign and scale, shape (packets,)
    """
    amplitude = np.abs(np.asarray(csi)).astype(float)
    if amplitude.ndim < 2 or not fs >= 1.5 or len(amplitude) < 10 * fs:
        raise ValueError("need CSI of shape (packets, subcarriers), 10 s long, at 1.5 Hz or more")
    amplitude = amplitude.reshape(len(amplitude), -1)
    packets = np.arange(len(amplitude))
    columns = [
        np.interp(packets, packets[ok], column[ok])
        for column, ok in zip(amplitude.T, np.isfinite(amplitude).T, strict=True)
        if ok.sum() >= packets.size / 2
    ]
    if not columns:
        raise ValueError("every subcarrier misses more than half of its values")
    sos = butter(2, [LOW, HIGH], btype="bandpass", fs=fs, output="sos")
    padding = min(packets.size - 1, int(3 * fs / LOW))
    moving = sosfiltfilt(sos, np.array(columns), axis=1, padlen=padding)
    size = 8 * 2 ** int(np.ceil(np.log2(packets.size)))
    frequencies = np.fft.rfftfreq(size, 1 / fs)
    band = (frequencies >= LOW) & (frequencies <= HIGH)
    taper = np.hanning(packets.size)
    power = np.abs(np.fft.rfft(moving * taper, size)[:, band]) ** 2
    if np.abs(moving).max() <= 1e-9 * np.max(np.abs(columns)):
        return 0.0, np.zeros(packets.size)
    # A subcarrier with one clear rhythm has most of its power in one peak.
    clarity = power.max(axis=1) / np.maximum(power.sum(axis=1), 1e-300)
    chosen = moving[clarity >= np.quantile(clarity, 0.7)]
    _, _, components = np.linalg.svd(chosen, full_matrices=False)
    waveform = components[0]
    spectrum = np.abs(np.fft.rfft(waveform * taper, size)[band])
    return float(60 * frequencies[band][np.argmax(spectrum)]), waveform


def check() -> None:
    """15.6 breaths a minute are found in 30 noisy subcarriers, some of them blind."""
    rng = np.random.default_rng(0)
    fs = 20.0
    t = np.arange(0, 60, 1 / fs)
    chest = np.sin(2 * np.pi * 0.26 * t)
    gains = rng.normal(0, 0.5, 30) * (np.arange(30) % 3 > 0)
    csi = 15 + chest[:, None] * gains + rng.normal(0, 0.5, (t.size, 30))
    csi[100:110] = np.nan
    rate, waveform = csi_breathing_rate(csi, fs)
    assert abs(rate - 15.6) < 0.3
    assert abs(np.corrcoef(waveform, chest)[0, 1]) > 0.95
    assert csi_breathing_rate(np.full((300, 4), 7), fs)[0] == 0
