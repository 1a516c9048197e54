import numpy as np


def check(solution):
    prices = np.array([0.30, 0.10, 0.20, 0.20, 0.40, 0.05])
    dark = np.zeros(6)

    def agree(arguments, plan, cost):
        found, price = solution(*arguments)
        assert np.shape(found) == np.shape(plan), f"shape {np.shape(found)}"
        assert np.allclose(found, plan), f"{found} instead of {plan}"
        assert abs(price - cost) < 1e-9, f"cost {price} instead of {cost}"

    agree((prices.copy(), dark.copy(), 4.0, 11.0, 6), [0, 0, 0, 0, 0, 4], 0.2)
    agree((prices.copy(), dark.copy(), 4.0, 11.0, 5), [0, 4, 0, 0, 0, 0], 0.4)
    agree((prices.copy(), dark.copy(), 15.0, 10.0, 5), [0, 10, 5, 0, 0, 0], 2.0)
    agree((prices.copy(), dark.copy(), 100.0, 10.0, 3), [10, 10, 10, 0, 0, 0], 6.0)
    agree((prices.copy(), dark.copy(), 100.0, 10.0, 30), [10] * 6, 12.5)
    agree((prices.copy(), dark.copy(), 0.0, 10.0, 6), [0] * 6, 0.0)
    agree((prices.copy(), dark.copy(), 5.0, 10.0, 0), [0] * 6, 0.0)

    sunny = np.array([0.0, 0.0, 3.0, 0.0, 20.0, 0.0])
    agree((prices.copy(), sunny.copy(), 2.0, 10.0, 6), [0, 0, 2, 0, 0, 0], 0.0)
    agree((prices.copy(), sunny.copy(), 16.0, 10.0, 6), [0, 0, 3, 0, 10, 3], 0.15)
    agree((prices.copy(), sunny.copy(), 25.0, 10.0, 5), [0, 10, 5, 0, 10, 0], 1.4)
