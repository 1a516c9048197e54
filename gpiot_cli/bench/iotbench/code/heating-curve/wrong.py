import numpy as np


def heating_curve(
    outdoor: float, hour: float, curve: list, setback: float, summer_limit: float
) -> float:
    if outdoor >= summer_limit:
        return 0.0
    points = sorted(curve)
    flow = float(np.interp(outdoor, [p[0] for p in points], [p[1] for p in points]))
    # No hour is both after 22 and before 6.
    if 22 <= hour < 6:
        flow = max(flow - setback, 25.0)
    return flow
