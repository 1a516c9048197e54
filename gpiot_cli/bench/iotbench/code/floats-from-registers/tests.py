def agree(found, expected):
    assert len(found) == len(expected), f"{len(found)} values instead of {len(expected)}"
    for value, wanted in zip(found, expected):
        if wanted is None:
            assert value is None, f"{value} instead of None"
        else:
            assert value is not None and abs(value - wanted) < 1e-4, f"{value} instead of {wanted}"


def check(solution):
    # 230.25 is 0x43664000, -0.5 is 0xBF000000.
    agree(solution([0x4366, 0x4000, 0xBF00, 0x0000], "ABCD"), [230.25, -0.5])
    agree(solution([0x4000, 0x4366, 0x0000, 0xBF00], "CDAB"), [230.25, -0.5])
    agree(solution([0x6643, 0x0040, 0x00BF, 0x0000], "BADC"), [230.25, -0.5])
    agree(solution([0x0040, 0x6643, 0x0000, 0x00BF], "DCBA"), [230.25, -0.5])
    agree(solution([0x42F6, 0xE979], "ABCD"), [123.456])
    agree(solution([0x7FC0, 0, 0x7F80, 0, 0xFF80, 0, 0, 0], "ABCD"), [None, None, None, 0.0])
    agree(solution([0x0000, 0x7FC0], "CDAB"), [None])
    agree(solution([0x4366, 0x4000, 0x4366], "ABCD"), [230.25])
    agree(solution([], "DCBA"), [])
