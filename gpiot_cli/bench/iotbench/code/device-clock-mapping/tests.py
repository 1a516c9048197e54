import numpy as np


def check(solution):
    rng = np.random.default_rng(13)
    device = 1.7e9 + np.sort(rng.uniform(0, 7200, 80))
    wanted_at = 1.7e9 + np.array([-100.0, 0.0, 3600.0, 9000.0])

    def server(times, ppm, offset=12.5):
        return 1.7e9 + offset + (times - 1.7e9) * (1 + ppm * 1e-6)

    def agree(pairs, wanted, drift, milliseconds=1.0, ppm=0.5):
        found, found_drift = solution(device.copy(), pairs, wanted_at.copy())
        error = 1000 * np.abs(np.asarray(found) - wanted).max()
        assert error < milliseconds, f"off by up to {error:.3f} ms"
        assert abs(found_drift - drift) < ppm, f"drift {found_drift} instead of {drift}"

    for drift in (0.0, 40.0, -85.0):
        agree(server(device, drift), server(wanted_at, drift), drift)

    jitter = server(device, 40.0) + rng.normal(0, 0.002, 80)
    agree(jitter.copy(), server(wanted_at, 40.0), 40.0, milliseconds=2.5, ppm=1)
    delayed = jitter.copy()
    delayed[rng.permutation(80)[:6]] += rng.uniform(0.8, 3, 6)
    slope, start = np.polyfit(device - 1.7e9, delayed - 1.7e9, 1)
    residual = np.abs(delayed - 1.7e9 - start - slope * (device - 1.7e9))
    kept = residual <= 3 * np.median(residual)
    slope, start = np.polyfit((device - 1.7e9)[kept], (delayed - 1.7e9)[kept], 1)
    twice = 1.7e9 + start + slope * (wanted_at - 1.7e9)
    assert np.abs(twice - server(wanted_at, 40.0)).max() < 0.02
    agree(delayed, twice, (slope - 1) * 1e6)

    found, drift = solution(
        np.array([1.7e9, 1.7e9 + 10]), np.array([1.7e9 + 1, 1.7e9 + 11]), np.array([1.7e9 + 5])
    )
    assert abs(found[0] - 1.7e9 - 6) < 1e-3 and abs(drift) < 0.5
