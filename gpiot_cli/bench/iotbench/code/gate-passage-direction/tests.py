import numpy as np


def reads(side, times, centre, peak=-45.0):
    times = np.asarray(times, dtype=float)
    return times, [side] * len(times), peak - 20 * (times - centre) ** 2


def merged(*groups):
    times = np.concatenate([g[0] for g in groups])
    sides = sum((g[1] for g in groups), [])
    rssi = np.concatenate([g[2] for g in groups])
    order = np.random.default_rng(0).permutation(len(times))
    return times[order], [sides[i] for i in order], rssi[order]


def agree(result, direction, delay):
    assert result[0] == direction, f"{result[0]} instead of {direction}"
    assert abs(result[1] - delay) < 1e-6, f"delay {result[1]} instead of {delay}"


def check(solution):
    around = np.arange(-2, 2.01, 0.25)
    agree(solution(*merged(reads("hall", 5 + around, 5), reads("yard", 6 + around, 6))), "out", 1.0)
    agree(
        solution(*merged(reads("hall", 5 + around, 5), reads("yard", 4.25 + around, 4.25))),
        "in",
        -0.75,
    )
    agree(
        solution(*merged(reads("hall", 5 + around, 5, -60), reads("yard", 5.125 + around, 5.125))),
        "stay",
        0.125,
    )

    # Weak early reads through the open door must not pull the passing time forward.
    early = (np.arange(0, 3, 0.05), ["yard"] * 60, np.full(60, -60.0))
    agree(
        solution(*merged(reads("hall", 5 + around, 5), reads("yard", 6 + around, 6), early)),
        "out",
        1.0,
    )

    weighted = (
        np.array([0.0, 1.0, 2.0, 3.0, 3.0, 3.0]),
        ["hall"] * 3 + ["yard"] * 3,
        np.array([-50.0, -50.0, -40.0, -50.0, -55.0, -58.0]),
    )
    agree(solution(*weighted), "out", 3 - 21 / 12)

    agree(solution(*reads("hall", 5 + around, 5)), "unknown", 0.0)
    agree(
        solution(*merged(reads("hall", 5 + around, 5), reads("yard", [6, 6.1], 6))), "unknown", 0.0
    )
    one_strong = (np.array([6.0, 6.5, 7.0]), ["yard"] * 3, np.array([-40.0, -51.0, -52.0]))
    agree(solution(*merged(reads("hall", 5 + around, 5), one_strong)), "unknown", 0.0)
    agree(solution(np.array([]), [], np.array([])), "unknown", 0.0)
