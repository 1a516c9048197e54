import numpy as np


def check(solution):
    def agree(events, expected, dark=50.0, hold=30.0):
        times = np.array([e[0] for e in events], dtype=float)
        lux = np.array([e[1] for e in events], dtype=float)
        found = [[float(a), float(b)] for a, b in solution(times, lux, dark, hold)]
        assert np.allclose(found, expected) if len(found) == len(expected) else False, (
            f"{found} instead of {expected}"
        )

    agree([], [])
    agree([(10, 5)], [[10, 40]])
    agree([(10, 80)], [])
    agree([(10, 50)], [], dark=50.0)
    agree([(10, 5), (20, 200), (45, 200)], [[10, 75]])
    agree([(10, 5), (50, 200), (60, 10)], [[10, 40], [60, 90]])
    agree([(10, 5), (40, 5)], [[10, 40], [40, 70]])
    agree([(10, 5), (40, 90)], [[10, 40]])
    agree([(45, 200), (10, 5), (100, 1), (20, 200)], [[10, 75], [100, 130]])
    agree([(10, np.nan), (39, np.nan)], [[10, 69]])
    agree([(5 * i, 10 if i == 0 else 300) for i in range(20)], [[0, 101]], hold=6.0)
