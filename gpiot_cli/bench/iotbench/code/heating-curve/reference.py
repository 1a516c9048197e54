import numpy as np


def heating_curve(
    outdoor: float, hour: float, curve: list, setback: float, summer_limit: float
) -> float:
    if outdoor >= summer_limit:
        return 0.0
    points = sorted(curve)
    flow = float(np.interp(outdoor, [p[0] for p in points], [p[1] for p in points]))
    if hour >= 22 or hour < 6:
        flow = min(flow, max(flow - setback, 25.0))
    return flow
