import numpy as np


def check(solution):
    probabilities = np.array(
        [[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6], [0.25, 0.5, 0.25], [0.0, 0.0, 1.0]]
    )
    labels = ["fox", "deer", "empty"]
    found = list(solution(probabilities.copy(), labels, 0.5))
    assert found == ["fox", "unknown", "empty", "deer", "empty"], f"{found}"
    found = list(solution(probabilities.copy(), labels, 0.65))
    assert found == ["fox", "unknown", "unknown", "unknown", "empty"], f"{found}"
    assert list(solution(np.array([[0.9]]), ["bird"], 0.5)) == ["bird"]
