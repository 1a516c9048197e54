import numpy as np


def check(solution):
    def agree(signal, stretches, share):
        found, part = solution(np.array(signal, dtype=float), -1.0, 1.0)
        found = [[int(start), int(length), str(rail)] for start, length, rail in found]
        assert found == stretches, f"{found} instead of {stretches}"
        assert abs(part - share) < 1e-9, f"share {part} instead of {share}"

    agree([], [], 0.0)
    agree([0, 0.5, -0.5], [], 0.0)
    agree([1, 1, 1], [[0, 3, "high"]], 1.0)
    agree([0, 1, 1, 0, -1, -1, 0], [], 0.0)
    agree([0, 1, 1.2, 1, 1, 0, 0, -1, -1.5, -1], [[1, 4, "high"], [7, 3, "low"]], 0.7)
    agree([1, 1, 1, -1, -1, -1, -1, 0], [[0, 3, "high"], [3, 4, "low"]], 7 / 8)
    agree([1, 1, -1, -1, 1, 1], [], 0.0)
    agree([0.999] * 5 + [-0.999] * 5, [], 0.0)
    wave = np.clip(1.5 * np.sin(2 * np.pi * (np.arange(100) + 0.5) / 50), -1, 1)
    agree(wave, [[6, 13, "high"], [31, 13, "low"], [56, 13, "high"], [81, 13, "low"]], 0.52)
