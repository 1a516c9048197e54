"""Turn steps and heading into a walked path, with step lengths from Weinberg's formula.

Each step moves the position along the heading by K (a_max - a_min)^(1/4), where a_max and a_min
are the extreme magnitudes during the step and K, about 0.45-0.5 for m/s^2, is fitted to the
person over a known distance. Errors of heading grow with the distance walked: combine with GPS,
Wi-Fi or a map for long walks.

topic: inertial
modality: imu, accelerometer
keywords: PDR, indoor positioning, step length, heading, Weinberg, path, navigation
source: H. Weinberg, 2002, Using the ADXL202 in Pedometer and Personal Navigation Applications,
    Analog Devices AN-602
"""

import numpy as np


def pedestrian_dead_reckoning(
    acceleration: np.ndarray, steps: np.ndarray, heading: np.ndarray, k: float = 0.48
) -> tuple[np.ndarray, float]:
    """Return the path and its length.

    Inputs:
        acceleration (numpy.ndarray): acceleration in m/s^2, shape (n, 3)
        steps (numpy.ndarray): position of each step in samples, ascending, shape (m,)
        heading (numpy.ndarray): walking direction in degrees clockwise from north, shape (n,)
        k (float): Weinberg's constant of the person
    Outputs:
        path (numpy.ndarray): east and north in m, from (0, 0), shape (m + 1, 2)
        distance (float): length of the path in m
    """
    size = np.linalg.norm(_vectors(acceleration), axis=1)
    angle = np.asarray(heading, dtype=float).ravel()
    at = np.unique(np.asarray(steps)[np.isfinite(steps)]).astype(int)
    if angle.size != size.size or not np.isfinite(angle).all():
        raise ValueError("Need one finite heading per acceleration sample.")
    if at.size < 1 or at[0] < 0 or at[-1] >= size.size:
        raise ValueError("Need at least one step, within the recording.")
    usual = round(float(np.median(np.diff(at)))) if at.size > 1 else size.size
    moves = []
    for start, end in zip(np.concatenate([[at[0] - usual], at[:-1]]), at, strict=True):
        # after a pause only the last part belongs to the step
        first = max(0, start, end - 2 * usual)
        during = size[first : end + 1]
        length = k * float(np.ptp(during)) ** 0.25
        direction = np.radians(angle[first : end + 1])
        toward = np.arctan2(np.sin(direction).mean(), np.cos(direction).mean())
        moves.append([length * np.sin(toward), length * np.cos(toward)])
    path = np.vstack([[0.0, 0.0], np.cumsum(moves, axis=0)])
    return path, float(np.linalg.norm(moves, axis=1).sum())


def _vectors(data: np.ndarray) -> np.ndarray:
    """Copy three axes as float with their gaps interpolated; raises ValueError if unusable."""
    x = np.array(data, dtype=float)
    if x.ndim != 2 or x.shape[1] != 3 or len(x) < 2 or not np.isfinite(x).any(axis=0).all():
        raise ValueError("Need three axes with finite samples, in an array of shape (n, 3).")
    for axis in x.T:
        gap = ~np.isfinite(axis)
        axis[gap] = np.interp(np.flatnonzero(gap), np.flatnonzero(~gap), axis[~gap])
    return x


def check() -> None:
    """Twenty steps north and twenty east end at equal distances north and east."""
    fs = 50
    t = np.arange(0, 20.5, 1 / fs)
    a = np.column_stack([0 * t, 0 * t, 9.81 + 3 * np.cos(2 * np.pi * 2 * t)])
    steps = np.arange(25, 1025, 25)
    heading = np.where(np.arange(t.size) <= 500, 0.0, 90.0)
    path, distance = pedestrian_dead_reckoning(a, steps, heading)
    length = 0.48 * 6**0.25
    assert abs(distance - 40 * length) < 0.1
    assert np.abs(path[-1] - 20 * length).max() < 0.1
    assert path.shape == (41, 2)
