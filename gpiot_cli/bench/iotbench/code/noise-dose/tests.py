import numpy as np


def agree(result, dose, level):
    assert np.isclose(result[0], dose), f"dose {result[0]} instead of {dose}"
    assert np.isclose(result[1], level), f"level {result[1]} instead of {level}"


def check(solution):
    agree(solution(np.array([85.0]), np.array([8.0])), 100, 85)
    agree(solution(np.array([88.0]), np.array([8.0])), 200, 88)
    agree(solution(np.array([91.0, 70.0]), np.array([1.0, 7.0])), 50, 82)
    agree(
        solution(np.array([94.0, 85.0, 79.9, 80.0]), np.array([0.5, 2.0, 4.0, 1.0])),
        50 + 25 + 12.5 * 2 ** (-5 / 3),
        85 + 3 * np.log2(0.75 + 0.125 * 2 ** (-5 / 3)),
    )
    agree(solution(np.array([60.0, 79.0]), np.array([4.0, 4.0])), 0, 0)
    agree(solution(np.array([]), np.array([])), 0, 0)
