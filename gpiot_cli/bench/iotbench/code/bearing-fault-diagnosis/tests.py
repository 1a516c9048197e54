import numpy as np

FS = 12_000.0
ORDERS = {"outer race": 3.05, "inner race": 4.95, "ball": 1.99, "cage": 0.39}


def machine(seed, rpm, order=0.0, strength=1.0, seconds=4):
    """Noise, a strong tone of the shaft, and ringing at 3 kHz at the rate of a fault."""
    rng = np.random.default_rng(seed)
    n = round(seconds * FS)
    t = np.arange(n) / FS
    vibration = 0.3 * rng.normal(size=n) + 3 * np.sin(2 * np.pi * rpm / 60 * t)
    if order:
        shocks = np.zeros(n)
        times = np.arange(0.01, seconds, 60 / rpm / order)
        times = times + rng.normal(0, 0.002 * 60 / rpm / order, times.size)
        shocks[np.clip((times * FS).astype(int), 0, n - 1)] = 1
        ringing = np.exp(-900 * t[:300]) * np.sin(2 * np.pi * 3000 * t[:300])
        vibration += 4 * strength * np.convolve(shocks, ringing)[:n]
    return vibration


def check(solution):
    def agree(vibration, rpm, expected):
        found = solution(vibration, FS, rpm, dict(ORDERS), [2000.0, 4000.0])
        assert found == expected, f"{found!r} instead of {expected!r}"

    for seed, (name, order) in enumerate(ORDERS.items()):
        if name != "cage":
            agree(machine(seed, 1770.0, order), 1770.0, name)
    agree(machine(7, 1440.0, 3.05 * 1.012), 1440.0, "outer race")  # balls slip a little
    agree(machine(8, 2900.0, 4.95), 2900.0, "inner race")
    agree(machine(9, 1770.0), 1770.0, "healthy")
    agree(1e-3 * machine(10, 1770.0, 1.99), 1770.0, "ball")
    agree(machine(11, 1770.0, 2.7), 1770.0, "healthy")  # shocks of something else
