"""The loop of all line formats: one line, one event or the reason why not."""

from collections.abc import Callable

from gpiot_cli.recommend.importers.events import Dropped, Event, Events, Source
from gpiot_cli.recommend.records import BROKEN_FILE, numbered_lines, open_text


def each_line(source: Source, parse: Callable[[int, str], Event]) -> Events:
    """Parse every line (without its end); a ValueError is the reason to drop it.

    A compressed file that breaks off ends with one Dropped. Lines with bytes that are not UTF-8 are
    noted.
    """
    number = undecodable = 0
    with open_text(source.path) as file:
        try:
            for number, line in numbered_lines(file):
                undecodable += "\ufffd" in line  # what such bytes are read as
                try:
                    if not line.strip():
                        raise ValueError("a blank line")
                    yield parse(number, line.rstrip("\r\n"))
                except ValueError as reason:
                    yield Dropped(number, str(reason))
        except BROKEN_FILE as error:
            yield Dropped(number + 1, f"the file is damaged from here ({error})")
    if undecodable:
        lines = "1 line holds" if undecodable == 1 else f"{undecodable:,} lines hold"
        source.notes.append(f"{lines} bytes that are not UTF-8; they became \ufffd")
