"""Renders measurements as pages of `docs/results/`, each with the JSON that it was made from."""

import json
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median, pstdev

from gpiot_cli.bench import iotbench_page, recognition_page
from gpiot_cli.bench.figures import draw_bars
from gpiot_cli.bench.judging import is_late
from gpiot_cli.bench.results import Line, Results, folders_of, interval
from gpiot_cli.bench.tables import facts, quoted, table, without
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic

NOTE = (
    "Written by `gpiot bench report`; do not edit. What has to be known beside the figures, such as "
    "what was measured again and why, is in the [remarks](README.md#remarks).\n"
)

Sections = Callable[[Sequence[Results], Path], list[str]]


@dataclass(frozen=True)
class Page:
    """A page of one kind of measurement."""

    file: str
    title: str
    sections: Sections
    """Of the measurements and the folder of the pages, where pictures go."""
    left_out: tuple[str, ...] = ("reply",)
    """What of a line stays in the results folder, as it would take megabytes."""


HD_ROWS = {
    "system": "gpiot (projects)",
    "direct": "the same model alone",
    "recipe": "the recipe alone (Pan-Tompkins)",
    "xqrs": "XQRS of wfdb",
}


def write_pages(root: Path, docs: Path) -> list[Path]:
    """Write a page for every kind of measurement found under `root`; the files written."""
    found = list(folders_of(root))
    if not found:
        raise GpiotError(f"{root} holds no measurements.", "Run `gpiot bench hd` first.")
    written = []
    for bench, page in PAGES.items():
        of_kind = [results for results in found if results.facts["settings"]["bench"] == bench]
        if not of_kind:
            continue
        write_atomic(docs / page.file, "\n".join([page.title, NOTE, *page.sections(of_kind, docs)]))
        written.append(docs / page.file)
        for results in of_kind:
            path = docs / "data" / f"{results.folder.name}.json"
            data = {**results.facts, "rows": _rows(results, page.left_out)}
            write_atomic(path, json.dumps(data, separators=(",", ":")) + "\n")
            written.append(path)
    return written


def _rows(results: Results, left_out: Container[str]) -> dict[str, list[Line]]:
    return {
        row: [{key: line[key] for key in line if key not in left_out} for line in lines]
        for row, lines in results.rows().items()
    }


HD_TITLE = (
    "# Heartbeat detection on MIT-BIH\n\n"
    "Every project and every program finds the R-peaks of whole records; one within ±150 ms of "
    "a cardiologist's label counts as right. A record on which a program fails scores 0, and a "
    "program's score is the mean over its records. ± is the standard deviation over programs; "
    "in brackets the 95% bootstrap interval of the mean, over programs and records.\n\n"
    "The paper prints of Fig. 14: precision 64.7% and recall 16.9% higher than the baselines' on "
    "average; its bars have no numbers.\n"
)
TASKS_TITLE = (
    "# Ten other tasks\n\n"
    "A program counts as right when its answer is right on enough of the recordings that it "
    "was not made on (`gpiot_cli/bench/applications.toml` says when and how many). `ran` "
    "counts those that answered on every recording.\n"
)
ENGINE_TITLE = "# The engine beside its peers\n\nSide by side on the same machine in one run.\n"


def heartbeat(results: Results, docs: Path) -> str:
    """The table and the bars of Fig. 14 for one statement."""
    settings = results.facts["settings"]
    title = f"## The {settings['statement']} statement{without(settings)}\n"
    lines = [title, f"> {quoted(settings['text'])}\n"]
    rows: list[tuple[str, ...]] = [
        ("", "ran", "late", "precision", "recall", "accuracy", "time each", "tokens each", "memory")
    ]
    bars: dict[str, dict[str, list[float]]] = {}
    for row, title in HD_ROWS.items():
        programs = results.lines(row)
        if programs:
            ran = sum(line["ran"] for line in programs)
            rates = [_rate(programs, rate) for rate in ("precision", "recall", "accuracy")]
            counts = (f"{ran} of {len(programs)}", f"{_late(programs)}")
            costs = (_mean(programs, "seconds", "s"), _mean(programs, "tokens", ""))
            rows.append((title, *counts, *rates, *costs, _mean(programs, "memory MB", "MB")))
            bars[title] = {rate: _means(programs, rate) for rate in ("precision", "recall")}
    lines += [table(rows), draw_bars(docs, results.folder.name, bars)] if bars else []
    lines.append(
        "`late` counts the records that were not done in time. Time is that of making a project or "
        "drawing a program; for the last two rows, of running on all records. Memory is the peak of "
        "the process that runs them, where it was kept.\n"
    )
    lines += _failures(results.lines("system"), "seed")
    return "\n".join([*lines, facts(results, settings["split"])])


def heartbeat_sections(found: Sequence[Results], docs: Path) -> list[str]:
    """A section for each statement."""
    return [heartbeat(results, docs) for results in found]


def applications(results: Results) -> str:
    """Every task: how many projects, and how many programs of the model alone, are right."""
    settings = results.facts["settings"]
    programs = {row: results.lines(row) for row in ("system", "direct")}
    rows: list[tuple[str, ...]] = [
        ("task", "topic", "data", "recipe", "gpiot ran", "right", "alone ran", "right")
    ]
    for group in ("with a recipe", "without a recipe", "all"):
        counted: dict[str, list[Line]] = {"system": [], "direct": []}
        for name, task in settings["tasks"].items():
            if group != "all" and bool(task["recipe"]) != (group == "with a recipe"):
                continue
            of_task = {row: [x for x in of if x["task"] == name] for row, of in programs.items()}
            for row, lines in of_task.items():
                counted[row] += lines
            if group != "all":
                data = task["source"].partition(":")[0]
                cells = (task["topic"], data, task["recipe"] or "none")
                rows.append(
                    (name, *cells, *_counts(of_task["system"]), *_counts(of_task["direct"]))
                )
        total = (*_counts(counted["system"]), *_counts(counted["direct"]))
        rows.append((f"**{group}**", "", "", "", *total))
    explained = [
        f"- `{name}`: {task['statement']} ({task['source']})"
        for name, task in settings["tasks"].items()
    ]
    failures = _failures(programs["system"], "task", "seed")
    return "\n".join([table(rows), *explained, "", *failures, facts(results, settings["split"])])


def engine(results: Results) -> str:
    """The four comparisons, each with what was to be reached."""
    rows: list[tuple[str, ...]] = [("", "gpiot", "peer", "ratio", "to reach")]
    for line in results.lines("throughput"):
        ours, peer = line["gpiot"], line["llama-cpp-python"]
        settings = results.facts["settings"]
        rows.append(
            (
                f"{settings['count']} candidates of {settings['tokens']} tokens",
                f"{ours['tokens per second']:.1f} tokens/s ({ours['seconds']:.0f} s, in one batch)",
                f"{peer['tokens per second']:.1f} tokens/s ({peer['seconds']:.0f} s, "
                "`create_completion`, one after the other)",
                f"{line['ratio']:.2f}",
                "≥ 2.2",
            )
        )
    for line in results.lines("adapters"):
        for what, key, goal in (
            ("swap", "ratio", "≥ 50"),
            ("swap and first token", "ratio to the first token", ""),
        ):
            ours, peer = median(line["gpiot"][what]), median(line["llama-cpp-python"][what])
            title = f"adapter {what}, median"
            reload = f"{peer:.2f} s (load with `lora_path`)"
            rows.append((title, f"{ours * 1000:.2f} ms", reload, f"{line[key]:.1f}", goal))
    for line in results.lines("help"):
        ours, peer = (f"{median(line[name]) * 1000:.0f} ms" for name in ("gpiot", "llm"))
        peer += f" ({line['peer']})"
        rows.append(("`--help`, median", ours, peer, f"{line['ratio']:.2f}", "≤ 1"))
    for line in results.lines("memory"):
        found = f"{line['peak MB']} MB (largest process {line['largest process MB']} MB)"
        if line["exit code"]:
            found += f", exit code {line['exit code']}"
        rows.append(("peak memory of `gpiot new`", found, "", "", "≤ 3000 MB"))
    return "\n".join([table(rows), facts(results, "")])


def _means(programs: Sequence[Line], rate: str) -> list[float]:
    """The mean of a rate over the records, for each program."""
    return [mean(record[rate] for record in line["records"].values()) for line in programs]


def _rate(programs: Sequence[Line], rate: str) -> str:
    scores = [[record[rate] for record in line["records"].values()] for line in programs]
    low, high = interval(scores)
    means = _means(programs, rate)
    spread = f" ± {pstdev(means):.3f}" if len(means) > 1 else ""
    return f"{mean(means):.3f}{spread} [{low:.3f}, {high:.3f}]"


def _late(programs: Sequence[Line]) -> int:
    errors = [r.get("error", "") for line in programs for r in line["records"].values()]
    return sum(map(is_late, errors))


def _mean(programs: Sequence[Line], key: str, unit: str) -> str:
    known = [line[key] for line in programs if key in line]
    return f"{mean(known):.0f} {unit}".rstrip() if known else "–"


def _counts(lines: Sequence[Line]) -> tuple[str, str]:
    ran, right = (sum(bool(line[key]) for line in lines) for key in ("ran", "right"))
    return f"{ran} of {len(lines)}", f"{right} of {len(lines)}"


def _failures(lines: Iterable[Line], *keys: str) -> list[str]:
    """What did not run, in its own words."""
    said = []
    for line in lines:
        errors = [record["error"] for record in line["records"].values() if "error" in record]
        if errors:
            name = " ".join(f"{key} {line[key]}" for key in keys)
            said.append(f"- {name}: failed on {len(errors)} of {len(line['records'])}: {errors[0]}")
    return ["Projects that failed:\n", *said, ""] if said else []


def _each(render: Callable[[Results], str]) -> Sections:
    """A page with one section for each measurement."""
    return lambda found, _docs: [render(results) for results in found]


PAGES = {
    "iotbench": Page(
        "iotbench.md", iotbench_page.TITLE, iotbench_page.sections, left_out=("code",)
    ),
    "hd": Page("heartbeat.md", HD_TITLE, heartbeat_sections),
    **{
        bench: Page(f"{bench}.md", title, recognition_page.sections)
        for bench, title in recognition_page.TITLES.items()
    },
    "tasks": Page("applications.md", TASKS_TITLE, _each(applications)),
    "engine": Page("engine.md", ENGINE_TITLE, _each(engine)),
}
"""Each kind of measurement."""
