KEYS = ["sleep_min", "latency_min", "waso_min", "efficiency", "deep_share"]


def agree(summary, expected):
    assert set(summary) == set(KEYS), f"keys {sorted(summary)}"
    for key, value in zip(KEYS, expected):
        assert abs(summary[key] - value) < 1e-9, f"{key}: {summary[key]} instead of {value}"


def check(solution):
    night = (
        ["W"] * 20 + ["N1"] * 4 + ["N2"] * 40 + ["N3"] * 30 + ["W"] * 6 + ["R"] * 26 + ["W"] * 14
    )
    agree(solution(night), [50.0, 10.0, 3.0, 100 / 140, 0.3])
    agree(solution(["N2", "N2", "W", "N2"]), [1.5, 0.0, 0.5, 0.75, 0.0])
    agree(solution(["W"] * 10), [0.0, 5.0, 0.0, 0.0, 0.0])
    agree(solution(["N3"]), [0.5, 0.0, 0.0, 1.0, 1.0])
    agree(solution([]), [0.0, 0.0, 0.0, 0.0, 0.0])
