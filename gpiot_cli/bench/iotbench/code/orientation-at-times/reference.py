import numpy as np
from scipy.spatial.transform import Rotation, Slerp


def orientation_at_times(
    times: np.ndarray, quaternions: np.ndarray, frame_times: np.ndarray
) -> np.ndarray:
    samples = Rotation.from_quat(np.roll(quaternions, -1, axis=1))
    clamped = np.clip(frame_times, times[0], times[-1])
    result = np.roll(Slerp(times, samples)(clamped).as_quat(), 1, axis=1)
    return np.where(result[:, :1] < 0, -result, result)
