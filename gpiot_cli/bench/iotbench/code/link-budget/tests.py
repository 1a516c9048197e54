def agree(result, margin, fresnel):
    assert abs(result[0] - margin) < 0.005, f"margin {result[0]} instead of {margin}"
    assert abs(result[1] - fresnel) < 0.005, f"radius {result[1]} instead of {fresnel}"


def check(solution):
    agree(solution(1000.0, 868e6, 14.0, [2.15, 2.15], [1.0, 10.0], -137.0), 53.08, 9.292)
    agree(solution(10_000.0, 868e6, 14.0, [2.15, 2.15], [1.0, 10.0], -137.0), 33.08, 29.385)
    agree(solution(50.0, 2.4e9, 0.0, [0.0, 3.0], [], -85.0), 13.97, 1.2497)
    agree(solution(50.0, 2.4e9, 0.0, [0.0, 3.0], [12.0, 15.0], -85.0), -13.03, 1.2497)
