import numpy as np


def knee_joint_angle(thigh: np.ndarray, shank: np.ndarray) -> tuple[np.ndarray, float]:
    relative = multiply(conjugate(unit(thigh)), unit(shank))
    rotation = multiply(conjugate(relative[:1]), relative)
    # The arctangent stays accurate near 0, where the arccosine of w does not.
    half = np.arctan2(np.linalg.norm(rotation[:, 1:], axis=1), np.abs(rotation[:, 0]))
    angle = np.degrees(2 * half)
    return angle, float(np.ptp(angle))


def unit(q: np.ndarray) -> np.ndarray:
    return q / np.linalg.norm(q, axis=1, keepdims=True)


def conjugate(q: np.ndarray) -> np.ndarray:
    return q * [1, -1, -1, -1]


def multiply(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    pw, px, py, pz = p.T
    qw, qx, qy, qz = q.T
    return np.column_stack(
        [
            pw * qw - px * qx - py * qy - pz * qz,
            pw * qx + px * qw + py * qz - pz * qy,
            pw * qy - px * qz + py * qw + pz * qx,
            pw * qz + px * qy - py * qx + pz * qw,
        ]
    )
