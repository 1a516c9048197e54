import numpy as np
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import StandardScaler


def agree(result, accuracies):
    found = {int(k): float(v) for k, v in result[0].items()}
    assert sorted(found) == sorted(accuracies), f"subjects {sorted(found)}"
    for subject, wanted in accuracies.items():
        assert abs(found[subject] - wanted) < 1e-9, (
            f"subject {subject}: {found[subject]} instead of {wanted}"
        )
    mean = np.mean(list(accuracies.values()))
    assert abs(result[1] - mean) < 1e-9, f"mean {result[1]} instead of {mean}"


def check(solution):
    rng = np.random.default_rng(10)
    sizes = [40, 25, 60, 8]
    subjects = np.repeat([3, 7, 11, 20], sizes)
    classes = rng.integers(0, 3, subjects.size) * 2 + 1
    scales = np.array([1.0, 500.0, 0.01, 1.0])
    features = (
        rng.normal(size=(subjects.size, 4)) + 0.8 * classes[:, None] * [1, 0, 1, -1]
    ) * scales
    features += 0.6 * scales * rng.normal(size=(21, 4))[subjects]
    features = np.column_stack([features, np.full(subjects.size, 7.0)])

    expected = {}
    for subject in (3, 7, 11, 20):
        out = subjects == subject
        varying = features[:, :4]
        scaler = StandardScaler().fit(varying[~out])
        model = NearestCentroid().fit(scaler.transform(varying[~out]), classes[~out])
        expected[subject] = model.score(scaler.transform(varying[out]), classes[out])
    assert 0.3 < np.mean(list(expected.values())) < 0.98
    order = rng.permutation(subjects.size)
    agree(solution(features[order], classes[order], subjects[order]), expected)

    # The only subject who makes a gesture cannot be recognised, and nothing may break.
    lone = solution(
        np.array([[0.0], [1.0], [0.1], [1.1], [5.0]]),
        np.array([0, 1, 0, 1, 2]),
        np.array([1, 1, 2, 2, 2]),
    )
    agree(lone, {1: 1.0, 2: 2 / 3})
