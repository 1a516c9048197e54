import numpy as np

LOW = np.array([697, 770, 852, 941])
HIGH = np.array([1209, 1336, 1477, 1633])
ROWS = ("123A", "456B", "789C", "*0#D")


def keypad_tones(sound: np.ndarray, fs: float) -> str:
    size = round(0.05 * fs)
    t = np.arange(size) / fs
    keys = ""
    for start in range(0, len(sound) - size + 1, size):
        frame = sound[start : start + size]
        low = np.abs(frame @ np.exp(-2j * np.pi * np.outer(t, LOW)))
        high = np.abs(frame @ np.exp(-2j * np.pi * np.outer(t, HIGH)))
        if min(low.max(), high.max()) > 0.2 * np.abs(sound).max() * size / 4:
            key = ROWS[low.argmax()][high.argmax()]
            # The same key pressed twice cannot be told from a long press.
            if not keys.endswith(key):
                keys += key
    return keys
