"""How alike outputs are, whatever their type."""

import numpy as np
import pandas as pd
import pytest

from gpiot_cli.synthesis.agreement import similarity, weighted_agreement

RNG = np.random.default_rng(1)
NOISE = RNG.standard_normal(500)
SPIKES = np.where(np.arange(500) % 100 == 50, 5.0, 0.1 * np.sin(np.arange(500) / 9))
BEATS = np.arange(100, 3000, 200)
TABLE = pd.DataFrame({"a": [1.0, 2.0, 9.0], "room": ["x", "y", "z"]})


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        (72.0, 73.0, 1, 1),
        (72.0, 90.0, 0, 0),
        (0.0, 0.0, 1, 1),
        (0.001, 0.002, 0, 0),
        (True, False, 0, 0),
        ("walking", "walking", 1, 1),
        ("walking", "sitting", 0, 0),
        ("72", 72, 0, 0),
        (None, None, 1, 1),
        (NOISE, NOISE + 1e-3, 1, 1),
        (NOISE, NOISE[:-1], 0, 0.5),
        (NOISE, -NOISE, 0, 0.1),
        (SPIKES, SPIKES * 2, 0, 0.4),
        (NOISE > 0, NOISE > 0, 1, 1),
        (NOISE > 0, NOISE <= 0, 0, 0),
        (NOISE + 1j, NOISE + 1j, 1, 1),
        (NOISE + 1j, NOISE - 9j, 0, 0),
        (np.empty(0), np.empty(0), 1, 1),
        (BEATS, BEATS + 3, 1, 1),
        (BEATS, BEATS[::2], 0.6, 0.7),
        (BEATS, BEATS + 60, 0, 0.1),
        (BEATS / 100, BEATS[1:] / 100, 0.9, 0.99),
        (np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0]), 0.75, 0.75),
        (BEATS, np.empty(0, int), 0, 0),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], 1, 1),
        ([1.0, [2.0, 3.0]], [1.0, [2.0, 9.0]], 0.5, 0.9),
        ([{"t": 1.0}, {"t": 2.0}], [{"t": 1.001}, {"t": 2.0}], 1, 1),
        (["a", "b"], ["a", "c"], 0.5, 0.5),
        (["a", "b"], ["a"], 0, 0),
        ({"x": 1.0, "y": 2.0}, {"x": 1.0}, 0.5, 0.5),
        ({}, {}, 1, 1),
        (TABLE, TABLE.copy(), 1, 1),
        (TABLE, TABLE.assign(a=0.0), 0.5, 0.6),
        (TABLE, TABLE[["a"]], 0, 0),
        ([1.0], 1.0, 0, 0),
    ],
)
def test_similarity(one: object, other: object, low: float, high: float) -> None:
    found = similarity({"y": one}, {"y": other})
    assert low <= found <= high
    assert similarity({"y": other}, {"y": one}) == pytest.approx(found)
    assert similarity({"y": one}, {"y": one}) == 1


def test_other_names_are_not_alike() -> None:
    assert similarity({"y": 1.0}, {"z": 1.0}) == 0
    assert similarity({"y": 1.0, "z": 1.0}, {"y": 1.0, "z": 5.0}) == 0.5


def test_the_vote_is_weighted_and_counts_every_input() -> None:
    right, wrong = {"y": 1.0}, {"y": 2.0}
    assert weighted_agreement([[right], [wrong], [right]], [1, 1, 1]) == pytest.approx(
        [2 / 3, 1 / 3, 2 / 3]
    )
    assert weighted_agreement([[right], [wrong], [wrong]], [2, 1, 1]) == pytest.approx([0.5] * 3)
    half = weighted_agreement([[right, None], [right, right]], [1, 1])
    assert half == pytest.approx([0.75, 0.75])


def test_a_burst_around_every_event_is_not_the_event() -> None:
    beats = np.arange(100, 20000, 300)
    bursts = (beats[:, None] + np.arange(-8, 9)).ravel()
    assert similarity({"r_peaks": beats}, {"r_peaks": bursts}) < 0.15
    assert similarity({"r_peaks": bursts}, {"r_peaks": beats}) < 0.15
