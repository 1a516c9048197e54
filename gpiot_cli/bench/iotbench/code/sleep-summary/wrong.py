def sleep_summary(stages: list) -> dict:
    asleep = [i for i, stage in enumerate(stages) if stage != "W"]
    first = asleep[0] if asleep else len(stages)
    return {
        "sleep_min": len(asleep) / 2,
        "latency_min": first / 2,
        # Lying awake after the last epoch of sleep is counted too.
        "waso_min": stages[first:].count("W") / 2,
        "efficiency": len(asleep) / len(stages) if stages else 0.0,
        "deep_share": stages.count("N3") / len(asleep) if asleep else 0.0,
    }
