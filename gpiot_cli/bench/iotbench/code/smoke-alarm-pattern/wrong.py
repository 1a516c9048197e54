import numpy as np


def smoke_alarm_pattern(sound: np.ndarray, fs: int) -> tuple[bool, list]:
    size = fs // 20
    n_frames = len(sound) // size
    frames = np.asarray(sound)[: n_frames * size].reshape(n_frames, size)
    tone = np.exp(-2j * np.pi * 3150 * np.arange(size) / fs)
    on = 2 / size * np.abs(frames @ tone) > 0.05
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    starts, ends = edges[::2], edges[1::2]
    lengths = ends - starts
    groups = []
    i = 0
    # Only the beeps are looked at: the pauses between them and after them may be any.
    while i + 2 < len(starts):
        if all(8 <= length <= 12 for length in lengths[i : i + 3]):
            groups.append(float(starts[i] * 0.05))
            i += 3
        else:
            i += 1
    return len(groups) >= 2, groups
