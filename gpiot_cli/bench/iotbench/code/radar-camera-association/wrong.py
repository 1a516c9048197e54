import numpy as np


def radar_camera_association(
    radar: np.ndarray, camera: np.ndarray, gate: float
) -> tuple[list, list, list]:
    distance, azimuth = radar[:, 0], np.radians(radar[:, 1])
    seen = np.column_stack([distance * np.sin(azimuth), distance * np.cos(azimuth)])
    apart = np.linalg.norm(seen[:, None] - camera, axis=2)
    pairs = []
    # Greedy: the nearest pair is taken first, whatever is left for the others.
    while apart.size and apart.min() < gate:
        i, j = np.unravel_index(apart.argmin(), apart.shape)
        pairs.append([int(i), int(j)])
        apart[i, :] = apart[:, j] = np.inf
    pairs.sort()
    unmatched_radar = sorted(set(range(len(radar))) - {i for i, _ in pairs})
    unmatched_camera = sorted(set(range(len(camera))) - {j for _, j in pairs})
    return pairs, unmatched_radar, unmatched_camera
