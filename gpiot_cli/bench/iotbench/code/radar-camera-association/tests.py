from itertools import permutations

import numpy as np


def polar(points):
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    return np.column_stack(
        [np.hypot(*points.T), np.degrees(np.arctan2(points[:, 0], points[:, 1]))]
    )


def best_pairs(seen, camera, gate):
    """By trying out everything; -1 is no partner."""
    best = (np.inf, [])
    for partners in set(permutations([*range(len(camera)), *[-1] * len(seen)], len(seen))):
        pairs = [[i, j] for i, j in enumerate(partners) if j >= 0]
        apart = [float(np.linalg.norm(seen[i] - camera[j])) for i, j in pairs]
        if all(d < gate for d in apart):
            best = min(best, (sum(apart) + gate * (len(seen) - len(pairs)), pairs))
    return best[1]


def check(solution):
    def agree(seen, camera, gate, pairs):
        seen = np.asarray(seen, dtype=float).reshape(-1, 2)
        camera = np.asarray(camera, dtype=float).reshape(-1, 2)
        found, lone_radar, lone_camera = solution(polar(seen), camera.copy(), gate)
        found = [[int(i), int(j)] for i, j in found]
        assert found == pairs, f"{found} instead of {pairs}"
        assert list(lone_radar) == [i for i in range(len(seen)) if i not in [p[0] for p in pairs]]
        assert list(lone_camera) == [
            j for j in range(len(camera)) if j not in [p[1] for p in pairs]
        ]

    agree([[3, 20], [-5, 10]], [[-5.5, 10], [3, 21]], 2.0, [[0, 1], [1, 0]])
    agree([[3, 20]], [[8, 20]], 2.0, [])
    agree([], [[1, 1]], 2.0, [])
    agree([[1, 1]], [], 2.0, [])
    agree([], [], 2.0, [])
    # Taking the nearest pair first would leave the other radar detection alone.
    agree([[0, 10], [2, 10]], [[1.2, 10], [3.1, 10]], 3.0, [[0, 0], [1, 1]])
    agree([[0, 10], [1.5, 10]], [[1, 10]], 3.0, [[1, 0]])
    # A third pair is worth the longer way of the two others, but not any way.
    agree([[0, 5], [1, 5], [2, 5]], [[0.6, 5], [1.6, 5], [2.6, 5]], 1.6, [[0, 0], [1, 1], [2, 2]])
    agree([[0, 5], [1, 5], [2, 5]], [[1, 5], [2, 5], [3.4, 5]], 1.6, [[1, 0], [2, 1]])

    rng = np.random.default_rng(14)
    for n, m in ((3, 3), (4, 2), (2, 4), (4, 4), (3, 4)):
        for _ in range(4):
            seen, camera = rng.uniform(0, 6, (n, 2)), rng.uniform(0, 6, (m, 2))
            agree(seen, camera, 2.5, best_pairs(seen, camera, 2.5))
