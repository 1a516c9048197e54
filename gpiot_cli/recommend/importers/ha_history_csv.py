"""Home Assistant's "Download data" (`history.csv`): ragged rows, climate columns at the end."""

from gpiot_cli.recommend.importers.events import Event, Events, Source, parse_time
from gpiot_cli.recommend.importers.ha_entities import state_event
from gpiot_cli.recommend.importers.lines import each_line
from gpiot_cli.recommend.importers.tables import cells

HEADER = "entity_id,state,last_changed"


def read(source: Source) -> Events:
    """Yield an event for each line after the header."""
    columns: list[str] = []

    def event(number: int, line: str) -> Event:
        if not columns:
            columns.extend(cells(line, ","))
            raise ValueError("the header")
        row = dict(zip(columns, cells(line, ","), strict=False))
        time, _ = parse_time(row.get("last_changed"), source.zone)
        entity = row.get("entity_id", "")
        return state_event(source.registry, time, number, entity, row.get("state"), _numbers(row))

    return each_line(source, event)


def _numbers(row: dict[str, str]) -> dict[str, str | float]:
    """The climate columns as numbers, as the attributes are elsewhere."""
    return {name: _number(text) for name, text in row.items()}


def _number(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
