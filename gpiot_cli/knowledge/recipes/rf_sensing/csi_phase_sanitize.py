"""Remove the random offset and slope of Wi-Fi CSI phase that clock errors add to every packet.

Use it before any method that reads CSI phase. Sampling offset and packet detection delay turn the
phase by an angle linear in the subcarrier, carrier offset by a constant: a straight line is
fitted to each packet's unwrapped phase and subtracted. What is left is multipath only, but the
mean delay of the path is lost with the line. Subcarriers must be evenly spaced.

topic: rf sensing
modality: wifi csi
keywords: csi, phase, sanitization, calibration, carrier frequency offset, CFO, SFO, linear fit
source: S. Sen, B. Radunovic, R. R. Choudhury and T. Minka, 2012, "You are facing the Mona Lisa: spot localization using PHY layer information", ACM MobiSys
"""

import numpy as np


def csi_phase_sanitize(csi: np.ndarray) -> np.ndarray:
    """CSI phase without each packet's linear part over the subcarriers.

    Inputs:
        csi (numpy.ndarray): complex CSI, shape (packets, subcarriers), at least 3 subcarriers;
            empty (zero) subcarriers and NaN are left out of the fit
    Outputs:
        phase (numpy.ndarray): sanitised phase in rad, 0 where CSI is missing, same shape
    """
    h = np.asarray(csi)
    if h.ndim != 2 or not np.iscomplexobj(h) or h.shape[1] < 3:
        raise ValueError("CSI must be complex, of shape (packets, subcarriers), 3 subcarriers up")
    phase = np.zeros(h.shape)
    for packet, values in enumerate(h):
        used = np.flatnonzero(np.isfinite(values) & (values != 0))
        if used.size < 3:
            continue
        unwrapped = np.unwrap(np.angle(values[used]))
        index = used - used.mean()
        slope = index @ unwrapped / (index @ index)
        phase[packet, used] = unwrapped - unwrapped.mean() - slope * index
    return phase


def check() -> None:
    """The same channel seen with different clock errors gives the same phase."""
    rng = np.random.default_rng(0)
    k = np.arange(-28, 28)
    channel = 1 + 0.4 * np.exp(-2j * np.pi * k * 0.03 + 1j)
    offset = rng.uniform(-np.pi, np.pi, (50, 1))
    slope = rng.uniform(-0.5, 0.5, (50, 1))
    csi = channel * np.exp(1j * (offset + slope * k))
    csi[:, 28] = 0
    phase = csi_phase_sanitize(csi)
    truth = np.unwrap(np.angle(channel))
    used = k != 0
    truth = truth - np.polyval(np.polyfit(k[used], truth[used], 1), k)
    assert np.allclose(phase[:, used], truth[used], atol=1e-9)
    assert np.all(phase[:, 28] == 0)
    assert np.allclose(csi_phase_sanitize(np.full((2, 8), 1 + 1j)), 0.0)
