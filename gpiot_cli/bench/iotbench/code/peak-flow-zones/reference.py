def peak_flow_zones(flows: list, best: float) -> list:
    shares = [flow / best for flow in flows]
    return ["green" if s >= 0.8 else "yellow" if s >= 0.5 else "red" for s in shares]
