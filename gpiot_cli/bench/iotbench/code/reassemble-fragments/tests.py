import random


def agree(result, messages, incomplete):
    assert dict(result[0]) == messages, f"{result[0]} instead of {messages}"
    assert list(result[1]) == incomplete, f"{result[1]} instead of {incomplete}"


def check(solution):
    agree(solution([]), {}, [])
    agree(solution([[7, 0, 1, "alone"]]), {7: "alone"}, [])
    agree(solution([[1, 1, 2, "B"], [1, 0, 2, "A"], [1, 1, 2, "B"]]), {1: "AB"}, [])
    agree(solution([[1, 0, 3, "A"], [1, 2, 3, "C"]]), {}, [1])
    agree(solution([[1, 0, 2, "A"], [1, 0, 2, "A"]]), {}, [1])
    agree(solution([[1, 0, 2, "A"], [1, 1, 2, "B"], [1, 0, 2, "X"], [1, 0, 2, "A"]]), {}, [1])
    agree(solution([[1, 0, 2, "A"], [1, 1, 3, "B"], [1, 1, 2, "B"]]), {}, [1])
    agree(solution([[1, 0, 1, "A"], [1, 1, 1, "B"]]), {}, [1])
    agree(solution([[1, -1, 2, "A"], [1, 0, 2, "B"]]), {}, [1])
    agree(solution([[3, 0, 2, ""], [3, 1, 2, "end"]]), {3: "end"}, [])

    texts = {n: "".join(chr(97 + (n + i) % 26) for i in range(n)) for n in range(1, 30)}
    fragments = [[n, i, n, letter] for n, text in texts.items() for i, letter in enumerate(text)]
    fragments += fragments[::3]
    fragments = [f for f in fragments if f[:2] not in ([5, 4], [12, 0])]
    random.Random(1).shuffle(fragments)
    agree(solution(fragments), {n: t for n, t in texts.items() if n not in (5, 12)}, [5, 12])
