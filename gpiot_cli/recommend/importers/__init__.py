"""`devpiolt import`: what people can export of their home, as `home.jsonl`.

    source file → detect.py → a reader → order.py → settle.py → interpret.py (→ add.py) → home.jsonl
                              (events)   (by time)              (operations)
                                                                device_list.py → home.devices.json

A reader turns each line, row or record into one event or says why it drops it; the rest is the
same for all. Memory stays bounded however long the log is.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from gpiot_cli.errors import GpiotError
from gpiot_cli.files import refuse_special, write_atomic
from gpiot_cli.recommend.importers.add import added, refuse_loss
from gpiot_cli.recommend.importers.detect import FORMATS, detect, reader, refuse_utf16
from gpiot_cli.recommend.importers.device_list import device_list, keep_names
from gpiot_cli.recommend.importers.events import Dropped, Event, Events, Source
from gpiot_cli.recommend.importers.interpret import operations
from gpiot_cli.recommend.importers.order import in_order
from gpiot_cli.recommend.importers.registry import find_registry, load_registry
from gpiot_cli.recommend.importers.report import Report
from gpiot_cli.recommend.importers.settle import settled
from gpiot_cli.recommend.importers.tables import check_mapping
from gpiot_cli.recommend.records import DeviceList, Operation, devices_path, read_devices

__all__ = ["FORMATS", "Report", "detect", "import_log"]


def import_log(
    path: Path,
    out: Path,
    format: str = "auto",
    registry: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    timezone: str = "",
    *,
    add: bool = False,
) -> Report:
    """Write the operations of a log to `out` (whole or not at all) and account for every unit.

    Devices whose entity is known are listed beside it (`home.devices.json`). A log without
    operations replaces nothing, nor does one that lacks operations that are there. With `add` the
    records and devices that are there are kept, and so are the devices' rooms and names.

    `registry` is a folder that names rooms (default: beside the log); `mapping` is column to
    field; `timezone` an IANA name (default: an event's own offset, the registry's zone, else this
    machine's).
    Raises GpiotError when the file, its format, the registry or the zone is not known, when `out`
    is an export itself or would lose operations, and when what should be added to is damaged or
    out of order.
    """
    check_mapping(mapping or {})
    if format not in ("auto", *FORMATS):
        raise GpiotError(f"There is no format {format}.", f"There are {', '.join(FORMATS)}.")
    if not path.is_file():
        raise GpiotError(f"There is no file {path}.", "Is the path right?")
    if out.is_dir():
        raise GpiotError(f"{out} is a folder.", f"Name a file in it: --out {out / 'home.jsonl'}")
    refuse_special(out)
    refuse_utf16(path)
    format = detect(path) if format == "auto" else format
    itself = out.exists() and out.samefile(path)  # to be sorted: its devices stay
    if itself and format != "home-jsonl":
        raise GpiotError(
            f"--out {out} is the export itself, which the records would replace.",
            "Name another file with --out.",
        )
    home = load_registry(registry) if registry else find_registry(path)
    zone = _zone(timezone or home.timezone)
    source = Source(path, home, zone, mapping or {}, [])
    report = Report(
        source=str(path),
        format=FORMATS[format].words,
        unit=FORMATS[format].unit,
        registry=home.files,
        timezone=str(zone or f"this machine's time zone ({datetime.now().astimezone():%Z})"),
        notes=source.notes,
    )
    add = add and out.exists()
    before = read_devices(out) if add or itself else ()
    if add:
        keep_names(home, before)
    out.parent.mkdir(parents=True, exist_ok=True)
    events = in_order(_counted(reader(format, source), report), out.parent)
    if timezone:
        events = (event._replace(offset=None) for event in events)
    found = operations(settled(events, report), report, zone, home.groups)
    first = next(found, None)
    if first is None:
        return report
    new: Iterator[Operation] = chain([first], found)
    if out.exists() and not add:
        new = refuse_loss(out, new)
    lines = added(out, new, report) if add else (each.to_line().encode() for each in new)
    write_atomic(out.resolve(), (line + b"\n" for line in lines))  # a link of the user's stays
    _write_devices(devices_path(out), device_list(home, report.devices, before))
    return report


def _counted(events: Events, report: Report) -> Iterator[Event]:
    """Pass events on; account for dropped units and for lines whose time goes back."""
    latest = 0.0
    for event in events:
        report.read += 1
        if isinstance(event, Dropped):
            report.drop(event.number, event.reason)
            continue
        if report.unit == "line":
            report.out_of_order += event.time < latest
        latest = max(latest, event.time)
        yield event


def _write_devices(path: Path, listed: DeviceList) -> None:
    """Write the list; without devices none may stay there from another import."""
    if listed.devices:
        write_atomic(path, listed.model_dump_json(exclude_unset=True, exclude_none=True, indent=1))
    else:
        path.unlink(missing_ok=True)


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError, KeyError) as error:
        raise GpiotError(
            f"There is no time zone {name}.", "Use an IANA name such as Europe/Amsterdam."
        ) from error
