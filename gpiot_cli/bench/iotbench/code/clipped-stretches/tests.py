import numpy as np

# A beat of record 119 of the MIT-BIH Arrhythmia Database (physionet.org/content/mitdb/1.0.0), 80 samples
# at 360 Hz in steps of 5 uV. Open Data Commons Attribution License v1.0.
BEAT = """
-197 -196 -200 -199 -204 -207 -206 -207 -206 -206 -207 -202 -200 -198 -199 -199 -203 -205 -212 -218
-216 -209 -193 -160 -115 -54 17 91 156 206 229 228 198 137 48 -60 -151 -208 -223 -207 -184 -163 -154
-158 -174 -183 -196 -200 -201 -201 -201 -203 -204 -208 -206 -208 -212 -209 -211 -209 -210 -209 -206
-205 -209 -211 -213 -214 -212 -211 -211 -210 -209 -205 -209 -213 -213 -212 -214 -216
"""


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
    # As if the rails were 180 and -220 steps: the top of the beat is cut, its S wave touches the rail.
    beat = (np.array([int(step) for step in BEAT.split()]) + 20) / 200
    agree(beat, [[29, 4, "high"]], 0.05)
    wave = np.clip(1.5 * np.sin(2 * np.pi * (np.arange(100) + 0.5) / 50), -1, 1)
    agree(wave, [[6, 13, "high"], [31, 13, "low"], [56, 13, "high"], [81, 13, "low"]], 0.52)
