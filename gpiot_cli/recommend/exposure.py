"""Whether a suggestion is shown: DevPiolt's confidence (section 3.3, equation 6)."""

from collections.abc import Callable, Sequence

from gpiot_cli.recommend.home import Candidate
from gpiot_cli.recommend.records import Action

WEIGHTS = {"device": 0.5, "field": 0.2, "value": 0.3}
"""The α of equation 6. The paper gives none; the device matters most to a user."""

EASIER = 0.9
"""The threshold is lowered by 10% where the task is harder."""

LARGE_POOL = 20
"""Candidates above which a pool is large."""

DEVICE_SHARE = 0.5
"""A suggestion is dropped at once when its device's probability is below this share of the
threshold: the paper leaves this value open."""


def confidence(
    candidates: Sequence[Candidate],
    probabilities: Sequence[float],
    suggestion: Candidate,
) -> float:
    """Equation 6 for `suggestion`, averaged with the confidence of what is said first, 0 to 1.

    An attribute's probability is conditional on the attributes before it, as a model's tokens
    are. The paper's first token begins the room here, whose probability takes its place.
    """

    def mass(holds: Callable[[Action], bool]) -> float:
        return sum(
            p
            for candidate, p in zip(candidates, probabilities, strict=True)
            if any(holds(action) for action in candidate)
        )

    total = 0.0
    for action in suggestion:
        device = mass(lambda a, to=action: a[:2] == to[:2])  # type: ignore[misc]
        field = mass(lambda a, to=action: a[:3] == to[:3])  # type: ignore[misc]
        value = mass(lambda a, to=action: a == to)  # type: ignore[misc]
        total += WEIGHTS["device"] * device
        total += WEIGHTS["field"] * (field / device if device else 0.0)
        total += WEIGHTS["value"] * (value / field if field else 0.0)
    said_first = mass(lambda a: a.room == suggestion[0].room)
    return min(1.0, (total / len(suggestion) + said_first) / 2)


def device_probability(
    candidates: Sequence[Candidate], probabilities: Sequence[float], suggestion: Candidate
) -> float:
    """How likely it is that the suggestion's first device is operated at all."""
    device = suggestion[0][:2]
    return sum(
        p
        for candidate, p in zip(candidates, probabilities, strict=True)
        if any(action[:2] == device for action in candidate)
    )


def adapted_threshold(threshold: float, suggestion: Candidate, pool: int) -> float:
    """The threshold for this suggestion: lower for large pools and for numeric values."""
    numeric = any(
        isinstance(action.value, int | float) and not isinstance(action.value, bool)
        for action in suggestion
    )
    return threshold * EASIER if pool > LARGE_POOL or numeric else threshold
