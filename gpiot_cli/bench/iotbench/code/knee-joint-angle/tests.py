import numpy as np
from scipy.spatial.transform import Rotation


def quaternions(rotation):
    return np.roll(rotation.as_quat(), 1, axis=1)


def check(solution):
    rng = np.random.default_rng(3)
    n = 60
    bend = 35 * (1 - np.cos(np.linspace(0, 2 * np.pi, n)))  # 0 to 70 degrees and back
    thigh = Rotation.from_rotvec(rng.normal(0, 0.7, (n, 3)))
    mounted = Rotation.from_rotvec([0.4, -0.9, 0.2])
    # In the reference pose the shank's sensor sits anyhow; it then turns about its own axis y.
    shank = thigh * mounted * Rotation.from_rotvec(np.radians(bend)[:, None] * [0, 1, 0])

    angle, span = solution(quaternions(thigh), quaternions(shank))
    assert np.shape(angle) == (n,)
    assert np.allclose(angle, bend, atol=1e-3), (
        f"off by up to {np.abs(angle - bend).max():.1f} degrees"
    )
    assert abs(span - np.ptp(bend)) < 1e-3

    signs = rng.choice([-1, 1], (n, 1))
    lengths = rng.uniform(0.5, 2, (n, 1))
    angle, _ = solution(quaternions(thigh) * signs, quaternions(shank) * lengths * signs[::-1])
    assert np.allclose(angle, bend, atol=1e-3), "sign or length of a quaternion must not matter"

    still, span = solution(quaternions(thigh), quaternions(thigh))
    assert np.allclose(still, 0, atol=1e-3) and abs(span) < 1e-3
