import numpy as np


def check(solution):
    def run(block, coefficients, state):
        arrays = [np.array(a, dtype=np.int16) for a in (block, coefficients, state)]
        filtered, new_state = solution(*arrays)
        assert np.asarray(filtered).dtype == np.int16, f"dtype {np.asarray(filtered).dtype}"
        return list(map(int, filtered)), list(map(int, new_state))

    assert run([100, 200, 300], [16384], []) == ([50, 100, 150], [])
    assert run([8, 0, 0, 0], [16384, 8192, 4096], [0, 0]) == ([4, 2, 1, 0], [0, 0])
    assert run([0, 0, 5], [16384, 8192, 4096], [16, 8]) == ([4, 1, 3], [0, 5])
    assert run([7], [0, 0, 32767], [1000, 2000]) == ([1000], [2000, 7])
    assert run([1, -1, 3, -3], [16384], []) == ([1, 0, 2, -1], []), "halves round up"
    assert run([32767, 32767], [32767, 32767], [0]) == ([32766, 32767], [32767]), "limited above"
    assert run([-32768, -32768], [32767, 32767], [0])[0] == [-32767, -32768], "limited below"
    assert run([-32768], [-32768], []) == ([32767], [])
    assert run([], [1, 2, 3], [4, 5]) == ([], [4, 5])

    rng = np.random.default_rng(12)
    signal = rng.integers(-32768, 32768, 100)
    coefficients = rng.integers(-9000, 9000, 16)
    whole, _ = run(signal, coefficients, np.zeros(15))
    exact = np.convolve(signal, coefficients)[:100]
    assert whole == [min(32767, max(-32768, (int(v) + 16384) >> 15)) for v in exact]

    parts, state = [], np.zeros(15)
    for start, end in ((0, 3), (3, 40), (40, 41), (41, 100)):
        filtered, state = run(signal[start:end], coefficients, state)
        parts += filtered
    assert parts == whole, "block by block it must give the same"
