def fan_speed(temperature: float, start: float, full: float) -> float:
    if temperature < start:
        return 0.0
    return min(100.0, 20 + 80 * (temperature - start) / (full - start))
