import numpy as np


def check(solution):
    rest = [0.0, 0.0, 1.0]
    for rows, index, strength in (
        ([rest], 0, 1.0),
        ([rest, [3.0, 4.0, 0.0], rest], 1, 5.0),
        ([[0.0, 0.0, 4.0], [3.0, -2.0, 3.0], rest], 1, np.sqrt(22)),
        ([rest, [0.0, -7.0, 0.0], [2.0, 3.0, -6.0]], 1, 7.0),
        ([rest, rest, [-2.0, -2.0, -2.0]], 2, np.sqrt(12)),
    ):
        found = solution(np.array(rows))
        assert found[0] == index, f"index {found[0]} instead of {index}"
        assert np.isclose(found[1], strength), f"strength {found[1]} instead of {strength}"
