import numpy as np


def check(solution):
    rng = np.random.default_rng(4)
    carriers = 2.402e9 + 1e6 * np.arange(0, 80, 2)
    ones = np.ones(carriers.size)

    def phases_at(distance, offset=1.0, noise=0.0):
        phase = -4 * np.pi * carriers * distance / 299_792_458 + offset
        phase = phase + rng.normal(0, 1, carriers.size) * noise
        return np.angle(np.exp(1j * phase))

    for distance in (0.0, 0.8, 7.3, 30.0):
        found = solution(carriers.copy(), phases_at(distance), ones.copy())
        assert abs(found - distance) < 1e-3, f"{found} m instead of {distance} m"

    shuffled = rng.permutation(carriers.size)
    found = solution(carriers[shuffled], phases_at(12.5)[shuffled], ones)
    assert abs(found - 12.5) < 1e-3, "the order of the carriers must not matter"

    noisy = solution(carriers, phases_at(5.0, noise=0.1), ones)
    assert abs(noisy - 5.0) < 0.3, f"{noisy} m instead of 5 m in noise"

    spoiled = phases_at(9.0)
    weights = ones.copy()
    spoiled[[0, 11, 30]] += [3.0, 2.0, -2.5]
    weights[[0, 11, 30]] = 0
    assert abs(solution(carriers, spoiled, weights) - 9.0) < 1e-3, "weight 0 must not count"

    line = np.array([0.0, 0.1, 0.4])
    weighted = solution(2.4e9 + 1e6 * np.arange(3), line, np.array([1.0, 1.0, 2.0]))
    f = 1e6 * np.arange(3)
    slope = np.polyfit(f, line, 1, w=np.sqrt([1.0, 1.0, 2.0]))[0]
    assert abs(weighted + slope * 299_792_458 / (4 * np.pi)) < 1e-3, (
        f"weighted fit gives {weighted} m"
    )
