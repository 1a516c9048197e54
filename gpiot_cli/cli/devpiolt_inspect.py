"""`devpiolt inspect`: what a home's log shows."""

from pathlib import Path
from typing import Annotated

import typer

from gpiot_cli.cli.console import print_json, talk
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic

Logs = Annotated[Path, typer.Option(metavar="FILE", help="The home's records.")]


def inspect(
    logs: Logs = Path("home.jsonl"),
    png: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the week as a heat map.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a home: devices, values, habits, and whether its history is enough.

    \b
    Examples:
      devpiolt inspect --logs home.jsonl
      devpiolt inspect --logs home.jsonl --png week.png --json
    """
    from gpiot_cli.recommend.inspect import RULE, examine, habits, observed, week_png
    from gpiot_cli.recommend.records import read_operations

    if not logs.is_file():
        raise GpiotError(f"There is no file {logs}.", "devpiolt import makes one from an export.")
    home = examine(read_operations(logs))
    for line in home.bad:
        talk.print(
            f"{logs} line {line.number} is no record: {line.reason}", markup=False, soft_wrap=True
        )
    if home.bad_lines > len(home.bad):
        talk.print(f"… and {home.bad_lines - len(home.bad):,} more lines that are no records")
    if home.first is None or home.last is None:
        raise GpiotError(f"{logs} holds no operations.", "devpiolt import says why.")
    if png:
        write_atomic(png, week_png(home))
        talk.print(f"Drew {png}", markup=False, soft_wrap=True)
    if json:
        print_json(home.as_dict())
        return
    simulated = " simulated" if home.simulated else ""
    print(
        f"{home.operations:,}{simulated} operations of {len(home.devices)} devices on "
        f"{len(home.days)} days, {home.first:%Y-%m-%d} to {home.last:%Y-%m-%d}"
    )
    print(f"  by {', '.join(f'{cause} {count:,}' for cause, count in home.causes.most_common())}")
    print("\nDevices")
    for device in home.busiest():
        print(f"  {device.operations:>7,}  {device.room} · {device.name}")
        for name, values in device.fields.items():
            said = ", ".join(f"{value} {count}" for value, count in observed(values).items())
            print(f"           {name}: {said}")
    print("\nHabits")
    for habit in habits(home)[:12]:
        room, name, field, value = habit.action
        print(
            f"  {room} · {name}: {field} {value}, {habit.kept} of the last {habit.of} {habit.days} "
            f"between {habit.start} and {habit.end}"
        )
    print(f"\nHistory: {home.verdict}. {RULE}")
