import numpy as np


def expected_of(inputs, weights, bias, input_zero, output_zero, multiplier, shift, relu):
    """The same with Python's integers, which have no size."""
    rows = []
    for row in inputs.tolist():
        outputs = []
        for o, weight in enumerate(weights.tolist()):
            total = int(bias[o]) + sum((x - input_zero) * w for x, w in zip(row, weight))
            places = 31 + int(shift[o])
            value = (total * int(multiplier[o]) + 2 ** (places - 1)) // 2**places + output_zero
            outputs.append(min(127, max(output_zero if relu else -128, value)))
        rows.append(outputs)
    return np.array(rows)


def check(solution):
    rng = np.random.default_rng(11)

    def agree(*arguments):
        wanted = expected_of(*arguments)
        copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        found = np.asarray(solution(*copies))
        assert found.dtype == np.int8, f"dtype {found.dtype}"
        assert found.shape == wanted.shape, f"shape {found.shape}"
        differing = np.sum(found != wanted)
        assert differing == 0, f"{differing} of {wanted.size} outputs differ"

    for relu in (False, True):
        agree(
            rng.integers(-128, 128, (6, 40)).astype(np.int8),
            rng.integers(-128, 128, (9, 40)).astype(np.int8),
            rng.integers(-20_000, 20_000, 9).astype(np.int32),
            -128,
            -10,
            rng.integers(2**30, 2**31, 9).astype(np.int32),
            rng.integers(6, 12, 9).astype(np.int32),
            relu,
        )

    # Halves go up: with multiplier 2**30 and shift 0 the accumulator is halved.
    ones = np.ones((1, 1), dtype=np.int8)
    for odd in (-7, -5, -1, 1, 3, 5):
        agree(
            ones,
            ones,
            np.array([odd - 1], dtype=np.int32),
            0,
            0,
            np.array([2**30], dtype=np.int32),
            np.array([0], dtype=np.int32),
            False,
        )

    # An accumulator near the end of 32 bits.
    agree(
        np.full((1, 2), 127, np.int8),
        np.full((1, 2), 127, np.int8),
        np.array([2**31 - 2], dtype=np.int32),
        -128,
        3,
        np.array([2**31 - 1], dtype=np.int32),
        np.array([20], dtype=np.int32),
        False,
    )
