"""Mutated lines and damaged files: no traceback, and every unit is accounted for.

`DEVPIOLT_EXAMPLES=100000` makes each run so many examples long.
"""

import os
import tempfile
from pathlib import Path

import home_logs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.importers import import_log
from gpiot_cli.recommend.importers.report import Report

EXAMPLES = int(os.environ.get("DEVPIOLT_EXAMPLES", "60"))
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

LINES = {
    "home-jsonl": home_logs.HOME_JSONL,
    "openhab-log": home_logs.OPENHAB_LOG,
    "csv": home_logs.TABLE.replace("when", "time").replace("what", "device"),
    "jsonl": home_logs.HOME_JSONL,
    "ha-history-csv": home_logs.history_csv(),
}
DOCUMENTS = {
    "ha-history": home_logs.history_full(),
    "ha-logbook": home_logs.logbook(),
    "smartthings": home_logs.smartthings(),
    "openhab-rest": home_logs.OPENHAB_REST,
    "json": "[" + ",".join(home_logs.HOME_JSONL.splitlines()) + "]",
}
INSERTS = [
    *'{}[]",:\\ \x00', "null", "true", "NaN", "1e400", "-1", "9" * 40, "T25:61", "\\ud800", "\N{HOUSE BUILDING}",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, text: str, breaks: str = "") -> str:
    """The text with a few characters cut out, doubled or put in."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from([*INSERTS, text[start:end] * 2, breaks]))
        text = text[:start] + piece + text[end:]
    return text


def account(data: bytes, format: str) -> Report | None:
    """Import the bytes; None when it was refused in a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "log", Path(folder) / "out.jsonl"
        path.write_bytes(data)
        try:
            report = import_log(path, out, format, timezone="UTC")
        except GpiotError:
            assert not out.exists()
            return None
        written = out.read_text() if report.operations else ""
        assert report.operations == len(written.splitlines())
        assert out.exists() == bool(report.operations)
    assert report.read == report.operations + report.readings + report.dropped.total()
    return report


@pytest.mark.parametrize("format", LINES)
@many
@given(data=st.data())
def test_mutated_lines_are_all_accounted_for(format: str, data: st.DataObject) -> None:
    text = data.draw(mutated(LINES[format], "\n"))
    report = account(text.encode("utf-8", "surrogatepass"), format)
    assert report is not None
    assert report.read == text.count("\n") + (not text.endswith("\n") and text != "")


@many
@given(data=st.data())
def test_adding_to_mutated_records_loses_no_line(data: st.DataObject) -> None:
    before = data.draw(mutated(home_logs.HOME_JSONL, "\n")).encode("utf-8", "surrogatepass")
    with tempfile.TemporaryDirectory() as folder:
        export, out = Path(folder) / "export", Path(folder) / "home.jsonl"
        export.write_text(home_logs.HOME_JSONL)
        out.write_bytes(before)
        try:
            report = import_log(export, out, timezone="UTC", add=True)
        except GpiotError:
            assert out.read_bytes() == before
            return
        after = out.read_bytes().removesuffix(b"\n").split(b"\n")
    kept = before.removesuffix(b"\n").split(b"\n")
    assert len(after) == len(kept) + report.operations - report.already_there
    remaining = iter(after)
    assert all(line in remaining for line in kept)


@pytest.mark.parametrize("format", DOCUMENTS)
@many
@given(data=st.data())
def test_mutated_documents_never_end_in_a_traceback(format: str, data: st.DataObject) -> None:
    text = data.draw(mutated(DOCUMENTS[format]))
    account(text.encode("utf-8", "surrogatepass"), format)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return home_logs.database(tmp_path_factory.mktemp("ha") / "home.db").read_bytes()


@pytest.mark.parametrize("format", ["auto", "ha-database"])
@many
@given(data=st.data())
def test_damaged_databases(format: str, database: bytes, data: st.DataObject) -> None:
    size = len(database)
    damaged = bytearray(database)
    for _ in range(data.draw(st.integers(1, 20))):
        damaged[data.draw(st.integers(0, size - 1))] = data.draw(st.integers(0, 255))
    account(bytes(damaged[: data.draw(st.integers(0, size))]), format)


@many
@given(data=st.binary(max_size=300))
def test_any_bytes_as_any_file(data: bytes) -> None:
    account(data, "auto")


@pytest.mark.parametrize("text", [*LINES.values(), *DOCUMENTS.values()])
@many
@given(data=st.data())
def test_damaged_files_are_detected_or_refused(text: str, data: st.DataObject) -> None:
    damaged = data.draw(mutated(text, "\n")).encode("utf-8", "surrogatepass")
    account(damaged[: data.draw(st.integers(0, len(damaged)))], "auto")
