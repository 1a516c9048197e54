import numpy as np

# A third of a second of a walk with the phone in a front pocket, every third sample, x y z in m/s2: from
# github.com/Oxford-step-counter/DataSet, validation/user1_frontpocket, CC BY 4.0.
WALK = """
1.6 7.64 4.53, 0.04 17.99 3.53, 5.84 15.34 -0.96, -4.91 6.42 1.02, -7.0 5.65 -2.35, -1.77 7.96 -5.17,
2.14 11.69 -6.07, 4.77 13.05 -3.53, 4.77 10.99 1.59, 2.71 7.72 1.54, 1.13 6.82 1.22, 0.07 7.89 -0.12
"""


def check(solution):
    rest = [0.0, 0.0, 1.0]
    walk = [[float(item) / 9.80665 for item in row.split()] for row in WALK.split(",")]
    for rows, index, strength in (
        ([rest], 0, 1.0),
        ([rest, [3.0, 4.0, 0.0], rest], 1, 5.0),
        ([[0.0, 0.0, 4.0], [3.0, -2.0, 3.0], rest], 1, np.sqrt(22)),
        ([rest, [0.0, -7.0, 0.0], [2.0, 3.0, -6.0]], 1, 7.0),
        ([rest, rest, [-2.0, -2.0, -2.0]], 2, np.sqrt(12)),
        (walk, 1, np.sqrt(0.04**2 + 17.99**2 + 3.53**2) / 9.80665),
    ):
        found = solution(np.array(rows))
        assert found[0] == index, f"index {found[0]} instead of {index}"
        assert np.isclose(found[1], strength), f"strength {found[1]} instead of {strength}"
