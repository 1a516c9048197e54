def check(solution):
    for temperature, speed in (
        (10.0, 0),
        (29.9, 0),
        (30.0, 20),
        (35.0, 40),
        (40.0, 60),
        (50.0, 100),
        (80.0, 100),
    ):
        found = solution(temperature, 30.0, 50.0)
        assert abs(found - speed) < 1e-6, f"{found} % instead of {speed} % at {temperature} °C"
    assert abs(solution(-5.0, -10.0, 0.0) - 60) < 1e-6
