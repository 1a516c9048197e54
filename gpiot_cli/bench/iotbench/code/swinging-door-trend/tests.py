import numpy as np


def check(solution):
    def kept(times, values, tolerance):
        result = solution(np.array(times, dtype=float), np.array(values, dtype=float), tolerance)
        return [int(i) for i in result]

    t = np.arange(20.0)
    assert kept(t, np.full(20, 4.0), 0.5) == [0, 19]
    assert kept(t, 3 * t + 1, 0.5) == [0, 19]
    assert kept([0.0], [1.0], 0.5) == [0]
    assert kept([0.0, 1.0], [1.0, 9.0], 0.5) == [0, 1]
    assert kept(t, np.where(t < 10, 0, 10), 0.5) == [0, 9, 10, 19]
    assert kept(t, np.abs(t - 10), 0.1) == [0, 10, 19]
    assert kept([0, 1, 2, 3, 4], [0, 0, 5, 0, 0], 1.0) == [0, 1, 2, 3, 4]

    # The door narrows with all samples so far: slow bending ends a stretch, too.
    assert kept(t, 0.05 * t**2, 0.4) == [0, 6, 12, 18, 19]
    uneven = [0, 1, 5, 6, 20, 21]
    assert kept(uneven, [0, 1.5, 5, 6.5, 20, 10], 1.0) == [0, 4, 5]

    rng = np.random.default_rng(8)
    walk = np.cumsum(rng.normal(size=500))
    times = np.cumsum(rng.uniform(0.5, 2, 500))
    indices = kept(times, walk, 2.0)
    assert indices[0] == 0 and indices[-1] == 499
    assert 20 < len(indices) < 120, f"{len(indices)} samples kept"
    for a, b in zip(indices[:-2], indices[1:-1]):
        door = [
            (walk[a + 1 : b + 1] - walk[a] + s * 2.0) / (times[a + 1 : b + 1] - times[a])
            for s in (1, -1)
        ]
        assert door[0].min() >= door[1].max(), "the door was closed before a kept sample"
        rise, run = walk[b + 1] - walk[a], times[b + 1] - times[a]
        upper, lower = min(door[0].min(), (rise + 2) / run), max(door[1].max(), (rise - 2) / run)
        assert lower > upper, "a sample was kept although the door was still open"
