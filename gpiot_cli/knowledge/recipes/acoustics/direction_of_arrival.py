"""Find the direction a sound comes from with a microphone array, by SRP-PHAT.

For each direction the phase-only cross-correlations of all microphone pairs are added at the delays
that a plane wave from there would have; the direction with the highest sum wins. Robust to echoes
and to any array shape. The source must be farther away than the array is wide; a line of
microphones cannot tell front from back.

topic: acoustics
modality: audio, ultrasound
keywords: DOA, sound source localization, microphone array, beamforming, steered response power, azimuth
source: J. H. DiBiase, 2000, A High-Accuracy, Low-Latency Technique for Talker Localization in Reverberant
    Environments Using Microphone Arrays, PhD thesis, Brown University
"""

import numpy as np


def direction_of_arrival(
    channels: np.ndarray, microphones: np.ndarray, fs: float, speed: float = 343.0
) -> tuple[float, np.ndarray]:
    """Return the azimuth of the source and the power of all directions.

    Inputs:
        channels (numpy.ndarray): sound of m microphones, shape (n, m), m at least 2
        microphones (numpy.ndarray): their positions x, y in m, shape (m, 2)
        fs (float): sampling rate in Hz
        speed (float): speed of sound in m/s
    Outputs:
        azimuth (float): degrees from the x axis, counter-clockwise, 0 to 359
        power (numpy.ndarray): steered response power at 0, 1, ... 359 degrees, shape (360,)
    """
    x = np.nan_to_num(np.array(channels, dtype=float), posinf=0, neginf=0)
    places = np.asarray(microphones, dtype=float)
    if x.ndim != 2 or x.shape[1] < 2 or places.shape != (x.shape[1], 2) or len(x) < 64:
        raise ValueError("Need channels of shape (n, m), n >= 64, and positions of shape (m, 2).")
    if not fs > 0 or not np.all(np.ptp(x, axis=0) > 0):
        raise ValueError("Need the sampling rate, and a signal in every channel.")
    spectra = np.fft.rfft(x - x.mean(axis=0), 2 * len(x), axis=0)
    angles = np.radians(np.arange(360))
    toward = np.array([np.cos(angles), np.sin(angles)])
    lead = places @ toward / speed  # how much earlier each microphone hears it, (m, 360)
    power = np.zeros(360)
    for i in range(x.shape[1]):
        for j in range(i):
            cross = spectra[:, i] * np.conj(spectra[:, j])
            magnitude = np.abs(cross)
            cross /= np.maximum(magnitude, 1e-6 * magnitude.max())
            correlation = np.fft.irfft(cross, 16 * len(x) * 2)  # delays in sixteenths of a sample
            delay = (lead[j] - lead[i]) * fs * 16
            power += correlation[np.round(delay).astype(int) % correlation.size]
    return float(power.argmax()), power


def check() -> None:
    """Recovers directions to within 2 degrees with four microphones on 10 cm."""
    rng = np.random.default_rng(0)
    fs, n = 16000, 4096
    places = 0.05 * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    source = np.fft.rfft(rng.standard_normal(n))
    f = np.fft.rfftfreq(n, 1 / fs)
    for truth in (17, 160, 301):
        toward = np.array([np.cos(np.radians(truth)), np.sin(np.radians(truth))])
        lead = places @ toward / 343
        heard = np.fft.irfft(source[:, None] * np.exp(2j * np.pi * f[:, None] * lead), n, axis=0)
        azimuth, power = direction_of_arrival(heard + rng.normal(0, 0.2, heard.shape), places, fs)
        assert abs((azimuth - truth + 180) % 360 - 180) <= 2
        assert power.shape == (360,)
