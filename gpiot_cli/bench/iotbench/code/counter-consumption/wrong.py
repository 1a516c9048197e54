def counter_consumption(readings: list, modulus: int, max_step: int) -> tuple[list, list]:
    consumption = []
    garbled = []
    for i in range(1, len(readings)):
        # Compared with the reading just before, even if that one was garbled.
        step = readings[i] - readings[i - 1]
        if step < 0:
            step = step + modulus if step + modulus <= max_step else readings[i]
        if step <= max_step:
            consumption.append(step)
        else:
            consumption.append(0)
            garbled.append(i)
    return consumption, garbled
