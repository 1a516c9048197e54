import numpy as np


def check(solution):
    def agree(load, expected):
        cycles = solution(np.array(load, dtype=float))
        assert list(cycles.columns) == ["range", "count"], f"columns {list(cycles.columns)}"
        found = [tuple(map(float, row)) for row in cycles.to_numpy()]
        assert found == expected, f"{found} instead of {expected}"

    # The example of ASTM E1049-85, figure 6.
    astm = [-2, 1, -3, 5, -1, 3, -4, 4, -2]
    expected = [(3.0, 0.5), (4.0, 1.5), (6.0, 0.5), (8.0, 1.0), (9.0, 0.5)]
    agree(astm, expected)
    agree([-2, -1, 1, 1, 0, -3, 5, 5, 5, 2, -1, 3, -4, 0, 4, -2, -2], expected)
    agree([-x for x in astm], expected)
    agree([x + 100 for x in astm], expected)

    agree([0, 10, 0, 10, 0], [(10.0, 2.0)])
    agree([0, 10, 4, 6, 0], [(2.0, 1.0), (10.0, 1.0)])
    agree([1, 2, 3], [(2.0, 0.5)])
    agree([5, 5, 5], [])
    agree([5], [])
    agree([], [])
    nested = [0, 20, 2, 18, 4, 16, 6, 14, 0]
    agree(nested, [(8.0, 1.0), (12.0, 1.0), (16.0, 1.0), (20.0, 1.0)])
