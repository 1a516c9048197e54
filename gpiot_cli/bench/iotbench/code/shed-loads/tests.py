def load(name, power, priority, on=True, sheddable=True):
    return {"name": name, "power_w": power, "priority": priority, "on": on, "sheddable": sheddable}


def check(solution):
    def agree(loads, limit, shed, total):
        found, remaining = solution([dict(x) for x in loads], limit)
        assert list(found) == shed, f"{found} instead of {shed} at {limit} W"
        assert abs(remaining - total) < 1e-9, f"{remaining} W instead of {total} W"

    loads = [
        load("lathe", 4000.0, 5),
        load("heater", 2000.0, 1),
        load("lamps", 500.0, 9, sheddable=False),
        load("charger", 1500.0, 1),
        load("pump", 1000.0, 3),
        load("oven", 9000.0, 0, on=False),
    ]
    agree(loads, 9000.0, [], 9000.0)
    agree(loads, 8000.0, ["heater"], 7000.0)
    agree(loads, 6500.0, ["heater", "charger"], 5500.0)
    agree(loads, 5000.0, ["heater", "charger", "pump"], 4500.0)
    agree(loads, 4600.0, ["heater", "charger", "pump"], 4500.0)
    # The lathe goes last; without it, pump, charger and heater fit in again in that order.
    agree(loads, 4400.0, ["heater", "lathe"], 3000.0)
    agree(loads, 2000.0, ["heater", "charger", "lathe"], 1500.0)
    agree(loads, 100.0, ["heater", "charger", "pump", "lathe"], 500.0)
    agree(
        [load("a", 1000.0, 2), load("b", 1000.0, 2), load("c", 1000.0, 2)],
        1500.0,
        ["a", "b"],
        1000.0,
    )
    agree([load("x", 100.0, 1), load("y", 3000.0, 2)], 2000.0, ["y"], 100.0)
    agree([], 100.0, [], 0.0)
