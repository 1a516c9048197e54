import numpy as np


def acoustic_modem_decode(
    sound: np.ndarray, fs: float, baud: float, mark_hz: float, space_hz: float
) -> list:
    t = np.arange(len(sound)) / fs
    mark = sound * np.exp(-2j * np.pi * mark_hz * t)
    space = sound * np.exp(-2j * np.pi * space_hz * t)
    bits = []
    while round((len(bits) + 1) * fs / baud) <= len(sound):
        bit = slice(round(len(bits) * fs / baud), round((len(bits) + 1) * fs / baud))
        bits.append(int(abs(mark[bit].sum()) > abs(space[bit].sum())))
    n_bytes = len(bits) // 8
    values = [sum(bits[8 * i + j] << j for j in range(8)) for i in range(n_bytes)]
    if not values or n_bytes < values[0] + 2:
        return []
    data = values[1 : 1 + values[0]]
    return data if sum(data) % 256 == values[1 + values[0]] else []
