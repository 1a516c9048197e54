import numpy as np


def acoustic_modem_decode(
    sound: np.ndarray, fs: float, baud: float, mark_hz: float, space_hz: float
) -> list:
    # A whole number of samples for each bit: the error adds up along the message.
    size = int(fs / baud)
    t = np.arange(size) / fs
    blocks = sound[: len(sound) // size * size].reshape(-1, size)
    mark = np.abs(blocks @ np.exp(-2j * np.pi * mark_hz * t))
    space = np.abs(blocks @ np.exp(-2j * np.pi * space_hz * t))
    bits = (mark > space).astype(int)
    values = [int(sum(bits[i + j] << j for j in range(8))) for i in range(0, len(bits) - 7, 8)]
    if not values or len(values) < values[0] + 2:
        return []
    data = values[1 : 1 + values[0]]
    return data if sum(data) % 256 == values[1 + values[0]] else []
