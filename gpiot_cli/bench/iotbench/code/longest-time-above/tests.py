import numpy as np


def check(solution):
    for temperatures, longest in (
        ([1.0, 9.0, 9.0, 1.0, 9.0], 20.0),
        ([9.0, 1.0, 9.0, 9.0, 9.0], 30.0),
        ([1.0, 2.0, 8.0], 0.0),
        ([8.1], 10.0),
        ([9.0, 9.0, 8.0, 9.0], 20.0),
        ([], 0.0),
        ([9.0] * 12, 120.0),
    ):
        found = solution(np.array(temperatures), 8.0, 10.0)
        assert abs(found - longest) < 1e-9, f"{found} min instead of {longest} for {temperatures}"
    assert abs(solution(np.array([5.0, 5.0]), 0.0, 2.5) - 5.0) < 1e-9
