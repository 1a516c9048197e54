"""Fine-tuning (DevPiolt, section 3.1, equation 3): the action, then what is said of it."""

from collections.abc import Iterator, Sequence

from gpiot_cli.recommend.describe import describe
from gpiot_cli.recommend.records import Operation
from gpiot_cli.training.home.homes import moments
from gpiot_cli.training.home.passage import Line


def action_first(operations: Sequence[Operation], first: int, history: int) -> Iterator[Line]:
    """log P(action | prompt) + log P(description | prompt, action) for each operation."""
    for moment in moments(operations, first, history):
        yield moment.line._replace(after=describe(moment.operation.actions))


def text_first(operations: Sequence[Operation], first: int, history: int) -> Iterator[Line]:
    """The ablation of Table 4: the description stands before the action, as `--text-first` asks."""
    for moment in moments(operations, first, history, text_first=True):
        yield moment.line
