"""`devpiolt import`: a home's log, as people can export it, to `home.jsonl`."""

from pathlib import Path
from typing import Annotated

import typer

from gpiot_cli.cli.console import print_json, talk
from gpiot_cli.errors import GpiotError


def import_(
    file: Annotated[Path, typer.Argument(help="The exported log; gzip is fine.")],
    out: Annotated[Path, typer.Option(help="Where the records go.")] = Path("home.jsonl"),
    format: Annotated[str, typer.Option(help="Its format, when it is not detected.")] = "auto",
    registry: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder that names rooms. Default: beside the log."),
    ] = None,
    map: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=FIELD", help="What a table's column means; repeatable."),
    ] = None,
    timezone: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="IANA zone of the home. Default: as the log says, or this machine's.",
        ),
    ] = "",
    add: Annotated[
        bool, typer.Option("--add", help="Keep the records that are there, and add what is new.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the account as JSON.")] = False,
) -> None:
    """Import a home's log: what it found, what it dropped and why.

    Reads Home Assistant (database, history and logbook as JSON, history.csv), SmartThings device
    history, openHAB (events.log, REST persistence), tables (CSV, JSON Lines, JSON) and home.jsonl.
    The format is told by the content. Rooms come from the registry: Home Assistant's .storage,
    SmartThings' devices.json and rooms.json, openHAB's items.json.

    \b
    Examples:
      devpiolt import ~/homeassistant/home-assistant_v2.db
      devpiolt import home-assistant_v2.db --add
      devpiolt import history.csv --registry ~/homeassistant/.storage --timezone Europe/Paris
      devpiolt import sensors.csv --map when=time --map sensor=device --map lux=env.illuminance
    """
    from gpiot_cli.recommend.importers import import_log

    report = import_log(file, out, format, registry, _mapping(map or []), timezone, add=add)
    if json:
        print_json({**report.as_dict(), "out": str(out)})
    else:
        talk.print(report.in_words(), markup=False, soft_wrap=True)
    if not report.operations:
        raise GpiotError(
            f"{file} holds no operations; nothing was written.",
            "The list above says why each line was dropped.",
        )
    if not json:
        print(out)


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        column, equals, field = pair.partition("=")
        if not (equals and column and field):
            raise GpiotError(f"--map {pair} is not COLUMN=FIELD.", "Such as --map when=time.")
        mapping[column.strip()] = field.strip()
    return mapping
