import numpy as np


def recording(plan, fs, frequency=3150.0, gain=0.3):
    """Sound of a plan of (frames, on) with noise."""
    parts = []
    for frames, on in plan:
        t = np.arange(frames * fs // 20) / fs
        parts.append(gain * on * np.sin(2 * np.pi * frequency * t))
    sound = np.concatenate(parts)
    return sound + np.random.default_rng(5).normal(0, 0.02, sound.size)


def group(*beeps, gap=10, pause=30):
    plan = []
    for beep in beeps:
        plan += [(beep, 1), (gap, 0)]
    return [*plan[:-1], (pause, 0)]


def check(solution):
    fs = 16_000

    def agree(sound, alarm, starts, rate=fs):
        result, times = solution(sound, rate)
        assert bool(result) is alarm, f"alarm {result} instead of {alarm}"
        assert len(times) == len(starts) and np.allclose(times, starts), (
            f"{times} instead of {starts}"
        )

    good = [(20, 0), *group(10, 10, 10), *group(10, 11, 10)]
    agree(recording(good, fs), True, [1.0, 5.0])
    agree(recording(good, 44_100), True, [1.0, 5.0], 44_100)
    agree(recording(good[:7], fs), False, [1.0])
    agree(recording(good, fs, gain=0.03), False, [])
    agree(recording(good, fs, frequency=2000.0), False, [])

    agree(recording([*group(10, 10, 10, 10), *group(10, 10, 10)], fs), True, [1.0, 5.0])
    agree(recording([*group(10, 10), *group(10, 10, 14), *group(8, 12, 8)], fs), False, [7.2])
    agree(
        recording([*group(10, 10, 10, gap=7), *group(10, 10, 10, gap=12, pause=20)], fs),
        False,
        [3.7],
    )
    agree(recording([*group(10, 10, 10, pause=19), *group(10, 10, 10, pause=19)], fs), False, [])
    steady = [(100, 1), (30, 0)]
    agree(recording([*steady, *good], fs), True, [7.5, 11.5])
    agree(np.zeros(8 * fs), False, [])
