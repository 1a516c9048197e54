import numpy as np


def check(solution):
    g = 9.80665
    poses = np.zeros((6, 3))
    for axis in range(3):
        poses[2 * axis, axis] = g
        poses[2 * axis + 1, axis] = -g

    offset, scale = solution(poses.copy())
    assert np.allclose(offset, 0) and np.allclose(scale, 1)

    true_offset = np.array([0.3, -0.15, 0.05])
    true_scale = np.array([1.02, 0.97, 1.1])
    readings = poses * true_scale + true_offset
    # A board that lies slightly askew disturbs the axes that point sideways.
    readings[0, 1:] += 0.4
    readings[5, :2] -= 0.7
    offset, scale = solution(readings.copy())
    assert np.shape(offset) == (3,) and np.shape(scale) == (3,)
    assert np.allclose(offset, true_offset, atol=1e-9), f"offset {offset}"
    assert np.allclose(scale, true_scale, atol=1e-9), f"scale {scale}"
