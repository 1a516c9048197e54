import numpy as np


def check(solution):
    quiet = np.full(15, 50.0)
    three, four = quiet.copy(), quiet.copy()
    three[[0, 7, 14]] = 70.0
    four[[1, 2, 3, 14]] = 61.0

    def found(*quarters, limit=60.0):
        return [int(q) for q in solution(np.concatenate(quarters), limit)]

    assert found(quiet) == []
    assert found(three) == [], "3 are not more than 3"
    assert found(quiet, four, three, four) == [1, 3]
    assert found(four, np.full(14, 90.0)) == [0], "the last quarter is incomplete"
    assert found(four, limit=61.0) == [], "above the limit, not at it"
    assert found(np.array([])) == []
