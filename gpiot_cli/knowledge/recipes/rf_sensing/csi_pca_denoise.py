"""Reduce Wi-Fi CSI amplitudes of many subcarriers to a few clean motion components by PCA.

Use it as the first step of gesture, activity or breathing sensing. Body motion moves all
subcarriers together while noise does not, so the leading principal components of the centred
amplitudes carry the motion. When impulse noise of the card hits all subcarriers at once it
dominates the first component: skip it then. The sign of a component is arbitrary.

topic: rf sensing
modality: wifi csi
keywords: csi, pca, principal component analysis, denoise, subcarriers, dimension reduction, CARM
source: W. Wang et al., 2015, "Understanding and modeling of WiFi signal based human activity recognition", ACM MobiCom
"""

import numpy as np


def csi_pca_denoise(
    csi: np.ndarray, components: int = 3, skip_first: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Leading principal components of CSI amplitudes over time.

    Inputs:
        csi (numpy.ndarray): complex CSI or amplitudes, shape (packets, subcarriers) or
            (packets, antennas, subcarriers); NaN marks a missing value
        components (int): number of components wanted; fewer when there are fewer subcarriers
        skip_first (bool): leave out the first component
    Outputs:
        motion (numpy.ndarray): components over time, strongest first, shape (packets, components)
        explained (numpy.ndarray): share of the variance of each, shape (components,)
    """
    amplitude = np.abs(np.asarray(csi)).astype(float)
    if amplitude.ndim < 2 or len(amplitude) < 3:
        raise ValueError(f"need (packets, subcarriers) with 3 packets, got {amplitude.shape}")
    amplitude = amplitude.reshape(len(amplitude), -1)
    good = np.isfinite(amplitude)
    usable = good.sum(axis=0) >= 2
    if not usable.any():
        raise ValueError("no subcarrier has at least two finite values")
    packets = np.arange(len(amplitude))
    columns = [
        np.interp(packets, packets[ok], column[ok])
        for column, ok in zip(amplitude[:, usable].T, good[:, usable].T, strict=True)
    ]
    centred = np.column_stack(columns)
    centred -= centred.mean(axis=0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    energy = singular**2
    explained = energy / energy.sum() if energy.sum() > 0 else np.zeros_like(energy)
    keep = slice(int(skip_first), int(skip_first) + components)
    return (left * singular)[:, keep], explained[keep]


def check() -> None:
    """A motion shared by 30 noisy subcarriers comes out as the first component."""
    rng = np.random.default_rng(0)
    t = np.arange(400) / 50
    motion = np.sin(2 * np.pi * 0.7 * t)
    gains = rng.normal(size=30)
    csi = (20 + motion[:, None] * gains + rng.normal(0, 0.3, (400, 30))) * np.exp(
        1j * rng.uniform(0, 6, (400, 30))
    )
    csi[7, 3] = np.nan
    components, explained = csi_pca_denoise(csi)
    assert abs(np.corrcoef(components[:, 0], motion)[0, 1]) > 0.99
    assert explained[0] > 0.6
    assert explained[1] < 0.1
    second, _ = csi_pca_denoise(csi, 1, skip_first=True)
    assert np.allclose(second[:, 0], components[:, 1])
    assert np.all(csi_pca_denoise(np.full((9, 4), 5))[0] == 0)
