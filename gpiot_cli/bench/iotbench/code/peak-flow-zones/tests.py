def check(solution):
    zones = solution([400, 320, 319, 200, 199, 450, 0], 400)
    assert zones == ["green", "green", "yellow", "yellow", "red", "green", "red"], f"{zones}"
    assert solution([], 300) == []
    assert solution([150.5], 300.0) == ["yellow"]
