def in_quiet_hours(hour: float, start: float, end: float) -> bool:
    # Equal times are taken for a whole day.
    if start < end:
        return start <= hour < end
    return hour >= start or hour < end
