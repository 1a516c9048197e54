def check(solution):
    for hour, start, end, quiet in (
        (13.0, 13.0, 15.0, True),
        (14.99, 13.0, 15.0, True),
        (15.0, 13.0, 15.0, False),
        (12.0, 13.0, 15.0, False),
        (23.5, 22.0, 6.0, True),
        (22.0, 22.0, 6.0, True),
        (0.0, 22.0, 6.0, True),
        (5.5, 22.0, 6.0, True),
        (6.0, 22.0, 6.0, False),
        (12.0, 22.0, 6.0, False),
        (8.0, 8.0, 8.0, False),
        (9.0, 8.0, 8.0, False),
        (23.0, 21.5, 0.0, True),
        (0.0, 21.5, 0.0, False),
    ):
        assert bool(solution(hour, start, end)) == quiet, f"{hour} in {start} to {end}: {not quiet}"
