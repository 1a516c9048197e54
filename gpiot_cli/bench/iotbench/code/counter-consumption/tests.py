def check(solution):
    def agree(readings, consumption, garbled, modulus=100_000, max_step=500):
        found = solution(list(readings), modulus, max_step)
        assert list(found[0]) == consumption, f"{found[0]} instead of {consumption}"
        assert list(found[1]) == garbled, f"garbled {found[1]} instead of {garbled}"

    agree([70], [], [])
    agree([100, 100, 150, 650], [0, 50, 500], [])
    agree([99_900, 99_990, 40, 60], [90, 50, 20], [])
    agree([42_000, 42_100, 30, 90], [100, 30, 60], [])
    agree([42_000, 42_501], [0], [1])
    agree([42_000, 88_000, 42_300, 42_400], [0, 300, 100], [1])
    agree([42_000, 3_000, 42_300], [0, 300], [1])
    agree([42_000, 41_999, 42_010], [0, 10], [1])
    agree([42_000, 90_000, 91_000, 42_500, 43_000], [0, 0, 500, 500], [1, 2])
    agree([900, 40], [140], [], modulus=1000, max_step=200)
    agree([900, 150], [150], [], modulus=1000, max_step=200)
    agree([0, 0, 0], [0, 0], [])
