"""Thin out a series for plotting so that its shape stays, by largest triangle three buckets (LTTB).

Use it before drawing or sending long recordings: peaks survive, unlike with every n-th point or
means. The points are divided into buckets, and from each the point is kept that spans the largest
triangle with the one kept before and the mean of the next bucket. Not for further computing:
intervals become uneven.

topic: time series
modality: time series, generic, power, temperature
keywords: downsampling, LTTB, plotting, visualization, decimation, chart, data reduction
source: S. Steinarsson, 2013, "Downsampling Time Series for Visual Representation", MSc thesis, University of Iceland
"""

import numpy as np


def lttb_downsample(
    times: np.ndarray, values: np.ndarray, points: int = 500
) -> tuple[np.ndarray, np.ndarray]:
    """Points that keep the look of the curve.

    Inputs:
        times (numpy.ndarray): rising times, shape (n,)
        values (numpy.ndarray): values, shape (n,); NaN points are left out
        points (int): number of points wanted, at least 3
    Outputs:
        kept_times (numpy.ndarray): times of the kept points, shape (min(points, finite values),)
        kept_values (numpy.ndarray): their values, same shape
    """
    t, x = np.asarray(times, dtype=float).ravel(), np.asarray(values, dtype=float).ravel()
    if t.size != x.size or points < 3:
        raise ValueError("times and values must have the same length, and points be at least 3")
    good = np.isfinite(t) & np.isfinite(x)
    t, x = t[good], x[good]
    if t.size <= points:
        return t, x
    edges = np.linspace(1, t.size - 1, points - 1).astype(int)
    chosen = [0]
    for bucket in range(points - 2):
        begin, end = edges[bucket], edges[bucket + 1]
        # The last bucket looks at the final point, which is always kept.
        after = edges[bucket + 2] if bucket + 2 < edges.size else t.size
        next_t, next_x = t[end:after].mean(), x[end:after].mean()
        a = chosen[-1]
        area = np.abs(
            (t[a] - next_t) * (x[begin:end] - x[a]) - (t[a] - t[begin:end]) * (next_x - x[a])
        )
        chosen.append(int(begin + np.argmax(area)))
    chosen.append(t.size - 1)
    return t[chosen], x[chosen]


def check() -> None:
    """Ends, count and peaks stay, and the thinned curve is close to the full one."""
    rng = np.random.default_rng(0)
    t = np.arange(20_000) / 10
    x = np.sin(t / 50)
    spikes = rng.choice(np.arange(100, 19_900), 8, replace=False)
    x[spikes] += 5
    kept_t, _kept_x = lttb_downsample(t, x, 300)
    assert kept_t.size == 300
    assert (kept_t[0], kept_t[-1]) == (t[0], t[-1])
    assert np.all(np.diff(kept_t) > 0)
    assert set(t[spikes]) <= set(kept_t)
    smooth_t, smooth_x = lttb_downsample(t, np.sin(t / 50), 300)
    assert np.max(np.abs(np.interp(t, smooth_t, smooth_x) - np.sin(t / 50))) < 0.01
    short = lttb_downsample(np.arange(4), np.array([1, np.nan, 2, 3]), 3)
    assert short[0].tolist() == [0, 2, 3]
