import numpy as np


def check(solution):
    sensors = {"motion": [0.8, 0.1], "chair": [0.6, 0.2]}

    def agree(readings, expected, start=0.5, enter=0.0, leave=0.0):
        found = np.asarray(
            solution([dict(r) for r in readings], dict(sensors), start, enter, leave)
        )
        assert found.shape == (len(expected),), f"shape {found.shape}"
        assert np.allclose(found, expected, atol=1e-9), f"{found} instead of {expected}"

    agree([{"motion": True}], [8 / 9])
    agree([{"motion": False}], [2 / 11])
    agree([{"motion": True, "chair": True}], [24 / 25])
    agree([{"motion": True, "chair": False}], [0.32 / 0.40])
    agree([{"motion": None, "chair": None}, {}], [0.5, 0.5])
    agree([{"motion": None, "window": True}], [0.3], start=0.3)
    agree(
        [{"motion": True}, {"motion": False}, {"chair": True}],
        [8 / 9, 0.64, 0.64 * 3 / (0.64 * 3 + 0.36)],
    )
    agree([{}, {}], [0.55, 0.555], start=0.5, enter=0.5, leave=0.4)
    agree([{"motion": True}], [0.44 / 0.485], start=0.5, enter=0.5, leave=0.4)
    agree([], [])

    long = solution([{"motion": True}] * 500 + [{"motion": False}] * 60, sensors, 0.5, 0.01, 0.05)
    assert np.all(np.isfinite(long)) and long[499] > 0.98 and long[-1] < 0.02
