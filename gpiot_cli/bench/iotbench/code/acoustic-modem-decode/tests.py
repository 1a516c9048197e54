import numpy as np

FS = 48_000.0
MARK, SPACE = 18_500.0, 17_500.0


def sound_of(values, baud, noise=0.3, gain=0.2):
    bits = [value >> j & 1 for value in values for j in range(8)]
    n = round(len(bits) * FS / baud)
    edges = [round(k * FS / baud) for k in range(len(bits) + 1)]
    frequency = np.repeat([MARK if bit else SPACE for bit in bits], np.diff(edges))
    phase = 2 * np.pi * np.cumsum(frequency) / FS
    rng = np.random.default_rng(sum(values))
    speech = np.sin(2 * np.pi * 300 * np.arange(n) / FS)
    return gain * (np.sin(phase) + noise * rng.normal(size=n)) + 0.1 * speech


def check(solution):
    def decoded(values, baud=200.0, cut=0, **sound):
        samples = sound_of(values, baud, **sound)
        return [int(b) for b in solution(samples[: len(samples) - cut], FS, baud, MARK, SPACE)]

    room = [3, 1, 128, 77, 206]
    assert decoded(room) == [1, 128, 77]
    long = [16, *range(90, 106), sum(range(90, 106)) % 256]
    assert decoded(long, baud=370.0) == long[1:-1], "bits of a fractional number of samples"
    assert decoded([*room, 9, 9]) == [1, 128, 77]
    assert decoded(room, gain=0.002) == [1, 128, 77]
    assert decoded([2, 200, 100, 44]) == [200, 100]
    assert decoded([2, 200, 100, 45]) == []
    assert decoded([4, 1, 2, 3]) == []
    assert decoded(room, cut=300) == [], "the last bit is not whole"
    assert decoded([0, 0]) == []
    assert list(solution(np.zeros(100), FS, 200.0, MARK, SPACE)) == []
