import numpy as np


def agree(turns, expected):
    assert list(turns.columns) == ["start_s", "duration_s", "angle_deg"], (
        f"columns {list(turns.columns)}"
    )
    found = turns.to_numpy(dtype=float)
    assert len(found) == len(expected), f"{len(found)} turns instead of {len(expected)}"
    if expected:
        assert np.allclose(found, expected, atol=1e-6), f"{found.tolist()} instead of {expected}"


def check(solution):
    fs = 100.0
    rate = np.zeros(6000)
    rate[500:600] = 60.0  # 60 degrees in 1 s
    rate[1000:1200] = -50.0  # 100 degrees the other way
    rate[1500:1900] = 12.0  # 48 degrees, too slow for a turn
    rate[2000:2040] = 200.0  # 80 degrees, too short
    rate[2500:2550] = 40.0  # too small an angle
    rate[3000:3060] = 40.0  # two halves of a turn, 0.24 s apart
    rate[3060:3084] = 4.0
    rate[3084:3144] = 40.0
    rate[3500:3560] = 40.0  # 0.27 s apart: neither is a turn
    rate[3587:3647] = 40.0
    rate[4000:4100] = 50.0  # left, then right at once
    rate[4100:4200] = -50.0
    rate[4500:5600] = 16.0  # 11 s: too long
    expected = [
        [5.0, 1.0, 60.0],
        [10.0, 2.0, -100.0],
        [30.0, 1.44, 48.96],
        [40.0, 1.0, 50.0],
        [41.0, 1.0, -50.0],
    ]
    agree(solution(rate.copy(), fs), expected)
    mirrored = [[start, duration, -angle] for start, duration, angle in expected]
    agree(solution(-rate, fs), mirrored)

    weak_bridge = np.zeros(1000)
    weak_bridge[100:160] = 60.0
    weak_bridge[165:175] = 10.0  # dropped, so it joins nothing
    weak_bridge[190:250] = 60.0  # 0.30 s after the first
    agree(solution(weak_bridge, fs), [])

    opposite_between = np.zeros(1000)
    opposite_between[100:160] = 50.0
    opposite_between[160:170] = -60.0
    opposite_between[170:230] = 50.0  # a swing in between keeps the halves apart
    agree(solution(opposite_between, fs), [])

    chain = np.zeros(1000)
    for start in (100, 130, 160, 190):
        chain[start : start + 15] = 80.0
    agree(solution(chain, fs), [[1.0, 1.05, 48.0]])

    agree(solution(np.zeros(300), fs), [])
