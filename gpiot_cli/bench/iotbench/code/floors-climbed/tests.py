import numpy as np


def pressure_at(altitude):
    return 1013.25 * (1 - np.asarray(altitude, dtype=float) / 44330) ** (1 / 0.190295)


def agree(result, floors):
    assert result[0] == floors, f"{result[0]} floors instead of {floors}"
    assert abs(result[1] - 3 * floors) < 1e-9


def check(solution):
    flat = np.full(50, 120.0)
    agree(solution(pressure_at(flat)), 0)
    agree(solution(pressure_at([250.0])), 0)

    stairs = np.concatenate([flat, np.linspace(120, 132.5, 60), np.full(30, 132.5)])
    agree(solution(pressure_at(stairs)), 4)

    down_and_up = np.concatenate(
        [flat, np.linspace(120, 110, 60), np.linspace(110, 117, 60), np.full(9, 117.0)]
    )
    agree(solution(pressure_at(down_and_up)), 2)

    there_and_back = np.tile(
        np.concatenate([np.linspace(100, 103.5, 30), np.linspace(103.5, 100, 30)]), 3
    )
    agree(solution(pressure_at(there_and_back)), 3)

    lift = np.concatenate([np.full(20, 10.0), np.full(20, 31.5)])
    agree(solution(pressure_at(lift)), 7)

    door_slams = flat.copy()
    door_slams[[10, 20, 21, 40]] += 8
    agree(solution(pressure_at(door_slams)), 0)

    rng = np.random.default_rng(2)
    agree(solution(pressure_at(flat + rng.normal(0, 0.3, 50))), 0)
