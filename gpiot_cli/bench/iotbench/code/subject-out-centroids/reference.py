import numpy as np


def subject_out_centroids(
    features: np.ndarray, classes: np.ndarray, subjects: np.ndarray
) -> tuple[dict, float]:
    accuracies = {}
    for subject in np.unique(subjects):
        left_out = subjects == subject
        training = features[~left_out]
        deviation = training.std(axis=0)
        deviation[deviation == 0] = 1
        scaled = (features - training.mean(axis=0)) / deviation
        known = np.unique(classes[~left_out])
        centroids = np.array([scaled[~left_out & (classes == c)].mean(axis=0) for c in known])
        distances = np.linalg.norm(scaled[left_out][:, None] - centroids, axis=2)
        predicted = known[distances.argmin(axis=1)]
        accuracies[int(subject)] = float(np.mean(predicted == classes[left_out]))
    return accuracies, float(np.mean(list(accuracies.values())))
