"""Locate a device from its distances to known anchors by robust nonlinear least squares.

Use it with UWB, ultrasound or RSSI distances to three or more anchors (four in space). Linear
solutions, with all anchors and with each one left out, start a nonlinear fit with a soft loss,
and the best fit wins: with five anchors or more one wrong distance (a reflection) hardly matters.
Anchors on one line leave a mirror ambiguity.

topic: rf sensing
modality: rssi, ble, generic
keywords: trilateration, multilateration, positioning, anchors, UWB, localization, least squares
source: W. H. Foy, 1976, "Position-location solutions by Taylor-series estimation", IEEE Trans. Aerospace and Electronic Systems
"""

import numpy as np
from scipy.optimize import least_squares


def trilateration(anchors: np.ndarray, distances: np.ndarray) -> tuple[np.ndarray, float]:
    """Position that fits the distances best.

    Inputs:
        anchors (numpy.ndarray): anchor coordinates in metres, shape (m, 2 or 3)
        distances (numpy.ndarray): measured distances in metres, shape (m,); NaN leaves one out
    Outputs:
        position (numpy.ndarray): coordinates in metres, shape (2 or 3,)
        residual (float): median absolute misfit of the distances in metres
    """
    a, d = np.asarray(anchors, dtype=float), np.asarray(distances, dtype=float).ravel()
    if a.ndim != 2 or len(a) != d.size:
        raise ValueError(f"anchors {a.shape} and distances {d.shape} do not fit together")
    good = np.isfinite(d) & (d >= 0) & np.isfinite(a).all(axis=1)
    a, d = a[good], d[good]
    if len(a) < a.shape[1] + 1:
        raise ValueError(f"at least {a.shape[1] + 1} anchors with a distance are needed")

    def misfit(x: np.ndarray) -> np.ndarray:
        return np.linalg.norm(a - x, axis=1) - d

    starts = [_linear_solution(a, d)]
    if len(a) > a.shape[1] + 1:
        starts += [_linear_solution(np.delete(a, i, 0), np.delete(d, i)) for i in range(len(a))]
    scale = max(0.02 * float(d.mean()), 1e-6)
    fits = [least_squares(misfit, start, loss="soft_l1", f_scale=scale) for start in starts]
    best = min(fits, key=lambda fit: fit.cost).x
    return best, float(np.median(np.abs(misfit(best))))


def _linear_solution(a: np.ndarray, d: np.ndarray) -> np.ndarray:
    # |x - a|^2 = d^2, minus the mean of these equations, is linear in x.
    squares = (a**2).sum(axis=1) - d**2
    centred = 2 * (a - a.mean(axis=0))
    return np.linalg.lstsq(centred, squares - squares.mean(), rcond=None)[0]


def check() -> None:
    """Exact distances give the exact place; one wrong distance of five hardly moves it."""
    anchors = np.array([[0, 0], [10, 0], [0, 10], [10, 10], [5, 12], [-2, 5]])
    truth = np.array([3.2, 6.7])
    distances = np.linalg.norm(anchors - truth, axis=1)
    position, residual = trilateration(anchors, distances)
    assert np.allclose(position, truth, atol=1e-4)
    assert residual < 1e-4
    distances[1] += 6
    distances[5] = np.nan
    assert np.linalg.norm(trilateration(anchors, distances)[0] - truth) < 0.5
    space = np.array([[0, 0, 0], [4, 0, 3], [0, 4, 3], [4, 4, 0], [2, 2, 3]])
    point = np.array([1.0, 2.5, 1.2])
    position, _ = trilateration(space, np.linalg.norm(space - point, axis=1))
    assert np.allclose(position, point, atol=1e-4)
