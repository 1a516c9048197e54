import numpy as np

LIMITS = [1.12, 2.8, 7.1]


def check(solution):
    fs = 6000.0

    def shaken(seconds, *tones, offset=0.0):
        """Acceleration in g of tones with a frequency in Hz and a velocity in mm/s (rms)."""
        t = np.arange(round(seconds * fs)) / fs
        acceleration = np.full(t.size, offset)
        for frequency, velocity in tones:
            peak = np.sqrt(2) * velocity / 1000 * 2 * np.pi * frequency / 9.80665
            acceleration += peak * np.cos(2 * np.pi * frequency * t + frequency)
        return acceleration

    def agree(acceleration, severity, zone):
        found = solution(acceleration, fs, list(LIMITS))
        assert abs(found[0] - severity) < 0.005 * severity + 1e-6, (
            f"{found[0]} mm/s instead of {severity}"
        )
        assert found[1] == zone, f"zone {found[1]} instead of {zone}"

    agree(shaken(2, (25, 1.0)), 1.0, "A")
    agree(shaken(2, (25, 3.0), (50, 4.0)), 5.0, "C")
    agree(shaken(2, (400, 2.0)), 2.0, "B")
    agree(shaken(2, (60, 9.0), offset=1.0), 9.0, "D")
    # Swaying below 10 Hz and ringing above 1000 Hz do not belong to it.
    agree(shaken(2, (5, 30.0), (30, 2.0), (1500, 6.0)), 2.0, "B")
    agree(shaken(1, (10, 3.0), (1000, 4.0)), 5.0, "C")
    odd = shaken(2, (25, 1.0))[:11_999]
    agree(odd, 1.0, "A")
    agree(np.full(6000, 0.7), 0.0, "A")
