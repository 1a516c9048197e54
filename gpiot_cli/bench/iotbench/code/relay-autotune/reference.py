import numpy as np


def relay_autotune(output: np.ndarray, fs: float, relay: float) -> tuple[float, float, float]:
    steady = np.asarray(output[len(output) // 2 :], dtype=float)
    steady = steady - steady.mean()
    before = np.flatnonzero((steady[:-1] < 0) & (steady[1:] >= 0))
    crossings = before + steady[before] / (steady[before] - steady[before + 1])
    if len(crossings) > 1:
        shortest = np.median(np.diff(crossings)) / 4
        kept = [crossings[0]]
        for crossing in crossings[1:]:
            if crossing - kept[-1] >= shortest:
                kept.append(crossing)
        crossings = np.array(kept)
    if len(crossings) < 3:
        return 0.0, 0.0, 0.0
    period = np.diff(crossings).mean() / fs
    cycles = [
        np.ptp(steady[int(np.ceil(start)) : int(np.ceil(end))])
        for start, end in zip(crossings[:-1], crossings[1:])
    ]
    gain = 4 * relay / (np.pi * np.mean(cycles) / 2)
    return float(0.6 * gain), float(1.2 * gain / period), float(0.075 * gain * period)
