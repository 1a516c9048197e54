import numpy as np


def check(solution):
    motion = np.array([0, 1, 0, 0, 1, 1, 0, 1])
    co2 = np.array([500.0, 500.0, 900.0, 500.0, 900.0, 500.0, 900.0, 900.0])
    sound = np.array([30.0, 30.0, 30.0, 55.0, 30.0, 55.0, 55.0, 55.0])
    expected = [False, False, False, False, True, True, True, True]
    found = np.asarray(solution(motion, co2, sound, 800.0, 50.0))
    assert found.shape == (8,), f"shape {found.shape}"
    assert np.array_equal(found.astype(bool), expected), f"{found.tolist()}"
    at = solution(np.array([1, 1]), np.array([800.0, 801.0]), np.array([50.0, 50.0]), 800.0, 50.0)
    assert np.array_equal(np.asarray(at).astype(bool), [False, True]), (
        "above the limits, not at them"
    )
