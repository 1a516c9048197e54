"""Augment spectrograms by masking random bands of time and frequency (SpecAugment).

Use it when training a classifier on spectrograms of sound, radar, CSI or vibration with little
data, so that it does not rely on single bands or moments. Each copy gets its own masks, filled with
the spectrogram's mean. Apply it to training data only.

topic: edge ml
modality: generic, radar, wifi csi, vibration
keywords: data augmentation, SpecAugment, time mask, frequency mask, spectrogram, training, overfitting
source: D. S. Park et al., 2019, "SpecAugment: a simple data augmentation method for automatic speech recognition", Interspeech
"""

import numpy as np


def mask_augmentation(
    spectrogram: np.ndarray,
    copies: int = 4,
    time_share: float = 0.15,
    frequency_share: float = 0.15,
    masks: int = 2,
    seed: int = 0,
) -> np.ndarray:
    """Masked copies of a spectrogram.

    Inputs:
        spectrogram (numpy.ndarray): shape (frequencies, times), best in dB; NaN counts as the mean
        copies (int): number of copies
        time_share (float): widest mask in time as a share of the duration, 0 to 1
        frequency_share (float): widest mask in frequency as a share of the band, 0 to 1
        masks (int): masks along each axis
        seed (int): seed of places and widths
    Outputs:
        augmented (numpy.ndarray): shape (copies, frequencies, times)
    """
    s = np.array(spectrogram, dtype=float)
    if s.ndim != 2 or not np.isfinite(s).any() or copies < 1 or masks < 0:
        raise ValueError("need a spectrogram of shape (frequencies, times) and at least one copy")
    if not (0 <= time_share <= 1 and 0 <= frequency_share <= 1):
        raise ValueError("the shares must lie between 0 and 1")
    mean = s[np.isfinite(s)].mean()
    s[~np.isfinite(s)] = mean
    rng = np.random.default_rng(seed)
    augmented = np.repeat(s[None], copies, axis=0)
    for copy in augmented:
        for axis, share in ((0, frequency_share), (1, time_share)):
            size = s.shape[axis]
            for _ in range(masks):
                width = rng.integers(0, int(share * size) + 1)
                start = rng.integers(0, size - width + 1)
                band = slice(start, start + width)
                copy[(band, slice(None)) if axis == 0 else (slice(None), band)] = mean
    return augmented


def check() -> None:
    """Masks are whole bands of the allowed width, the rest is untouched, and seeds repeat."""
    rng = np.random.default_rng(0)
    spectrogram = rng.normal(-40, 10, (40, 100))
    augmented = mask_augmentation(spectrogram, 300)
    changed = augmented != spectrogram
    rows, columns = changed.all(axis=2), changed.all(axis=1)
    assert np.array_equal(changed, rows[:, :, None] | columns[:, None, :])
    assert rows.sum(axis=1).max() <= 2 * 6
    assert columns.sum(axis=1).max() <= 2 * 15
    assert abs(rows.sum(axis=1).mean() - 6) < 1
    assert np.allclose(augmented[changed], spectrogram.mean())
    assert np.array_equal(augmented, mask_augmentation(spectrogram, 300))
    assert np.array_equal(mask_augmentation(spectrogram, 1, masks=0)[0], spectrogram)
