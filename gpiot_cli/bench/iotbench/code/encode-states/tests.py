import numpy as np


def check(solution):
    known = ["off", "heat", "cool"]
    matrix = np.asarray(solution(["heat", "off", "defrost", "cool", "heat"], known))
    expected = [[0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert matrix.shape == (5, 3), f"shape {matrix.shape}"
    assert np.array_equal(matrix, expected), f"{matrix.tolist()}"
    assert np.array_equal(solution(["b"], ["b", "a"]), [[1, 0]]), (
        "columns are in the order of known"
    )
    assert np.array_equal(solution(["x"], ["b", "a"]), [[0, 0]])
