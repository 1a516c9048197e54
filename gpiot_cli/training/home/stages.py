"""One stage of DevPiolt's training, from logs to a folder of adapters that llama.cpp runs."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from gpiot_cli.engine.adapters import AdapterSet, home_of
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of
from gpiot_cli.recommend.records import Operation
from gpiot_cli.training.base import Tokenizer, load_base
from gpiot_cli.training.examples import Row
from gpiot_cli.training.home.corpus import general_rows, histories
from gpiot_cli.training.home.finetune import action_first, text_first
from gpiot_cli.training.home.homes import Log
from gpiot_cli.training.home.likelihood import Likelihood
from gpiot_cli.training.home.passage import Line, Passage, compose
from gpiot_cli.training.home.preferences import pairs
from gpiot_cli.training.home.refine import Pairs, Preference
from gpiot_cli.training.home.start import begin_with, weights
from gpiot_cli.training.loop import Say
from gpiot_cli.training.lora import PlainLora
from gpiot_cli.training.machine import Machine
from gpiot_cli.training.method import Method
from gpiot_cli.training.run import Run, on_first_process, train_set
from gpiot_cli.training.settings import Settings

Stage = Literal["pretrain", "finetune", "refine"]
WORDS = {
    "pretrain": "DevPiolt's pre-training: next actions in histories",
    "finetune": "DevPiolt's fine-tuning: the action, then its description",
    "refine": "DevPiolt's refinement: preferences between actions (DPO)",
}
PRIVATE = "Trained on a home's log: do not share"

AnyRow = Row | Passage | Pairs


@dataclass(frozen=True)
class Plan:
    """What a stage does beside its settings."""

    stage: Stage
    own_log: Path | None = None
    """The log of the real home that is learned from; None for simulated ones."""
    start: AdapterSet | None = None
    """The stage before."""
    history: int = 60
    """Operations in the prompt, as for `devpiolt recommend`."""
    text_first: bool = False
    general: tuple[Path, ...] = ()
    """General corpora that pre-training mixes in."""
    beta: float = 0.1
    """Of equation 5: how far refinement may go from the reference."""

    @property
    def private(self) -> bool:
        """Whether this stage, or one before, learns from a real home."""
        return self.own_log is not None or (self.start is not None and self.start.card.private)

    @property
    def choices(self) -> dict[str, Any]:
        """What of it changes the result, for the card."""
        if self.stage == "pretrain":
            return {}
        prompts = {"history": self.history, "text first": self.text_first}
        return prompts if self.stage == "finetune" else prompts | {"beta": self.beta}

    @property
    def known(self) -> dict[str, str]:
        """Whose home this stage, or one before, knows, for the card."""
        if self.own_log:
            return {"log": home_of(self.own_log)}
        earlier = self.start.card.settings if self.start else {}
        return {"log": earlier["log"]} if "log" in earlier else {}


def train_stage(
    plan: Plan,
    settings: Settings,
    logs: Sequence[Log],
    folder: Path,
    say: Say,
    max_steps: int | None = None,
) -> Path:
    """Train one stage in `folder`, going on where an earlier call stopped; the folder of the set.

    Raises `GpiotError` for logs that teach nothing, a stage before that does not fit, and as
    `loop.train` does.
    """
    machine = Machine.of(settings.dtype)
    say = on_first_process(say, machine)
    base = load_base(settings.base, machine.dtype)
    torch.manual_seed(settings.seed)
    lora = PlainLora(base, settings)
    if plan.start:
        begin_with(lora, plan.start, base, settings)
    method: Method[Any]
    method = Preference(lora, settings, plan.beta) if plan.stage == "refine" else Likelihood(lora)
    rows, validation = _rows(plan, settings, logs, base.tokenizer, say)
    if not rows:
        raise GpiotError(
            "These logs hold nothing to learn from.",
            "Use longer ones, or raise sequence_length in the run's YAML.",
        )
    general, general_facts = _general(plan, settings, rows, base.tokenizer, say)
    origin = plan.start and {
        "name": plan.start.card.name,
        "sha256": sha256_of(weights(plan.start)),
    }
    description = WORDS[plan.stage]
    run = Run(
        method=method,
        rows=[*rows, *general],
        validation=validation,
        base=base,
        settings=settings,
        data=[*(log.fact for log in logs), *general_facts],
        choices={"stage": plan.stage, "from": origin, **plan.choices},
        description=f"{description}. {PRIVATE}" if plan.private else description,
        hyperparameters=settings.model_dump(mode="json", exclude={"pect", "data", "only"})
        | plan.choices
        | {"from": origin}
        | plan.known,
        private=plan.private,
        earlier_data=plan.start.card.data if plan.start else (),
    )
    return train_set(run, folder, machine, say, max_steps)


def _rows(
    plan: Plan, settings: Settings, logs: Sequence[Log], tokenizer: Tokenizer, say: Say
) -> tuple[list[AnyRow], list[AnyRow]]:
    """What the stage's method learns of the homes, and what measures its loss."""
    rows: list[AnyRow] = []
    validation: list[AnyRow] = []
    left_out, found = 0, Counter[str]()
    for log in logs:
        known = log.operations[: log.cut]
        if plan.stage == "pretrain":
            rows += histories(known, 0, tokenizer, settings.sequence_length)
            validation += histories(log.operations, log.cut, tokenizer, settings.sequence_length)
            continue
        first = min(plan.history, log.cut // 2)  # before these there is hardly a home to know
        for operations, start, kept, tally in (
            (known, first, rows, found),
            (log.operations, log.cut, validation, Counter[str]()),
        ):
            lines = _lines(plan, operations, start, settings.seed, tally)
            passages, lost = compose(lines, tokenizer, settings.sequence_length)
            kept += map(Pairs, passages) if plan.stage == "refine" else passages
            left_out += lost
    count, tokens = sum(len(log.operations) for log in logs), sum(row.length for row in rows)
    say(f"{count:,} operations of {len(logs)} homes: {tokens:,} tokens in {len(rows)} rows")
    if plan.stage == "refine":
        say("pairs: " + (", ".join(f"{n:,} {rule}" for rule, n in found.items()) or "none"))
    if left_out:
        say(f"{left_out:,} do not fit sequence_length and are left out")
    random.Random(settings.seed).shuffle(validation)
    return rows, validation[: settings.validation_rows]


def _general(
    plan: Plan, settings: Settings, rows: Sequence[AnyRow], tokenizer: Tokenizer, say: Say
) -> tuple[list[Row], list[dict[str, Any]]]:
    """As much general text as the homes' `rows` have, if it is wanted, and the card's facts."""
    if not plan.general:
        return [], []
    tokens = sum(row.length for row in rows)
    general, facts = general_rows(
        plan.general, tokenizer, settings.sequence_length, tokens, settings.seed
    )
    mixed = sum(row.length for row in general)
    say(f"general text: {mixed:,} tokens, {mixed / tokens:.2f} for each of the homes")
    return general, facts


def _lines(
    plan: Plan, operations: Sequence[Operation], first: int, seed: int, found: Counter[str]
) -> Iterator[Line]:
    if plan.stage == "refine":
        return pairs(operations, first, plan.history, seed, found, plan.text_first)
    order = text_first if plan.text_first else action_first
    return order(operations, first, plan.history)
