import numpy as np


def check(solution):
    def agree(result, starts, rpm):
        found_starts, found_rpm = (
            np.asarray(result[0], dtype=float),
            np.asarray(result[1], dtype=float),
        )
        assert found_starts.shape == np.shape(starts), (
            f"{found_starts.size} revolutions instead of {len(starts)}"
        )
        assert np.allclose(found_starts, starts, atol=1e-6), (
            f"starts {found_starts} instead of {starts}"
        )
        assert np.allclose(found_rpm, rpm, rtol=1e-6), f"{found_rpm} rpm instead of {rpm}"

    # Ramps of 4 samples up and down: the crossing of 2 V lies between two samples.
    def pulses(times, n):
        signal = np.zeros(n)
        for time in times:
            signal = np.maximum(signal, 5 - 1.25 * np.abs(np.arange(n) - time - 4))
        return signal

    fs = 1000.0
    times = np.array([20.0, 60.0, 100.0, 150.0, 200.0, 240.0, 280.0])
    signal = pulses(times, 320)
    crossing = (times + 1.6) / 1000  # 2 V, 1.6 samples up the ramp
    agree(solution(signal.copy(), fs, 1, 0.5, 2.0), crossing[:-1], 60 / np.diff(crossing))
    agree(
        solution(signal.copy(), fs, 2, 0.5, 2.0), crossing[[0, 2, 4]], 60 / np.diff(crossing[::2])
    )
    agree(solution(signal.copy(), fs, 4, 0.5, 2.0), crossing[[0]], [60 / 0.18])
    agree(solution(signal.copy(), fs, 8, 0.5, 2.0), [], [])

    flicker = signal.copy()
    flicker[23:27] = [2.6, 1.0, 2.6, 1.0]  # does not come back to 0.5 V
    flicker[110] = 1.9  # does not reach 2 V
    agree(solution(flicker, fs, 2, 0.5, 2.0), crossing[[0, 2, 4]], 60 / np.diff(crossing[::2]))

    begins_high = signal.copy()
    begins_high[:5] = 4.0  # nobody saw this pulse begin
    agree(solution(begins_high, fs, 2, 0.5, 2.0), crossing[[0, 2, 4]], 60 / np.diff(crossing[::2]))
    exact = np.array([0.0, 2.0, 0.0, 0.0, 0.0, 2.0, 0.0])
    agree(solution(exact, 10.0, 1, 0.5, 2.0), [0.1], [150.0])
    agree(solution(np.zeros(50), fs, 1, 0.5, 2.0), [], [])
