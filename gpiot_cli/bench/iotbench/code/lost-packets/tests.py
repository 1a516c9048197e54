def check(solution):
    for received, lost, share in (
        ([1, 2, 3], 0, 0.0),
        ([10, 14], 3, 0.6),
        ([5, 6, 8, 9, 12], 3, 0.375),
        ([7], 0, 0.0),
        ([], 0, 0.0),
        ([0, 99], 98, 0.98),
    ):
        found = solution(list(received))
        assert found[0] == lost, f"{found[0]} lost instead of {lost} in {received}"
        assert abs(found[1] - share) < 1e-9, f"share {found[1]} instead of {share} in {received}"
