import numpy as np


def orientation_at_times(
    times: np.ndarray, quaternions: np.ndarray, frame_times: np.ndarray
) -> np.ndarray:
    # Components are interpolated one by one: neither steady nor safe from changes of sign.
    columns = [np.interp(frame_times, times, quaternions[:, i]) for i in range(4)]
    result = np.column_stack(columns)
    result /= np.linalg.norm(result, axis=1, keepdims=True)
    return np.where(result[:, :1] < 0, -result, result)
