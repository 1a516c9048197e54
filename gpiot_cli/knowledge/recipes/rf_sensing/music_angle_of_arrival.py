"""Find the directions of radio or sound sources with a uniform linear array by MUSIC.

Use it with two or more phase-synchronous antennas or microphones; it tells sources apart that are
closer than the beam width. The eigenvectors of the forward-backward averaged covariance that
belong to the noise are orthogonal to the true directions. The number of sources must be known and
below the number of antennas; fully coherent echoes need spatial smoothing.

topic: rf sensing
modality: wifi csi, radar, ble, generic
keywords: angle of arrival, AoA, direction of arrival, DoA, MUSIC, antenna array, subspace
source: R. O. Schmidt, 1986, "Multiple emitter location and signal parameter estimation", IEEE Trans. Antennas and Propagation
"""

import numpy as np
from scipy.signal import find_peaks


def music_angle_of_arrival(
    snapshots: np.ndarray, sources: int = 1, spacing: float = 0.5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Directions of narrow-band sources.

    Inputs:
        snapshots (numpy.ndarray): complex samples, shape (antennas, n); NaN samples are left out
        sources (int): number of sources, at least 1 and below the number of antennas
        spacing (float): antenna spacing in wavelengths; above 0.5 directions are ambiguous
    Outputs:
        angles (numpy.ndarray): directions from broadside in degrees, rising, up to `sources`;
            positive where the phase rises with the antenna number
        grid (numpy.ndarray): searched angles in degrees, shape (721,)
        spectrum (numpy.ndarray): MUSIC pseudo-spectrum in dB below its maximum, shape (721,)
    """
    x = np.asarray(snapshots, dtype=complex)
    if x.ndim != 2 or not 1 <= sources < x.shape[0]:
        raise ValueError("need (antennas, n) and between 1 and antennas - 1 sources")
    x = x[:, np.isfinite(x).all(axis=0)]
    if x.shape[1] == 0 or not x.any():
        raise ValueError("at least one snapshot with a signal is needed")
    covariance = x @ x.conj().T / x.shape[1]
    # Averaging with the array read backwards makes two coherent sources separable.
    covariance = (covariance + covariance[::-1, ::-1].conj()) / 2
    _, vectors = np.linalg.eigh(covariance)
    noise = vectors[:, : x.shape[0] - sources]
    grid = np.linspace(-90, 90, 721)
    antenna = np.arange(x.shape[0])[:, None]
    steering = np.exp(2j * np.pi * spacing * antenna * np.sin(np.radians(grid)))
    spectrum = 1 / np.maximum((np.abs(noise.conj().T @ steering) ** 2).sum(axis=0), 1e-12)
    spectrum = 10 * np.log10(spectrum / spectrum.max())
    peaks, _ = find_peaks(np.concatenate([[-np.inf], spectrum, [-np.inf]]))
    strongest = peaks[np.argsort(spectrum[peaks - 1])[::-1][:sources]] - 1
    return np.sort(grid[strongest]), grid, spectrum


def check() -> None:
    """Two sources 12 degrees apart, below the beam width of 8 antennas, are both found."""
    rng = np.random.default_rng(0)

    def receive(angles: list, antennas: int) -> np.ndarray:
        phase = np.outer(np.arange(antennas), np.sin(np.radians(angles)))
        symbols = rng.normal(size=(len(angles), 400)) + 1j * rng.normal(size=(len(angles), 400))
        noise = rng.normal(size=(antennas, 400)) + 1j * rng.normal(size=(antennas, 400))
        return np.exp(1j * np.pi * phase) @ symbols + 0.1 * noise

    angles, _, spectrum = music_angle_of_arrival(receive([-20, -8], 8), 2)
    assert np.allclose(angles, [-20, -8], atol=0.5)
    assert spectrum.max() == 0
    assert np.allclose(music_angle_of_arrival(receive([35], 3))[0], [35], atol=0.75)
