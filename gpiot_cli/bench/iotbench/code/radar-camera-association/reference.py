import numpy as np
from scipy.optimize import linear_sum_assignment


def radar_camera_association(
    radar: np.ndarray, camera: np.ndarray, gate: float
) -> tuple[list, list, list]:
    distance, azimuth = radar[:, 0], np.radians(radar[:, 1])
    seen = np.column_stack([distance * np.sin(azimuth), distance * np.cos(azimuth)])
    apart = np.linalg.norm(seen[:, None] - camera, axis=2)
    # A pair that is too far apart costs as much as staying alone, and is dropped afterwards.
    rows, columns = linear_sum_assignment(np.minimum(apart, gate))
    pairs = [[int(i), int(j)] for i, j in zip(rows, columns) if apart[i, j] < gate]
    unmatched_radar = sorted(set(range(len(radar))) - {i for i, _ in pairs})
    unmatched_camera = sorted(set(range(len(camera))) - {j for _, j in pairs})
    return pairs, unmatched_radar, unmatched_camera
