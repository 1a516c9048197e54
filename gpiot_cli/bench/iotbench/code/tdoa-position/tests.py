import numpy as np

LIGHT = 299_792_458.0


def check(solution):
    rng = np.random.default_rng(6)
    corners = np.array([[0, 0], [40, 0], [40, 30], [0, 30]], dtype=float)
    hall = np.vstack([corners, [[20, -2], [18, 33]]])

    def arrivals(receivers, position, sent=12.25, noise=0.0):
        ranges = np.linalg.norm(receivers - position, axis=1)
        return sent + (ranges + rng.normal(0, 1, len(receivers)) * noise) / LIGHT

    def agree(result, position, excluded, tolerance):
        found = np.asarray(result[0], dtype=float)
        assert found.shape == (2,)
        error = np.linalg.norm(found - position)
        assert error < tolerance, f"{error:.2f} m off at {position}"
        assert result[1] == excluded, f"receiver {result[1]} left out instead of {excluded}"

    for position in ([10.0, 12.0], [33.0, 25.0], [20.0, 15.0], [4.0, 3.0]):
        agree(solution(corners.copy(), arrivals(corners, position)), position, -1, 0.01)
        agree(solution(hall.copy(), arrivals(hall, position, noise=0.05)), position, -1, 0.4)

    for late in (0, 3, 5):
        heard = arrivals(hall, [14.0, 21.0], noise=0.03)
        heard[late] += 12 / LIGHT
        agree(solution(hall.copy(), heard), [14.0, 21.0], late, 0.4)
