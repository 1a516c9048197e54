def check(solution):
    curve = [[10.0, 28.0], [-10.0, 50.0], [0.0, 40.0], [20.0, 22.0]]

    def agree(outdoor, hour, expected, setback=8.0, limit=18.0):
        found = solution(outdoor, hour, [list(p) for p in curve], setback, limit)
        assert abs(found - expected) < 1e-9, (
            f"{found} instead of {expected} at {outdoor} °C, {hour} h"
        )

    agree(0.0, 12.0, 40.0)
    agree(-5.0, 12.0, 45.0)
    agree(5.0, 12.0, 34.0)
    agree(-25.0, 12.0, 50.0)
    agree(17.9, 12.0, 23.26)
    agree(18.0, 12.0, 0.0)
    agree(30.0, 23.0, 0.0)
    agree(25.0, 12.0, 22.0, limit=40.0)
    agree(-5.0, 22.0, 37.0)
    agree(-5.0, 5.99, 37.0)
    agree(-5.0, 0.0, 37.0)
    agree(-5.0, 6.0, 45.0)
    agree(-5.0, 21.99, 45.0)
    agree(10.0, 2.0, 25.0)
    agree(15.0, 2.0, 25.0)
    agree(17.0, 2.0, 23.8)
    agree(-5.0, 2.0, 45.0, setback=0.0)
