import numpy as np

# A beat of record 119 of the MIT-BIH Arrhythmia Database (physionet.org/content/mitdb/1.0.0), 80 samples
# at 360 Hz in steps of 5 uV. Open Data Commons Attribution License v1.0.
BEAT = """
-197 -196 -200 -199 -204 -207 -206 -207 -206 -206 -207 -202 -200 -198 -199 -199 -203 -205 -212 -218
-216 -209 -193 -160 -115 -54 17 91 156 206 229 228 198 137 48 -60 -151 -208 -223 -207 -184 -163 -154
-158 -174 -183 -196 -200 -201 -201 -201 -203 -204 -208 -206 -208 -212 -209 -211 -209 -210 -209 -206
-205 -209 -211 -213 -214 -212 -211 -211 -210 -209 -205 -209 -213 -213 -212 -214 -216
"""


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
    check_doors(times, walk, 2.0, kept(times, walk, 2.0), fewest=20, most=120)
    beat = np.array([int(step) for step in BEAT.split()]) * 0.005
    times = np.arange(beat.size) / 360
    check_doors(times, beat, 0.04, kept(times, beat, 0.04), fewest=8, most=30)


def check_doors(times, values, width, indices, fewest, most):
    """Every door was open up to the sample that is kept, and closed by the one after it."""
    assert indices[0] == 0 and indices[-1] == len(values) - 1
    assert fewest < len(indices) < most, f"{len(indices)} samples kept"
    for a, b in zip(indices[:-2], indices[1:-1]):
        door = [
            (values[a + 1 : b + 1] - values[a] + s * width) / (times[a + 1 : b + 1] - times[a])
            for s in (1, -1)
        ]
        assert door[0].min() >= door[1].max(), "the door was closed before a kept sample"
        rise, run = values[b + 1] - values[a], times[b + 1] - times[a]
        upper = min(door[0].min(), (rise + width) / run)
        lower = max(door[1].max(), (rise - width) / run)
        assert lower > upper, "a sample was kept although the door was still open"
