import numpy as np


def check(solution):
    readings = np.array([1.0, 2.0, 4.0, 8.0])
    pictures = np.array([0.0, 1.4, 1.6, 2.0, 3.0, 3.1, 6.0, 7.0, 100.0, 5.9])
    expected = [0, 0, 1, 1, 1, 2, 2, 3, 3, 2]
    found = np.asarray(solution(pictures, readings))
    assert found.shape == (10,), f"shape {found.shape}"
    assert np.array_equal(found, expected), f"{found.tolist()} instead of {expected}"
    assert np.array_equal(solution(np.array([5.0, -5.0]), np.array([3.0])), [0, 0])
