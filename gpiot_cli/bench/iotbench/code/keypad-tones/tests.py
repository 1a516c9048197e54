import numpy as np

LOW = [697, 770, 852, 941]
HIGH = [1209, 1336, 1477, 1633]
KEYS = "123A456B789C*0#D"


def press(key, seconds, fs, low_gain=1.0, high_gain=1.0):
    row, column = divmod(KEYS.index(key), 4)
    t = np.arange(round(seconds * fs)) / fs
    low = low_gain * np.sin(2 * np.pi * LOW[row] * t + 0.3)
    return low + high_gain * np.sin(2 * np.pi * HIGH[column] * t + 1)


def recording(keys, fs, seconds=0.1, pause=0.1, noise=0.02, **gains):
    rng = np.random.default_rng(len(keys))
    silence = np.zeros(round(pause * fs))
    parts = [silence]
    for key in keys:
        parts += [press(key, seconds, fs, **gains), silence]
    sound = np.concatenate(parts)
    return 0.1 * (sound + noise * rng.normal(size=sound.size))


def check(solution):
    fs = 8000.0
    assert solution(recording(KEYS, fs), fs) == KEYS
    assert solution(recording("0049", 44_100.0), 44_100.0) == "0049", "another sampling rate"
    assert solution(recording("5551#*", fs, seconds=0.065, pause=0.065), fs) == "5551#*"
    assert solution(recording("112", fs, seconds=0.8), fs) == "112", "a long press is one press"
    assert solution(recording("17B*", fs, high_gain=0.52), fs) == "17B*", "unequal tones"
    assert solution(recording("28", fs, noise=0.0), fs) == "28"

    t = np.arange(round(0.3 * fs)) / fs
    whistle = 0.2 * np.sin(2 * np.pi * 1336 * t)
    with_whistle = np.concatenate([recording("12", fs), whistle, recording("3", fs)])
    assert solution(with_whistle, fs) == "123", "a single tone is no key"
