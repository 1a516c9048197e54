"""Pre-training (DevPiolt, section 3.1, equation 1): next actions in histories, and general text."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from gpiot_cli.engine.adapters import Role
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of
from gpiot_cli.recommend.home import Home
from gpiot_cli.recommend.prompt import LogPrompt
from gpiot_cli.recommend.records import Operation
from gpiot_cli.training.base import Tokenizer
from gpiot_cli.training.dataset import Message, read_dataset
from gpiot_cli.training.examples import Row, Tokens, encode, pack
from gpiot_cli.training.home.passage import Passage

ENDLESS = 1 << 30
"""Operations after which the log would forget: it begins anew when a row is full instead."""

GENERAL: Role = "generation"
"""Under which role the loss of general text is told: it teaches no recommendation."""


def histories(
    operations: Sequence[Operation], first: int, tokenizer: Tokenizer, length: int
) -> list[Passage]:
    """The operations from `first` on as rows of at most `length` tokens, each operation once.

    The log alone is read, without the question and the list of devices (Fig. 4). Of each operation
    time and environment are given and the actions are learned.
    """
    passages: list[Passage] = []
    ids: list[int] = []
    spans: list[tuple[int, int]] = []
    home, log, text = Home(), LogPrompt(ENDLESS), ""
    for number, operation in enumerate(operations):
        known = home.known_before(operation)
        home.learn(operation)
        if number < first:
            continue
        action = f"{log.continuation(operation.actions)}\n"
        done = tokenizer.tokenize(action)
        said = log.render(operation.time, known).reply_prefix
        context = tokenizer.tokenize(said[len(text) :])
        if ids and len(ids) + len(context) + len(done) > length:
            passages.append(Passage(tuple(ids), tuple(spans)))
            ids, spans, log = [], [], LogPrompt(ENDLESS)
            said = log.render(operation.time, known).reply_prefix
            context = tokenizer.tokenize(said)
        ids += [*context, *done]
        spans.append((len(ids) - len(done), len(ids)))
        log.append(operation, known, home)
        text = said + action
    if spans:
        passages.append(Passage(tuple(ids), tuple(spans)))
    return [passage for passage in passages if passage.length <= length]


class GeneralText(BaseModel):
    """A line of a general corpus: a chat that ends with the answer to learn, or a text."""

    messages: tuple[Message, ...] = ()
    text: str = ""


def general_rows(
    places: Sequence[Path], tokenizer: Tokenizer, length: int, tokens: int, seed: int
) -> tuple[list[Row], list[dict[str, Any]]]:
    """About `tokens` tokens of general text, chosen by the seed, and the facts for the card.

    A place is a data set of `gpiot data`, or a JSON-lines file with `messages` or `text`.
    Raises `GpiotError` for one that is neither.
    """
    lines: list[GeneralText] = []
    facts = []
    for place in places:
        found = list(_read(place))
        lines += found
        file = place / "train.jsonl" if place.is_dir() else place
        facts.append(
            {
                "role": "general text",
                "data set": place.name,
                "split": "train",
                "examples": len(found),
                "sha256": sha256_of(file),
            }
        )
    random.Random(seed).shuffle(lines)
    chosen: list[Tokens] = []
    mixed = 0
    for line in lines:
        if mixed >= tokens:
            break
        example = _encode(line, tokenizer, length)
        if 1 < len(example.ids) <= length:
            chosen.append(example)
            mixed += len(example.ids)
    return pack(GENERAL, chosen, length)[0], facts


def _encode(line: GeneralText, tokenizer: Tokenizer, length: int) -> Tokens:
    """A chat of which the answer is learned, or the beginning of a text, all but its first token."""
    if line.messages:
        return encode(line.messages, tokenizer)
    return Tokens(tuple(tokenizer.tokenize(line.text)[:length]), 1)


def _read(place: Path) -> Iterator[GeneralText]:
    if place.is_dir():
        for example in read_dataset(place, "train"):
            yield GeneralText(messages=example.messages)
        return
    try:
        with place.open(encoding="utf-8") as file:
            lines = list(file)  # ends at \n alone, where str.splitlines knows other ends
    except ValueError as error:
        raise GpiotError(f"{place} is no text.", SHAPE) from error
    for number, line in enumerate(lines, start=1):
        try:
            found = GeneralText.model_validate_json(line)
        except ValidationError as error:
            fault = error.errors()[0]["msg"]
            raise GpiotError(f"{place}, line {number}: {fault}.", SHAPE) from error
        if len(found.messages) < 2 and not found.text:
            raise GpiotError(f"{place}, line {number}: no messages and no text.", SHAPE)
        yield found


SHAPE = 'Its lines should look like {"text": "…"} or {"messages": [{"role": "user", …}, …]}.'
