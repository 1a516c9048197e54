import numpy as np


def charging_plan(
    prices: np.ndarray, solar_kwh: np.ndarray, need_kwh: float, max_kw: float, departure: int
) -> tuple[np.ndarray, float]:
    offers = []
    for hour in range(min(departure, len(prices))):
        free = min(solar_kwh[hour], max_kw)
        offers += [(0.0, hour, free), (prices[hour], hour, max_kw - free)]
    plan = np.zeros(len(prices))
    cost, missing = 0.0, need_kwh
    for price, hour, energy in sorted(offers):
        taken = min(energy, missing)
        plan[hour] += taken
        cost += taken * price
        missing -= taken
    return plan, float(cost)
