"""Group rows of features into clusters with k-means, finding their number by the silhouette.

Use it to discover operating states, usage profiles or places without labels. Columns are
standardised, k-means++ is started several times, and, when the number is not given, the one from 2
to 8 with the best mean silhouette is taken. It assumes roundish clusters of similar size. Rows with
missing values belong to no cluster (-1).

topic: edge ml
modality: generic, power, occupancy, time series
keywords: k-means, clustering, unsupervised, silhouette, operating modes, profiles, segmentation
source: D. Arthur and S. Vassilvitskii, 2007, "k-means++: the advantages of careful seeding", SODA; P. J. Rousseeuw, 1987, "Silhouettes", J. Computational and Applied Mathematics
"""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score


def kmeans_cluster(
    features: np.ndarray, clusters: int = 0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Cluster of each row and the cluster centres.

    Inputs:
        features (numpy.ndarray): rows, shape (n, columns), n >= 4; NaN allowed
        clusters (int): number of clusters, 2 or more; 0 finds it
        seed (int): seed of the starts
    Outputs:
        assignment (numpy.ndarray): cluster from 0 (largest) up, -1 with missing values, shape (n,)
        centres (numpy.ndarray): mean of each cluster in the original units, shape (clusters, columns)
    """
    x = np.asarray(features, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    good = np.isfinite(x).all(axis=1) if x.ndim == 2 else np.zeros(0, dtype=bool)
    rows = x[good] if good.any() else np.empty((0, 1))
    distinct = len(np.unique(rows, axis=0))
    if len(rows) < 4 or clusters < 0 or clusters == 1 or clusters > distinct:
        raise ValueError("need (n, columns) with 4 complete rows, and 2 up to the distinct rows")
    assignment = np.full(len(x), -1)
    if distinct < 3 and clusters == 0:
        clusters = distinct  # one or two different rows are their own clusters
    deviation = rows.std(axis=0)
    z = (rows - rows.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    candidates = [clusters] if clusters else range(2, min(8, distinct - 1) + 1)
    best = np.zeros(len(z), dtype=int)
    best_score = -np.inf
    for k in candidates:
        found = KMeans(k, n_init=10, random_state=seed).fit_predict(z)
        # The silhouette needs all pairs: a sample of a thousand rows is enough.
        size = min(1000, len(z))
        score = 0.0 if clusters else silhouette_score(z, found, sample_size=size, random_state=seed)
        if score > best_score:
            best, best_score = found, score
    order = np.argsort(-np.bincount(best), kind="stable")
    assignment[good] = np.argsort(order)[best]
    return assignment, np.array([rows[best == k].mean(axis=0) for k in order])


def check() -> None:
    """Four operating states of different units are found with their number, sizes and centres."""
    rng = np.random.default_rng(0)
    states = np.array([[100, 0.1], [100, 0.9], [900, 0.1], [900, 0.5]])
    truth = np.repeat(np.arange(4), [90, 70, 50, 30])
    features = states[truth] + rng.normal(0, [20, 0.03], (240, 2))
    features[0, 0] = np.nan
    assignment, centres = kmeans_cluster(features)
    assert assignment[0] == -1
    assert np.array_equal(assignment[1:], truth[1:])
    assert np.allclose(centres, states, atol=8)
    assert len(kmeans_cluster(features, 2)[1]) == 2
    same, centres = kmeans_cluster(np.full((6, 2), 3))
    assert np.all(same == 0)
    assert len(centres) == 1
