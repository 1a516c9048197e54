import numpy as np


def charging_plan(
    prices: np.ndarray, solar_kwh: np.ndarray, need_kwh: float, max_kw: float, departure: int
) -> tuple[np.ndarray, float]:
    plan = np.zeros(len(prices))
    cost, missing = 0.0, need_kwh
    # Hours are ordered by price alone, so the sun of an expensive hour is wasted.
    for hour in np.argsort(prices[:departure], kind="stable"):
        plan[hour] = min(max_kw, missing)
        cost += max(0.0, plan[hour] - solar_kwh[hour]) * prices[hour]
        missing -= plan[hour]
    return plan, float(cost)
