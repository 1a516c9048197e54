from itertools import groupby

import numpy as np

LOW = np.array([697, 770, 852, 941])
HIGH = np.array([1209, 1336, 1477, 1633])
ROWS = ("123A", "456B", "789C", "*0#D")


def keypad_tones(sound: np.ndarray, fs: float) -> str:
    size = round(0.025 * fs)
    steps = range(0, len(sound) - size + 1, round(0.005 * fs))
    frames = np.array([sound[start : start + size] for start in steps]) * np.hanning(size)
    t = np.arange(size) / fs
    low = np.abs(frames @ np.exp(-2j * np.pi * np.outer(t, LOW)))
    high = np.abs(frames @ np.exp(-2j * np.pi * np.outer(t, HIGH)))
    # Each of the two tones must stand out, over the loudest key and over the other tone.
    weaker = np.minimum(low.max(axis=1), high.max(axis=1))
    stronger = np.maximum(low.max(axis=1), high.max(axis=1))
    pressed = (weaker > 0.3 * weaker.max()) & (weaker > 0.25 * stronger)
    symbols = [
        ROWS[row][column] if on else ""
        for on, row, column in zip(pressed, low.argmax(axis=1), high.argmax(axis=1))
    ]
    runs = [(symbol, len(list(run))) for symbol, run in groupby(symbols)]
    return "".join(symbol for symbol, length in runs if length >= 4)
