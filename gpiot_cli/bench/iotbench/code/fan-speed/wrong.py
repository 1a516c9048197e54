def fan_speed(temperature: float, start: float, full: float) -> float:
    # The ramp begins at 0 instead of 20 percent.
    return max(0.0, min(100.0, 100 * (temperature - start) / (full - start)))
