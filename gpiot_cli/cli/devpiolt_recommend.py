"""`devpiolt recommend`: the next operation of a home."""

from datetime import datetime
from enum import StrEnum
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from gpiot_cli.cli.console import print_json, talk
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic


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
    model: Annotated[
        str | None, typer.Option(help="Which model; default: the default one.")
    ] = None,
    endpoint: Annotated[str | None, typer.Option(help="A server instead of a local model.")] = None,
    format: Annotated[Format, typer.Option(help="What to print.")] = Format.text,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Suggest what will be operated next, or say why nothing is worth suggesting.

    \b
    Examples:
      devpiolt recommend --logs home.jsonl
      devpiolt recommend --logs home.jsonl --at 2024-09-30T22:50 --env now.json --json
      devpiolt recommend --logs home.jsonl --format ha-automation > automation.yaml
    """
    from gpiot_cli.recommend import feedback
    from gpiot_cli.recommend.automation import automation
    from gpiot_cli.recommend.recommend import learned_from, read_readings, scorer_for
    from gpiot_cli.recommend.recommend import recommend as run

    readings = read_readings(env) if env else []
    recommender, time = learned_from(logs, _parse(at) if at else None)
    scorer = None
    if with_model or model or endpoint:
        from gpiot_cli.engine.open import open_engine

        scorer = scorer_for(open_engine(model, endpoint), logs, time)
    found = run(
        recommender,
        time,
        readings,
        top=top,
        threshold=threshold,
        verdicts=feedback.read(logs),
        scorer=scorer,
    )
    suggestions = [suggestion._asdict() for suggestion in found.suggestions]
    body: dict[str, Any] = {
        "time": found.time.isoformat(),
        "suggest": found.silence is None,
        "why not": found.silence,
        "suggestions": suggestions,
        "threshold": threshold,
        "calibrated on": found.judged,
        "operations": len(recommender.home.log),
        "model": bool(scorer),
    }
    write_atomic(feedback.last_path(), dumps({"log": str(logs.resolve()), **body}))
    if json:
        print_json(body)
        return
    if not found.suggestions:
        print(f"Nothing to suggest: {found.silence}.")
        return
    if format is Format.ha_automation:
        number = recommender.home.number[frozenset(found.suggestions[0].actions)]
        print(automation(number, time, recommender.home), end="")
        if found.silence:
            talk.print(f"Not worth suggesting now: {found.silence}.", markup=False)
        return
    if found.silence:
        print(f"Nothing to suggest for {found.time:%a %H:%M}.")
        print(f"The likeliest was “{found.suggestions[0].description}”, but {found.silence}.\n")
    for i, suggestion in enumerate(found.suggestions, start=1):
        actions = " ".join("".join(f"[{part}]" for part in action) for action in suggestion.actions)
        print(f"{i}. {suggestion.description} {suggestion.probability:.0%}")
        print(f"   {actions}")
        for words in suggestion.because:
            print(f"   {words}")
        if suggestion.objection and i > 1:
            print(f"   but {suggestion.objection}")
    source = "the home's history and the language model" if scorer else "the home's history alone"
    talk.print(f"From {source}: {len(recommender.home.log):,} operations.", markup=False)
    if found.judged == 0:
        talk.print("The history is too short to calibrate: take the percentages as a guess.")


def _parse(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise GpiotError(f"{text!r} is no time.", "Write it like 2024-09-30T22:50.") from error
