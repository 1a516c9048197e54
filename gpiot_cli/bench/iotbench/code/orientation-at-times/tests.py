import numpy as np
from scipy.spatial.transform import Rotation


def quaternions(rotation):
    q = np.roll(rotation.as_quat(), 1, axis=1)
    return np.where(q[:, :1] < 0, -q, q)


def check(solution):
    times = np.array([0.0, 0.1, 0.35, 0.4, 1.0])
    angles = np.array([0.0, 20.0, 70.0, 80.0, 200.0])  # a steady 200 degrees a second
    axis = np.array([0.36, 0.48, 0.8])

    def turned(degrees):
        return quaternions(Rotation.from_rotvec(np.radians(np.atleast_1d(degrees))[:, None] * axis))

    frames = np.array([0.85, 0.05, 0.2, 0.4, 0.77, 0.0])
    samples = turned(angles)
    result = solution(times.copy(), samples.copy(), frames.copy())
    assert np.shape(result) == (6, 4)
    assert np.allclose(result, turned(200 * frames), atol=1e-6), "steady turning must stay steady"
    assert np.allclose(np.linalg.norm(result, axis=1), 1, atol=1e-9)

    signs = np.array([[1], [-1], [-1], [1], [-1]])
    flipped = solution(times, samples * signs, frames)
    assert np.allclose(flipped, turned(200 * frames), atol=1e-6), "-q is the same orientation as q"

    outside = solution(times, samples, np.array([-5.0, 1.0, 7.0]))
    assert np.allclose(outside, turned([0.0, 200.0, 200.0]), atol=1e-6)

    still = solution(
        np.array([0.0, 1.0]), np.array([[0.6, 0, 0.8, 0], [0.6, 0, 0.8, 0]]), np.array([0.3])
    )
    assert np.allclose(still, [[0.6, 0, 0.8, 0]], atol=1e-9), "equal neighbours must not give NaN"
