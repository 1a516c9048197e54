import numpy as np


def check(solution):
    systolic = np.array([120.0, 90.0, 75.0, 80.0, 150.0])
    diastolic = np.array([80.0, 60.0, 60.0, 50.0, 90.0])
    pressure, low = solution(systolic, diastolic)
    assert np.allclose(pressure, [280 / 3, 70, 65, 60, 110]), f"pressure {pressure}"
    assert low == 1, f"{low} low ones instead of 1"
    pressure, low = solution(np.array([81.0, 82.5]), np.array([51.0, 55.5]))
    assert np.allclose(pressure, [61.0, 64.5]), f"pressure {pressure}"
    assert low == 2, f"{low} low ones instead of 2"
