import numpy as np


def check(solution):
    def agree(fs, f0, seconds, harmonics, distortion, dominant, offset=0.0, tolerance=0.05):
        t = np.arange(round(seconds * fs)) / fs
        voltage = 325 * np.sin(2 * np.pi * f0 * t + 0.4) + offset
        for h, percent in harmonics.items():
            voltage = voltage + 3.25 * percent * np.sin(2 * np.pi * h * f0 * t + h)
        found = solution(voltage, fs, f0)
        assert abs(found[0] - distortion) < tolerance, f"{found[0]} % instead of {distortion} %"
        assert found[1] == dominant, f"harmonic {found[1]} instead of {dominant}"

    agree(10_000.0, 50.0, 0.2, {3: 3.0, 5: 4.0}, 5.0, 5)
    agree(10_000.0, 50.0, 0.2, {2: 8.0, 7: 6.0}, 10.0, 2, offset=40.0)
    agree(10_000.0, 50.0, 0.02, {40: 6.0, 3: 2.5}, 6.5, 40)
    agree(10_000.0, 50.0, 0.2, {3: 2.0, 41: 30.0}, 2.0, 3)
    # Fundamental not on a line of the spectrum, record not of whole cycles.
    agree(10_000.0, 49.83, 0.2137, {3: 3.0, 5: 4.0}, 5.0, 5, tolerance=0.5)
    agree(12_000.0, 60.0, 0.245, {11: 7.5, 13: 4.0}, 8.5, 11)
    # At 1 kHz only the harmonics up to 9 are below the Nyquist frequency.
    agree(1000.0, 50.0, 0.2, {3: 6.0, 9: 8.0}, 10.0, 9)
