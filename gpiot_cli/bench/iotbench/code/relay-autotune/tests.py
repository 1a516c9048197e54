import numpy as np


def check(solution):
    fs = 20.0
    t = np.arange(6000) / fs

    def agree(output, amplitude, period, tolerance=0.01, relay=50.0):
        gain = 4 * relay / (np.pi * amplitude)
        expected = [0.6 * gain, 1.2 * gain / period, 0.075 * gain * period]
        found = solution(np.array(output), fs, relay)
        assert np.allclose(found, expected, rtol=tolerance), f"{found} instead of {expected}"

    swing = 220 + 3 * np.sin(2 * np.pi * t / 17.3)
    agree(swing, 3.0, 17.3)
    agree(swing, 3.0, 17.3, relay=5.0)

    # Heating up comes first: the wide swings of the first half must not count.
    settling = swing - 200 * np.exp(-t / 12) * np.cos(t / 5)
    agree(settling, 3.0, 17.3)

    triangle = 150 + 8 * (2 * np.abs((t / 31.0) % 1 - 0.5) - 0.5)
    agree(triangle, 4.0, 31.0, 0.02)

    # One glitch gives two upward crossings within a fraction of a second.
    glitch = swing.copy()
    crossing = int(np.ceil(17.3 * 14 * fs))
    glitch[crossing + 3] = 219.9
    agree(glitch, 3.0, 17.3)

    assert np.allclose(solution(np.full(100, 20.0), fs, 50.0), 0)
    assert np.allclose(solution(np.arange(100.0), fs, 50.0), 0)
