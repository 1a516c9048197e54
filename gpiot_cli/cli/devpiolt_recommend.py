"""`devpiolt recommend`: the next operation of a home."""

import sys
from datetime import datetime, timedelta
from enum import StrEnum
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gpiot_cli.cli.asking import Endpoint, Model, open_asked
from gpiot_cli.cli.console import print_json, say, talk
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic

if TYPE_CHECKING:
    from gpiot_cli.recommend.home import Home
    from gpiot_cli.recommend.recommend import Recommendation
    from gpiot_cli.recommend.recommender import Recommender


class Format(StrEnum):
    """What is printed."""

    text = "text"
    ha_automation = "ha-automation"


def recommend(
    logs: Annotated[Path, typer.Option(metavar="FILE", help="The home's records.")] = Path(
        "home.jsonl"
    ),
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="ISO time to suggest for; default: now.")
    ] = None,
    env: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON list of [room, indicator, value].")
    ] = None,
    top: Annotated[int, typer.Option(min=1, max=20, help="How many candidates are told.")] = 3,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="How likely a suggestion must be.")
    ] = 0.7,
    with_model: Annotated[
        bool, typer.Option(help="Ask the language model about the likeliest, too.")
    ] = False,
    model: Model = None,
    endpoint: Endpoint = None,
    format: Annotated[Format, typer.Option(help="What to print.")] = Format.text,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Stay, and suggest what comes after each operation.")
    ] = False,
) -> None:
    """Suggest what will be operated next, or say why nothing is worth suggesting.

    A percentage says how likely it is this one if something is operated at that time. With
    --follow it stays, and says after each operation what comes next, whenever that is.

    \b
    Examples:
      devpiolt recommend --logs home.jsonl
      devpiolt recommend --logs home.jsonl --at 2024-09-30T22:50 --env now.json --json
      devpiolt recommend --logs home.jsonl --format ha-automation > automation.yaml
      devpiolt recommend --logs home.jsonl --with-model --follow
    """
    from gpiot_cli.recommend import feedback
    from gpiot_cli.recommend.recommend import (
        growing_log,
        known_at,
        read_log,
        read_readings,
    )
    from gpiot_cli.recommend.recommend import recommend as run
    from gpiot_cli.recommend.recommender import Recommender
    from gpiot_cli.recommend.scorer import Scorer

    if follow and at:
        raise GpiotError(
            "--follow suggests after the last operation, --at for another time.", "Leave one out."
        )
    if follow and env:
        raise GpiotError(
            "--follow takes new readings from the log, --env from a file that is read once.",
            "Leave one out.",
        )
    if json and format is Format.ha_automation:
        raise GpiotError("--json and --format ha-automation are two outputs.", "Leave one out.")
    readings = read_readings(env) if env else []
    growth = growing_log(logs) if follow else iter([read_log(logs)])
    whole = next(growth)
    known, time = known_at(whole, _parse(at) if at else None)
    if time - whole[-1].time > timedelta(days=1):
        say(f"The log ends {whole[-1].time:%Y-%m-%d}; states may have changed since.")
    see = Recommender.scene
    if follow:  # the question is asked right after an operation: learned and calibrated so, too
        see, time = Recommender.scene_after_last, known[-1].time
    recommender = Recommender()
    with talk.status(f"Learning {len(known):,} operations"):
        recommender.learn_history(known, see)
    simulated = any(operation.origin == "simulated" for operation in known)
    scorer = None
    if with_model or model or endpoint:
        scorer = Scorer.as_trained(open_asked(model, endpoint, log=logs))
        scorer.learn_history(known)

    def suggest(time: datetime) -> None:
        found = run(
            recommender,
            time,
            readings,
            top=top,
            threshold=threshold,
            verdicts=feedback.read(logs),
            scorer=scorer,
        )
        body = _body(found, recommender, threshold, simulated=simulated)
        write_atomic(feedback.last_path(), dumps({"log": str(logs.resolve()), **body}))
        if json:
            print_json(body)
        elif format is Format.text:
            _print(found, recommender.home, follow=follow, simulated=simulated)
        else:
            try:
                print(_automation(found, recommender.home, logs), end="")
            except GpiotError as error:
                if not follow:
                    raise
                say(str(error))
        sys.stdout.flush()  # who follows through a pipe waits for it

    suggest(time)
    for new in growth:
        recommender.keep_up(new, see)
        if scorer:
            for operation in new:
                scorer.learn(operation)
        suggest(recommender.home.log[-1][0])


def _body(
    found: "Recommendation", recommender: "Recommender", threshold: float, *, simulated: bool
) -> dict[str, Any]:
    return {
        "time": found.time.isoformat(),
        "suggest": found.silence is None,
        "why not": found.silence,
        "suggestions": [suggestion._asdict() for suggestion in found.suggestions],
        "threshold": threshold,
        "calibrated on": found.judged,
        "operations": len(recommender.home.log),
        "simulated": simulated,
        "model": found.asked > 0,
    }


def _automation(found: "Recommendation", home: "Home", logs: Path) -> str:
    """Raises `GpiotError` when nothing should be suggested: an automation would do it every day."""
    from gpiot_cli.recommend.automation import automation
    from gpiot_cli.recommend.recommend import UNCALIBRATED
    from gpiot_cli.recommend.records import read_devices

    if not found.suggestions:
        raise GpiotError(f"There is nothing to automate: {found.silence}.")
    best = found.suggestions[0]
    if found.silence:
        by_threshold = not best.objection and set(best.because) - {UNCALIBRATED}
        raise GpiotError(
            f"No automation is made of “{best.description.rstrip('.')}”: {found.silence}.",
            "Lower it with --threshold." if by_threshold else "Ask for another time with --at.",
        )
    number = home.number[frozenset(best.actions)]
    return automation(number, found.time, home, read_devices(logs))


def _print(found: "Recommendation", home: "Home", *, follow: bool, simulated: bool) -> None:
    from gpiot_cli.recommend.describe import percent

    if not found.suggestions:
        print(f"Nothing to suggest: {found.silence}.")
        return
    if found.silence:
        print(f"Nothing to suggest for {found.time:%a %H:%M}.")
        print(f"The likeliest was “{found.suggestions[0].description}”, but {found.silence}.\n")
    day, clock = f"{found.time:%a}", f"{found.time:%H:%M}"
    print(
        f"Next after {day} {clock}:" if follow else f"If anything is operated on {day} at {clock}:"
    )
    for i, suggestion in enumerate(found.suggestions, start=1):
        actions = " ".join("".join(f"[{part}]" for part in action) for action in suggestion.actions)
        print(f"{i}. {suggestion.description} {percent(suggestion.probability)}")
        print(f"   {actions}")
        for words in suggestion.because:
            print(f"   {words}")
        if suggestion.objection and not (i == 1 and found.silence):
            print(f"   but {suggestion.objection}")
    source = "the home's history " + ("and the language model" if found.asked else "alone")
    what = "simulated operations" if simulated else "operations"
    talk.print(f"From {source}: {len(home.log):,} {what}.", markup=False)
    if found.judged == 0:
        talk.print("The history is too short to calibrate: take the percentages as a guess.")


def _parse(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise GpiotError(f"{text!r} is no time.", "Write it like 2024-09-30T22:50.") from error
