"""Measures the recommender and its baselines on a home's own past, each operation in its turn.

Every finished method leaves its outcomes in a file of the output folder, and the model's scores
are kept one by one, so an interrupted evaluation goes on where it stopped.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

from gpiot_cli.engine import adapters
from gpiot_cli.engine.protocol import Engine
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of, write_atomic
from gpiot_cli.recommend import baselines, replay
from gpiot_cli.recommend.categories import category, device_count
from gpiot_cli.recommend.home import Candidate, Device
from gpiot_cli.recommend.metrics import (
    Outcome,
    calibration_error,
    intervals,
    paired,
    scores,
    table,
)
from gpiot_cli.recommend.prior import Scene
from gpiot_cli.recommend.recommender import Recommender
from gpiot_cli.recommend.records import Action, Operation, digest
from gpiot_cli.recommend.scorer import Scorer, style_for

TRAIN_SHARE = 0.8

FLOOR = "Markov-2 + time + mask"

MODEL_ROWS = ("model alone", "whole system", "whole system, tuned")
"""Tuned: weight and calibration are chosen on the operations before the test part."""

Progress = Callable[[str, int, int], None]
"""Told the method, how many operations are done, and of how many."""


@dataclass(frozen=True)
class Plan:
    """What is measured. Two runs with the same plan share an output folder."""

    split: Literal["chronological", "user"] = "chronological"
    """Train on the first 80% of one home, or on all other homes."""
    operations: int | None = None
    """How many of the test part's operations are predicted; all if None."""
    threshold: float = 0.7
    cold_start: tuple[int, ...] = ()
    """Days of history; a row of the floor, of the history, and three with the model for each."""
    ablations: bool = False
    cgc: bool = False
    history: int | None = None
    """Operations in the model's prompt; if None, as its adapters were trained, or the default."""
    text_first: bool | None = None
    """Whether the model says the description before the action; None as for `history`."""
    fields: tuple[str, ...] = ()
    """Only operations of these fields; all if empty."""
    without: tuple[str, ...] = ()
    """Devices that are left out, as ROOM/DEVICE."""


def evaluate(
    homes: Mapping[str, Sequence[Operation]],
    out: Path,
    plan: Plan,
    engine: Engine | None = None,
    progress: Progress | None = None,
    paths: Mapping[str, Path] | None = None,
) -> dict[str, Any]:
    """Run every method of `plan` that is not in `out` yet; the report, also as `report.json`.

    `homes` maps a name to operations in order of time, `paths` to the file they were read from, by
    which a log that adapters have learned under another name is known. Raises `GpiotError` for a
    plan that does not fit the homes or the adapters, or a folder that holds another evaluation.
    """
    refuse_unmeasured(plan, engine is not None)
    homes = chosen(homes, plan)
    prompts = style_for(engine, plan.history, plan.text_first)
    plan = replace(plan, history=prompts.history, text_first=prompts.text_first)
    _refuse_unfit(homes, plan)
    if engine:
        _refuse_taught(engine, homes, plan, paths or {})
    _claim(out, homes, plan)
    if engine:
        _keep(out / "model.json", {"sha256": engine.info.sha256, "adapters": engine.info.adapters})
    outcomes: dict[str, list[Outcome]] = {}
    for names, run, total in _methods(homes, out, plan, engine):
        files = [out / f"{name.replace(' ', '-')}.jsonl" for name in names]
        if not all(file.is_file() for file in files):
            _run(names, files, run(), total, progress)
        for name, file in zip(names, files, strict=True):
            outcomes[name] = _read(file)
    report = {
        "homes": {name: len(operations) for name, operations in homes.items()},
        "simulated": any(o.origin == "simulated" for ops in homes.values() for o in ops[:1]),
        "model": engine.info.name if engine else None,
        "adapters": engine.info.adapters if engine else None,
        "plan": vars(plan),
        "rows": {name: row(found) for name, found in outcomes.items()},
        "history minus floor": paired(outcomes["history"], outcomes[FLOOR]),
        "categories": _by_category(homes, outcomes),
    }
    if plan.split == "user":
        report["device counts"] = _by_device_count(homes, outcomes)
    write_atomic(out / "report.json", json.dumps(report, indent=1))
    return report


def refuse_unmeasured(plan: Plan, with_model: bool) -> None:
    """Raise `GpiotError` for what the split by user has no rows for."""
    more = with_model or plan.operations or plan.cold_start or plan.ablations or plan.cgc
    if plan.split == "user" and more:
        raise GpiotError(
            "A split by user measures counting and the history alone, on whole homes.",
            "Leave out --with-model, --operations, --cold-start, --ablations and --cgc.",
        )


def chosen(
    homes: Mapping[str, Sequence[Operation]], plan: Plan
) -> Mapping[str, Sequence[Operation]]:
    """The operations that `plan` keeps. Raises `GpiotError` for a field or device of no home."""
    if not (plan.fields or plan.without):
        return homes
    actions = [action for ops in homes.values() for each in ops for action in each.actions]
    _refuse_unknown("--field", "field", plan.fields, {action.field for action in actions})
    _refuse_unknown("--without", "device", plan.without, set(map(_named, actions)))
    return {
        name: [
            operation
            for operation in operations
            if all(
                (not plan.fields or action.field in plan.fields)
                and _named(action) not in plan.without
                for action in operation.actions
            )
        ]
        for name, operations in homes.items()
    }


def _named(action: Action) -> str:
    return f"{action.room}/{action.device}"


def _refuse_unknown(option: str, kind: str, given: Iterable[str], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            raise GpiotError(
                f'{option}: the log has no {kind} "{name}".',
                f"There are {', '.join(sorted(known))}.",
            )


def row(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All measures of one method: each score with its interval, calibration, exposure."""
    right = [outcome.right for outcome in outcomes]
    shown = [outcome for outcome in outcomes if outcome.exposed]
    silent = any(outcome.exposed is not None for outcome in outcomes)
    return {
        "operations": len(outcomes),
        "scores": intervals(outcomes),
        "ECE": calibration_error([o.confidence for o in outcomes], right),
        "ECE uncalibrated": calibration_error([o.raw for o in outcomes], right),
        "exposed": len(shown) / len(outcomes) if silent else None,
        "accepted": sum(outcome.right for outcome in shown) / len(shown) if shown else None,
    }


def curve(
    outcomes: Sequence[Outcome], calibrated: bool = True
) -> list[tuple[float, float, float | None]]:
    """(threshold, exposed share, accepted share of those) from 0 to 1 in steps of .02."""
    points: list[tuple[float, float, float | None]] = []
    for step in range(51):
        threshold = step / 50
        shown = [o for o in outcomes if (o.confidence if calibrated else o.raw) >= threshold]
        accepted = sum(o.right for o in shown) / len(shown) if shown else None
        points.append((threshold, len(shown) / len(outcomes), accepted))
    return points


def read_outcomes(out: Path, method: str) -> list[Outcome]:
    """The outcomes of a finished method."""
    return _read(out / f"{method.replace(' ', '-')}.jsonl")


Rows = Iterator[tuple[Outcome, ...]]
"""One outcome per name, operation by operation."""


def _methods(
    homes: Mapping[str, Sequence[Operation]], out: Path, plan: Plan, engine: Engine | None
) -> Iterator[tuple[tuple[str, ...], Callable[[], Rows], int]]:
    """The rows' names, how to make them, and how many operations they predict."""
    if plan.split == "user":
        yield from _methods_across(list(homes.values()), plan)
        return
    (operations,) = homes.values()
    start = int(len(operations) * TRAIN_SHARE)
    if plan.operations is not None:
        operations = operations[: start + plan.operations]
    total = len(operations) - start

    single: dict[str, Callable[[], Iterator[Outcome]]] = {
        name: partial(replay.by_counting, make(), operations, start)
        for name, make in COUNTING.items()
    }
    if plan.cgc:
        single["CGC"] = partial(replay.by_cgc, operations, start)
    by_history = partial(replay.by_history, operations, start, plan.threshold)
    single["history"] = by_history
    if plan.ablations:
        single["history, no mask"] = partial(by_history, mask=False)
        for name, see in ABLATIONS.items():
            single[f"history, {name}"] = partial(by_history, see)
    for days in plan.cold_start:
        single[f"{days} days, {FLOOR}"] = partial(
            replay.counting_few_days, baselines.markov2_and_time, operations, start, days
        )
        single[f"{days} days, history"] = partial(
            replay.from_few_days, operations, start, days, plan.threshold
        )
    for name, run in single.items():
        yield (name,), partial(_each, run), total
    if engine:
        prompts = style_for(engine, plan.history, plan.text_first)
        scorer = Scorer(engine, *prompts, cache=out / "model-scores.jsonl")
        with_model = partial(replay.with_model, operations, start, plan.threshold, scorer)
        yield MODEL_ROWS, with_model, total
        for days in plan.cold_start:
            names = tuple(f"{days} days, {name}" for name in MODEL_ROWS)
            yield names, partial(with_model, days=days), total


def _each(run: Callable[[], Iterator[Outcome]]) -> Rows:
    return ((outcome,) for outcome in run())


def _methods_across(
    homes: list[Sequence[Operation]], plan: Plan
) -> Iterator[tuple[tuple[str, ...], Callable[[], Rows], int]]:
    total = sum(len(operations) for operations in homes)

    for name, make in COUNTING.items():
        yield (name,), partial(_each, partial(_counted, homes, make)), total
    yield ("history",), partial(_each, partial(replay.across_homes, homes, plan.threshold)), total


def _counted(
    homes: list[Sequence[Operation]], make: Callable[[], baselines.Counting]
) -> Iterator[Outcome]:
    for operations in homes:
        yield from replay.by_counting(make(), operations, 0)


COUNTING: dict[str, Callable[[], baselines.Counting]] = {
    "popularity": baselines.popularity,
    "time of day + mask": baselines.time_of_day,
    "Markov + mask": baselines.markov,
    FLOOR: baselines.markov2_and_time,
}


def _coarse_clock(recommender: Recommender, operation: Operation) -> Scene:
    """The time of the prediction known to five minutes only, as for a suggestion made ahead."""
    time = operation.time - timedelta(
        minutes=operation.time.minute % 5, seconds=operation.time.second
    )
    last = recommender.home.last
    readings = recommender.home.known_before(operation)
    return recommender.prior.scene(max(time, last) if last else time, readings)


def _no_readings(recommender: Recommender, operation: Operation) -> Scene:
    recommender.home.readings.clear()
    return recommender.prior.scene(operation.time)


def _record_as_it_is(recommender: Recommender, operation: Operation) -> Scene:
    """Not a fair row: a record that lists only its own room's sensors gives the room away."""
    recommender.home.readings.clear()
    return recommender.prior.scene(operation.time, operation.env)


ABLATIONS = {
    "asked just after the last operation": Recommender.scene_after_last,
    "clock to 5 minutes": _coarse_clock,
    "no sensors": _no_readings,
    "leaking sensors": _record_as_it_is,
}


def _refuse_unfit(homes: Mapping[str, Sequence[Operation]], plan: Plan) -> None:
    """Raise `GpiotError` for homes that the plan cannot be carried out on."""
    if plan.split == "user" and len(homes) < 2:
        raise GpiotError("A split by user needs the logs of several homes.", "Repeat --logs.")
    if plan.split == "chronological" and len(homes) != 1:
        raise GpiotError(
            "A chronological split takes one home.", "Give one --logs, or --split user."
        )
    for name, operations in homes.items():
        if len(operations) < 50:
            raise GpiotError(
                f"{name} holds {len(operations)} operations, too few to measure anything.",
                "An evaluation needs at least 50; a few hundred say something.",
            )


def _claim(out: Path, homes: Mapping[str, Sequence[Operation]], plan: Plan) -> None:
    """Raise `GpiotError` when the output folder holds another evaluation than this one."""
    # What adds rows may change between runs; what changes rows may not.
    fixed = {
        "homes": {
            name: [len(ops), ops[0].time.isoformat(), ops[-1].time.isoformat()]
            for name, ops in homes.items()
        },
        "plan": {
            k: v for k, v in vars(plan).items() if k not in ("cold_start", "ablations", "cgc")
        },
    }
    _keep(out / "plan.json", fixed)


def _refuse_taught(
    engine: Engine,
    homes: Mapping[str, Sequence[Operation]],
    plan: Plan,
    paths: Mapping[str, Path],
) -> None:
    """Raise `GpiotError` when the adapters have learned operations that are to be predicted."""
    cards = [adapters.find(name).card for name in adapters.names_in(engine.info.adapters)]
    taught = [(card, learned) for card in cards for learned in card.data]
    for name, operations in homes.items():
        first = operations[int(len(operations) * TRAIN_SHARE)].time
        path = paths.get(name)
        digests = {digest(path), sha256_of(path)} if path else set()
        for card, learned in taught:
            # As training/home/homes.py says it.
            until = re.match(r"before (\S+);", str(learned.get("split")))
            named = str(learned.get("data set")).removesuffix(".gz") == name.removesuffix(".gz")
            if not until or not (named or learned.get("sha256") in digests):
                continue
            if datetime.fromisoformat(until[1]) > first:
                raise GpiotError(
                    f"The adapters {card.name} have learned {name} until {until[1]}, and what is "
                    f"predicted begins at {first.isoformat()}.",
                    "Evaluate the whole log, or without them: GPIOT_ADAPTERS=none.",
                )
            if plan.cold_start:
                raise GpiotError(
                    f"The adapters {card.name} have learned {name}: that is no cold start.",
                    "Leave out --cold-start, or the adapters: GPIOT_ADAPTERS=none.",
                )


def _keep(claim: Path, fixed: Mapping[str, Any]) -> None:
    """Write down what an output folder is of, unless it is of something else: a `GpiotError`."""
    text = json.dumps(fixed)
    if claim.is_file() and claim.read_text() != text:
        raise GpiotError(
            f"{claim.parent} holds another evaluation.", "Give another folder with --out."
        )
    write_atomic(claim, text)


def _run(
    names: Sequence[str], files: Sequence[Path], rows: Rows, total: int, progress: Progress | None
) -> None:
    lines: list[list[str]] = [[] for _ in files]
    for done, outcomes in enumerate(rows, start=1):
        for kept, outcome in zip(lines, outcomes, strict=True):
            kept.append(json.dumps(vars(outcome)))
        if progress:
            progress(" and ".join(names), done, total)
    for file, kept in zip(files, lines, strict=True):
        write_atomic(file, "\n".join(kept) + "\n")


def _read(file: Path) -> list[Outcome]:
    outcomes = []
    for line in file.read_text().splitlines():
        body = json.loads(line)
        ranked = tuple(_candidate(actions) for actions in body.pop("ranked"))
        outcomes.append(Outcome(ranked, _candidate(body.pop("actual")), **body))
    return outcomes


def _candidate(actions: Iterable[Sequence[Any]]) -> Candidate:
    return tuple(Action(*action) for action in actions)


def _by_category(
    homes: Mapping[str, Sequence[Operation]], outcomes: Mapping[str, Sequence[Outcome]]
) -> dict[str, dict[str, dict[str, float]]]:
    """EM-Acc, LM-F1 and rule score of each method on the operations of each kind of device."""
    fields: dict[Device, set[str]] = defaultdict(set)
    for operations in homes.values():
        for operation in operations:
            for action in operation.actions:
                fields[action[:2]].add(action.field)
    kind = {device: category(device, found) for device, found in fields.items()}
    return {
        name: _grouped(found, [kind[outcome.actual[0][:2]] for outcome in found])
        for name, found in outcomes.items()
    }


def _by_device_count(
    homes: Mapping[str, Sequence[Operation]], outcomes: Mapping[str, Sequence[Outcome]]
) -> dict[str, dict[str, dict[str, float]]]:
    """The same by the number of devices in the home; outcomes stand in the order of the homes."""
    classes: list[str] = []
    for operations in homes.values():
        devices = {action[:2] for operation in operations for action in operation.actions}
        classes += [device_count(len(devices))] * len(operations)
    return {name: _grouped(found, classes) for name, found in outcomes.items()}


def _grouped(found: Sequence[Outcome], labels: Sequence[str]) -> dict[str, dict[str, float]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome, label in zip(found, labels, strict=True):
        groups[label].append(outcome)
    return {label: {"operations": len(g), **scores(table(g))} for label, g in groups.items()}
