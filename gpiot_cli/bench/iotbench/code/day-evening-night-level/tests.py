import numpy as np


def db(energy):
    return 10 * np.log10(energy)


def check(solution):
    flat = np.full(24, 60.0)
    expected = 60 + db((12 + 4 * 10**0.5 + 80) / 24)
    assert np.isclose(solution(flat.copy()), expected)

    day_only = flat.copy()
    day_only[:7] = day_only[19:] = -200.0
    day_only[7:19] = [50, 70] * 6
    assert np.isclose(solution(day_only), db((1e5 + 1e7) / 4)), "levels average as energies"

    late = np.full(24, -200.0)
    late[23] = 55.0
    assert np.isclose(solution(late), 65 + db(1 / 24)), "hour 23 belongs to the night"
    late[23], late[22], late[6] = -200.0, 55.0, -200.0
    assert np.isclose(solution(late), 60 + db(1 / 24)), "hour 22 belongs to the evening"

    gaps = flat.copy()
    gaps[[3, 8, 9, 20]] = np.nan
    assert np.isclose(solution(gaps), expected), "missing hours do not change a period's mean"
    gaps[:7] = gaps[23] = np.nan
    assert np.isclose(solution(gaps), 60 + db((12 + 4 * 10**0.5) / 16)), "no night at all"
    assert solution(np.full(24, np.nan)) == 0
