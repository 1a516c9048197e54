"""Show targets of an FMCW radar in distance and speed: two-dimensional FFT of one frame of chirps.

Use it to tell moving people or cars from the static background. The FFT along each chirp gives
distance, the FFT across chirps the phase change per chirp and so the radial speed. Speeds beyond
wavelength / (4 chirp_interval) wrap around. Subtracting the mean over chirps removes what stands
still.

topic: rf sensing
modality: radar
keywords: fmcw, range-doppler, velocity, speed, 2d fft, radar, moving target, clutter removal, MTI
source: M. A. Richards, 2014, "Fundamentals of Radar Signal Processing", 2nd ed., McGraw-Hill
"""

import numpy as np
from scipy.signal import get_window

LIGHT = 299_792_458.0  # m/s


def range_doppler_map(
    frame: np.ndarray,
    fs: float,
    slope: float,
    carrier: float,
    chirp_interval: float,
    remove_static: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Power of one frame over distance and radial speed.

    Inputs:
        frame (numpy.ndarray): beat signal, real or complex, shape (chirps, samples), 4 x 8 or more
        fs (float): sampling rate of the beat signal in Hz
        slope (float): chirp slope in Hz/s
        carrier (float): carrier frequency in Hz
        chirp_interval (float): time from chirp to chirp in seconds
        remove_static (bool): subtract the mean over chirps
    Outputs:
        ranges (numpy.ndarray): distances in metres, shape (r,)
        speeds (numpy.ndarray): radial speeds in m/s, positive when the beat phase grows from chirp
            to chirp (a target moving away), rising, shape (chirps,)
        power (numpy.ndarray): power in dB, shape (r, chirps)
    """
    x = np.array(frame)
    x = x if np.iscomplexobj(x) else x.astype(float)
    if x.ndim != 2 or x.shape[0] < 4 or x.shape[1] < 8:
        raise ValueError(f"need a frame of at least 4 chirps x 8 samples, got {x.shape}")
    if min(fs, slope, carrier, chirp_interval) <= 0:
        raise ValueError("fs, slope, carrier and chirp_interval must be positive")
    whole = np.isfinite(x).all(axis=1, keepdims=True)
    x = np.where(whole, x, 0)  # a broken chirp adds nothing to the sum
    if remove_static:
        x = np.where(whole, x - x.sum(axis=0) / max(whole.sum(), 1), 0)
    chirps, samples = x.shape
    x = x * get_window("hann", samples) * get_window("hann", chirps)[:, None]
    by_range = np.fft.fft(x, axis=1) if np.iscomplexobj(x) else np.fft.rfft(x, axis=1)
    spectrum = np.fft.fftshift(np.fft.fft(by_range, axis=0), axes=0).T
    ranges = LIGHT * np.arange(by_range.shape[1]) * fs / samples / (2 * slope)
    doppler = np.fft.fftshift(np.fft.fftfreq(chirps, chirp_interval))
    return ranges, doppler * LIGHT / carrier / 2, 20 * np.log10(np.abs(spectrum) + 1e-12)


def check() -> None:
    """A strong wall stands still, a weak walker at 4 m moves away with 1.5 m/s."""
    fs, slope, carrier, interval = 5e6, 60e12, 77e9, 200e-6
    t = np.arange(256) / fs
    chirp = np.arange(128)[:, None] * interval
    rng = np.random.default_rng(0)

    def echo(distance: float, speed: float) -> np.ndarray:
        r = distance + speed * chirp
        return np.exp(2j * np.pi * (2 * slope * r / LIGHT * t + 2 * carrier * r / LIGHT))

    frame = 20 * echo(2.0, 0.0) + echo(4.0, 1.5) + 0.1 * rng.normal(size=(128, 256))
    ranges, speeds, power = range_doppler_map(frame, fs, slope, carrier, interval)
    r, v = np.unravel_index(np.argmax(power), power.shape)
    assert abs(ranges[r] - 2.0) < 0.05
    assert abs(speeds[v]) < 0.05
    frame[40] = np.nan
    for data in (frame, frame.real):
        ranges, speeds, power = range_doppler_map(data, fs, slope, carrier, interval, True)
        r, v = np.unravel_index(np.argmax(power), power.shape)
        assert abs(ranges[r] - 4.0) < 0.05
        assert abs(speeds[v] - 1.5) < 0.05
