def shed_loads(loads: list, limit_w: float) -> tuple[list, float]:
    running = [load for load in loads if load["on"]]
    total = sum(load["power_w"] for load in running)
    candidates = [load for load in running if load["sheddable"]]
    shed = []
    # Small loads that were switched off for nothing stay off.
    for load in sorted(candidates, key=lambda load: (load["priority"], -load["power_w"])):
        if total <= limit_w:
            break
        shed.append(load["name"])
        total -= load["power_w"]
    return shed, float(total)
