import numpy as np


def agree(result, total, days):
    assert abs(result[0] - total) < 1e-6, f"{result[0]} degree days instead of {total}"
    assert result[1] == days, f"{result[1]} days instead of {days}"


def check(solution):
    agree(solution(np.full(24, 5.0)), 15.0, 1)
    agree(solution(np.full(24, 16.0)), 0.0, 1)
    agree(solution(np.full(24, 14.5)), 5.5, 1)
    agree(solution(np.full(24, 15.0)), 0.0, 1)
    mixed = np.concatenate(
        [np.full(24, -10.0), np.full(12, 5.0), np.full(12, 15.0), np.full(24, 19.0)]
    )
    agree(solution(mixed.copy()), 40.0, 3)
    agree(solution(np.append(mixed, np.zeros(23))), 40.0, 3)

    gaps = mixed.copy()
    gaps[:6] = np.nan  # 18 values are left
    gaps[24:31] = np.nan  # 17 values are left
    agree(solution(gaps), 30.0, 2)
    uneven = mixed.copy()
    uneven[24:30] = np.nan  # six cold hours are missing from the day's mean
    agree(solution(uneven), 30 + 20 - (6 * 5 + 12 * 15) / 18, 3)
    agree(solution(np.zeros(20)), 0.0, 0)
