import numpy as np


def check(solution):
    rng = np.random.default_rng(9)
    weights = rng.normal(size=(12, 20)) * (rng.random((12, 20)) < 0.2)
    weights[[0, 5, 11]] = 0  # outputs without any weight
    bias = rng.normal(size=12)
    inputs = rng.normal(size=(7, 20))
    rows, columns = np.nonzero(weights)
    row_start = np.searchsorted(rows, np.arange(13))
    expected = np.maximum(inputs @ weights.T + bias, 0)

    def agree(*arguments, wanted):
        found = np.asarray(solution(*(np.array(a) for a in arguments)))
        assert found.shape == wanted.shape, f"shape {found.shape} instead of {wanted.shape}"
        assert np.allclose(found, wanted), "wrong activations"

    agree(weights[rows, columns], columns, row_start, bias, inputs, wanted=expected)
    agree(weights[rows, columns], columns, row_start, bias, inputs[:1], wanted=expected[:1])

    order = np.concatenate([np.arange(a, b)[::-1] for a, b in zip(row_start[:-1], row_start[1:])])
    agree(weights[rows, columns][order], columns[order], row_start, bias, inputs, wanted=expected)

    # Two entries for one place: 2 + 3 at input 1.
    agree([2.0, 3.0, 1.0], [1, 1, 0], [0, 3], [0.5], [[1.0, 10.0]], wanted=np.array([[51.5]]))
    empty = np.array([], dtype=int)
    agree(
        empty.astype(float),
        empty,
        [0, 0, 0],
        [1.0, -1.0],
        [[4.0], [5.0]],
        wanted=np.array([[1.0, 0], [1, 0]]),
    )
