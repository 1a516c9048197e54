def counter_consumption(readings: list, modulus: int, max_step: int) -> tuple[list, list]:
    consumption = []
    garbled = []
    accepted = readings[0]
    for i, reading in enumerate(readings[1:], start=1):
        step = reading - accepted
        if step < 0:
            step = step + modulus if step + modulus <= max_step else reading
        if step <= max_step:
            consumption.append(step)
            accepted = reading
        else:
            consumption.append(0)
            garbled.append(i)
    return consumption, garbled
