import numpy as np
from scipy.signal import butter, sosfiltfilt


def emg(rng, activity):
    """Noise of 50-200 Hz, as strong as `activity` says."""
    noise = sosfiltfilt(
        butter(4, [50, 200], "bandpass", fs=1000, output="sos"), rng.normal(size=activity.size)
    )
    return noise * activity


def check(solution):
    rng = np.random.default_rng(1)
    t = np.arange(10_000) / 1000
    early = ((t > 1) & (t < 3)).astype(float)
    late = ((t > 6) & (t < 8)).astype(float)
    half = ((t > 2) & (t < 4)).astype(float)

    burst = emg(rng, early)
    same = solution(burst.copy(), 5 * burst, 1000.0)
    assert abs(same - 100) < 0.1, "the same activity at another gain is full co-contraction"

    apart = solution(emg(rng, early), emg(rng, late), 1000.0)
    assert 0 <= apart < 4, f"{apart} for bursts that never overlap"

    agonist, antagonist = emg(rng, early), 0.01 * emg(rng, half)
    overlap = solution(agonist.copy(), antagonist.copy(), 1000.0)
    assert 38 < overlap < 52, f"{overlap} for bursts that overlap by half"
    assert abs(solution(antagonist.copy(), agonist.copy(), 1000.0) - overlap) < 1e-6

    disturbed = agonist + 2.0 + 0.8 * np.sin(2 * np.pi * 2 * t)
    assert abs(solution(disturbed, antagonist.copy(), 1000.0) - overlap) < 2, (
        "offset and slow movement of the cable must not count"
    )
