import numpy as np


def check(solution):
    def agree(times, values, expected, tolerance=0.125, min_s=300.0, max_gap=120.0):
        result = solution(
            np.array(times, dtype=float), np.array(values, dtype=float), tolerance, min_s, max_gap
        )
        found = [[float(a), float(b)] for a, b in result]
        assert found == expected, f"{found} instead of {expected}"

    times = 60.0 * np.arange(40)
    moving = 20 + np.arange(40.0)
    agree(times, moving, [])
    agree([], [], [])
    agree(times, np.full(40, 3.0), [[0.0, 2340.0]])

    stuck = moving.copy()
    stuck[10:16] = [7, 7.125, 7, 7.0625, 7.125, 7]  # six samples last exactly 300 s
    stuck[20:25] = 7  # 240 s
    stuck[30:] = 5
    agree(times, stuck, [[600.0, 900.0], [1800.0, 2340.0]])
    agree(times, stuck, [[1800.0, 2340.0]], tolerance=0.1)
    agree(times, stuck, [[600.0, 900.0], [1200.0, 1440.0], [1800.0, 2340.0]], min_s=240.0)

    ramp = 0.0625 * np.arange(40)  # slow change: each step is small, the sum is not
    agree(times, ramp, [])
    agree(
        times,
        ramp,
        [[240.0 * k, 240.0 * k + 180] for k in range(10)],
        tolerance=0.1875,
        min_s=180.0,
    )

    lost = np.full(40, 3.0)
    lost[8] = np.nan
    agree(times, lost, [[0.0, 420.0], [540.0, 2340.0]])
    gap = times.copy()
    gap[20:] += 61
    agree(gap, np.full(40, 3.0), [[0.0, 1140.0], [1261.0, 2401.0]])
    agree(times, np.full(40, np.nan), [])

    # A beginning that fails must not skip the samples after it.
    late = moving.copy()
    late[9:] = 50.125
    late[9] = 50.0
    late[12] = 50.25
    agree(times, late, [[600.0, 2340.0]])
