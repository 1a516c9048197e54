def check(solution):
    for data, address in (
        ([0x2B, 0x1A, 0x00, 0xE5, 0x98, 0xC0], "C0:98:E5:00:1A:2B"),
        ([1, 2, 3, 4, 5, 6], "06:05:04:03:02:01"),
        ([0xFF, 0, 0, 0, 0, 0x0A], "0A:00:00:00:00:FF"),
    ):
        found = solution(data)
        assert found == address, f"{found} instead of {address}"
