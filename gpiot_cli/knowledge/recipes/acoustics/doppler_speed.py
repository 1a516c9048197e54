"""Measure the speed of a moving reflector from the Doppler shift of a steady tone.

A loudspeaker plays a tone (often inaudible, 18-22 kHz) and a microphone hears it again from hands, people
or vehicles, shifted by 2 v f / c. Per frame, the strongest shifted component clear of the tone itself
gives the speed. Used for gestures; resolves c / (2 f T) for frames of T seconds.

topic: acoustics
modality: ultrasound, audio
keywords: Doppler, speed, gesture, motion sensing, ultrasound, velocity, hand wave, FFT
source: S. Gupta, D. Morris, S. Patel, D. Tan, 2012, SoundWave: Using the Doppler Effect to Sense
    Gestures, CHI
"""

import numpy as np


def doppler_speed(
    audio: np.ndarray, fs: float, tone: float, fastest: float = 4.0, speed: float = 343.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return times and the radial speed at them.

    Inputs:
        audio (numpy.ndarray): recorded sound, shape (n,), at least 0.1 s
        fs (float): sampling rate in Hz
        tone (float): frequency of the emitted tone in Hz, below fs / 2
        fastest (float): fastest motion in m/s that is looked for
        speed (float): speed of sound in m/s
    Outputs:
        times (numpy.ndarray): centre of each frame in s, shape (k,)
        velocities (numpy.ndarray): m/s, positive towards the microphone, 0 for none, shape (k,)
    """
    x = _clean(audio, fs, 0.1)
    widest = 2 * fastest / speed * tone
    if not widest < tone < fs / 2 - widest:
        raise ValueError("The tone and its shifts must lie between 0 and fs / 2.")
    length = round(0.1 * fs)
    hop = length // 4
    frames = np.lib.stride_tricks.sliding_window_view(x, length)[::hop]
    spectrum = np.abs(np.fft.rfft(frames * np.blackman(length), 4 * length))
    f = np.fft.rfftfreq(4 * length, 1 / fs) - tone
    near = np.abs(f) <= widest
    # the window spreads the tone itself over 3 bins of 1 / 0.1 s to either side
    clear = near & (np.abs(f) > 3.5 * fs / length)
    if not clear.any():
        raise ValueError("The fastest motion is too slow to be told from the tone.")
    shifts, power = f[clear], spectrum[:, clear] ** 2
    strongest = power.argmax(axis=1)
    background = np.median(power, axis=1)
    loudest = (spectrum[:, near] ** 2).max(axis=1)
    # an echo stands 15 dB above the background and is no window side lobe (-58 dB) of the tone
    heard = power.max(axis=1) > np.maximum(31.6 * background, 1e-5 * loudest)
    velocities = np.where(heard, speed * shifts[strongest] / (2 * tone), 0.0)
    return (np.arange(len(frames)) * hop + length / 2) / fs, velocities


def _clean(signal: np.ndarray, fs: float, seconds: float) -> np.ndarray:
    """Copy one channel as float with its gaps interpolated; raises ValueError if unusable."""
    x = np.array(signal, dtype=float).squeeze()
    if not fs > 0 or x.ndim != 1 or x.size < max(seconds * fs, 2):
        raise ValueError(f"Need one channel of at least {seconds:g} s and its sampling rate.")
    gap = ~np.isfinite(x)
    if gap.all():
        raise ValueError("The signal holds no finite sample.")
    x[gap] = np.interp(np.flatnonzero(gap), np.flatnonzero(~gap), x[~gap])
    return x


def check() -> None:
    """Sees a hand come at 1 m/s and go at 0.8 m/s, 30 dB below the tone, and nothing in between."""
    fs, tone = 48000, 20000.0
    t = np.arange(0, 3, 1 / fs)
    v = np.where(t < 1, 1.0, np.where(t < 2, 0.0, -0.8))
    phase = 2 * np.pi * np.cumsum(tone * (1 + 2 * v / 343)) / fs
    sound = np.sin(2 * np.pi * tone * t) + 0.03 * np.sin(phase) * (v != 0)
    times, found = doppler_speed(
        sound + np.random.default_rng(0).normal(0, 0.005, t.size), fs, tone
    )
    assert np.abs(found[times < 0.9] - 1).max() < 0.05
    assert np.abs(found[times > 2.1] + 0.8).max() < 0.05
    assert not found[(times > 1.1) & (times < 1.9)].any()
