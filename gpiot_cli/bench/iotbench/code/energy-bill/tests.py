import numpy as np


def check(solution):
    for power, interval, tariff, energy in (
        ([1000.0], 60.0, 0.3, 1.0),
        ([100.0] * 24, 60.0, 0.25, 2.4),
        ([600.0, 0.0, 300.0], 10.0, 0.4, 0.15),
        ([50.0] * 1440, 1.0, 0.5, 1.2),
        ([], 5.0, 0.3, 0.0),
    ):
        found = solution(np.array(power), interval, tariff)
        assert np.isclose(found[0], energy), f"{found[0]} kWh instead of {energy}"
        assert np.isclose(found[1], energy * tariff), f"price {found[1]}, not {energy * tariff}"
