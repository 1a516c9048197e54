import numpy as np


def as_lists(pauses):
    return [[int(a), int(b)] for a, b in pauses]


def check(solution):
    fs = 10
    t = np.arange(180 * fs) / fs
    airflow = 3 + np.sin(2 * np.pi * t / 4)
    assert as_lists(solution(airflow.copy(), fs, 10)) == []

    held = airflow.copy()
    held[30 * fs : 50 * fs] = 3.0
    held[80 * fs : 88 * fs] = 3.0
    held[165 * fs :] = 3.0
    # Two seconds are lost where a pause meets breathing, none at the end of the recording.
    assert as_lists(solution(held.copy(), fs, 10)) == [[32, 16], [167, 13]]
    assert as_lists(solution(held.copy(), fs, 4)) == [[32, 16], [82, 4], [167, 13]]
    assert as_lists(solution(held.copy(), fs, 5)) == [[32, 16], [167, 13]]
    assert as_lists(solution(held[: 175 * fs - 3], fs, 7)) == [[32, 16], [167, 7]]

    shallow = airflow.copy()
    shallow[60 * fs : 80 * fs] = 3 + 0.3 * (shallow[60 * fs : 80 * fs] - 3)
    assert as_lists(solution(shallow, fs, 10)) == [], "shallow breathing is breathing"

    other_gain = 0.01 * held - 5
    assert as_lists(solution(other_gain, fs, 10)) == [[32, 16], [167, 13]]
    offset = held.copy()
    offset[30 * fs : 50 * fs] += 40
    assert as_lists(solution(offset, fs, 10)) == [[32, 16], [167, 13]], "a level is no movement"
