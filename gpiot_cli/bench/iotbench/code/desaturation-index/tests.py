import numpy as np


def agree(result, events, index):
    found, per_hour = result
    found = [[int(a), int(b)] for a, b in found]
    assert found == events, f"events {found} instead of {events}"
    assert abs(per_hour - index) < 1e-6, f"index {per_hour} instead of {index}"


def check(solution):
    steady = np.full(3600, 97.0)
    agree(solution(steady.copy()), [], 0.0)

    night = steady.copy()
    night[500:530] = 93.0
    night[1000:1009] = 90.0  # 9 s: too short
    night[1500:1510] = 94.0  # exactly 3 points, exactly 10 s
    night[2000:2050] = 94.5  # not deep enough
    agree(solution(night.copy()), [[500, 529], [1500, 1509]], 2.0)

    lasting = steady.copy()
    lasting[1000:] = 90.0  # after two minutes the low level is the baseline
    agree(solution(lasting), [[1000, 1119]], 1.0)

    gaps = steady.copy()
    gaps[100:106] = 90.0
    gaps[106:109] = np.nan
    gaps[109:112] = 90.0  # 12 s with three NaN in between
    gaps[300:306] = 90.0
    gaps[306:310] = np.nan
    gaps[310:316] = 90.0  # four NaN part it into two short runs
    gaps[600:609] = 90.0
    gaps[609:612] = np.nan  # NaN at the end does not count
    valid_hours = (3600 - 3 - 4 - 3) / 3600
    agree(solution(gaps.copy()), [[100, 111]], 1 / valid_hours)

    interrupted = steady.copy()
    interrupted[100:116] = 90.0
    interrupted[107] = 96.0  # a valid second that is not low ends a run
    agree(solution(interrupted), [], 0.0)

    lost = np.full(600, np.nan)
    agree(solution(lost.copy()), [], 0.0)
    lost[200:220] = 90.0  # no baseline
    agree(solution(lost), [], 0.0)
    lost[70] = 97.0  # too long ago
    lost[150] = 97.0
    agree(solution(lost), [[200, 219]], 3600 / 22)
