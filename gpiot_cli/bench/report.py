"""Renders measurements as pages of `docs/results/`, each with the JSON that it was made from."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean, median, pstdev

from gpiot_cli.bench.results import Line, Results, folders_of, interval
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic

PAGES = {"hd": "heartbeat.md", "tasks": "applications.md", "engine": "engine.md"}
NOTE = "Written by `gpiot bench report`; do not edit.\n"

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
    for bench, name in PAGES.items():
        of_kind = [results for results in found if results.facts["settings"]["bench"] == bench]
        if not of_kind:
            continue
        sections = [RENDER[bench](results) for results in of_kind]
        write_atomic(docs / name, "\n".join([TITLES[bench], NOTE, *sections]))
        written.append(docs / name)
        for results in of_kind:
            data = {**results.facts, "rows": results.rows()}
            path = docs / "data" / f"{results.folder.name}.json"
            write_atomic(path, json.dumps(data, separators=(",", ":")) + "\n")
            written.append(path)
    return written


TITLES = {
    "hd": (
        "# Heartbeat detection on MIT-BIH\n\n"
        "Every project and every program finds the R-peaks of whole records; one within ±150 ms of "
        "a cardiologist's label counts as right. A record on which a program fails scores 0, and a "
        "program's score is the mean over its records. ± is the standard deviation over programs; "
        "in brackets the 95% bootstrap interval of the mean, over programs and records.\n"
    ),
    "tasks": (
        "# Ten other tasks\n\n"
        "A program counts as right when its answer is right on enough of the recordings that it "
        "was not made on (`gpiot_cli/bench/applications.toml` says when and how many). `ran` "
        "counts those that answered on every recording.\n"
    ),
    "engine": "# The engine beside its peers\n\nSide by side on the same machine in one run.\n",
}


def heartbeat(results: Results) -> str:
    """The table of Fig. 14 for one statement."""
    settings = results.facts["settings"]
    lines = [f"## The {settings['statement']} statement\n", f"> {_quoted(settings['text'])}\n"]
    table: list[tuple[str, ...]] = [("", "ran", "precision", "recall", "accuracy", "time each")]
    for row, title in HD_ROWS.items():
        programs = results.lines(row)
        if programs:
            ran = sum(line["ran"] for line in programs)
            rates = [_rate(programs, rate) for rate in ("precision", "recall", "accuracy")]
            table.append((title, f"{ran} of {len(programs)}", *rates, _time(programs)))
    lines.append(_table(table))
    lines.append(
        "Time is that of making a project or drawing a program; for the last two rows, of running "
        "on all records.\n"
    )
    lines += _failures(results.lines("system"), "seed")
    return "\n".join([*lines, _facts(results, settings["split"])])


def applications(results: Results) -> str:
    """Every task: how many projects, and how many programs of the model alone, are right."""
    settings = results.facts["settings"]
    rows = {row: results.lines(row) for row in ("system", "direct")}
    table: list[tuple[str, ...]] = [
        ("task", "topic", "data", "recipe", "gpiot ran", "right", "alone ran", "right")
    ]
    for group in ("with a recipe", "without a recipe", "all"):
        counted: dict[str, list[Line]] = {"system": [], "direct": []}
        for name, task in settings["tasks"].items():
            if group != "all" and bool(task["recipe"]) != (group == "with a recipe"):
                continue
            of_task = {row: [x for x in rows[row] if x["task"] == name] for row in rows}
            for row, lines in of_task.items():
                counted[row] += lines
            if group != "all":
                data = task["source"].partition(":")[0]
                cells = (task["topic"], data, task["recipe"] or "none")
                table.append(
                    (name, *cells, *_counts(of_task["system"]), *_counts(of_task["direct"]))
                )
        total = (*_counts(counted["system"]), *_counts(counted["direct"]))
        table.append((f"**{group}**", "", "", "", *total))
    explained = [
        f"- `{name}`: {task['statement']} ({task['source']})"
        for name, task in settings["tasks"].items()
    ]
    failures = _failures(rows["system"], "task", "seed")
    return "\n".join([_table(table), *explained, "", *failures, _facts(results, settings["split"])])


def engine(results: Results) -> str:
    """The four comparisons, each with what was to be reached."""
    table: list[tuple[str, ...]] = [("", "gpiot", "peer", "ratio", "to reach")]
    for line in results.lines("throughput"):
        ours, peer = line["gpiot"], line["llama-cpp-python"]
        settings = results.facts["settings"]
        table.append(
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
            table.append((title, f"{ours * 1000:.2f} ms", reload, f"{line[key]:.1f}", goal))
    for line in results.lines("help"):
        ours, peer = (f"{median(line[name]) * 1000:.0f} ms" for name in ("gpiot", "llm"))
        peer += f" ({line['peer']})"
        table.append(("`--help`, median", ours, peer, f"{line['ratio']:.2f}", "≤ 1"))
    for line in results.lines("memory"):
        found = f"{line['peak MB']} MB (largest process {line['largest process MB']} MB)"
        if line["exit code"]:
            found += f", exit code {line['exit code']}"
        table.append(("peak memory of `gpiot new`", found, "", "", "≤ 3000 MB"))
    return "\n".join([_table(table), _facts(results, "")])


RENDER = {"hd": heartbeat, "tasks": applications, "engine": engine}


def _rate(programs: Sequence[Line], rate: str) -> str:
    scores = [[record[rate] for record in line["records"].values()] for line in programs]
    low, high = interval(scores)
    means = [mean(row) for row in scores]
    spread = f" ± {pstdev(means):.3f}" if len(means) > 1 else ""
    return f"{mean(means):.3f}{spread} [{low:.3f}, {high:.3f}]"


def _time(programs: Sequence[Line]) -> str:
    seconds = [line["seconds"] for line in programs if "seconds" in line]
    return f"{mean(seconds):.0f} s" if seconds else "–"


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


def _facts(results: Results, split: str) -> str:
    facts = results.facts
    machine = facts["hardware"]
    commits = {line["commit"] for line in results.lines("system")} or {facts["commit"]}
    rows = [
        ("command", f"`{facts['command']}`"),
        ("begun", facts["started"]),
        ("code", f"gpiot {facts['gpiot']}, commit {', '.join(sorted(commits))}"),
        ("machine", f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']}"),
    ]
    if model := facts.get("model"):
        rows.append(("model", f"{model['name']}, sha256 `{model['sha256']}`"))
    if split:
        rows.append(("split", split))
    data = facts["settings"].get("data", {}).get("sha256")
    if data:
        rows.append(("data", f"sha256 `{data}` over the records' names and files"))
    return _table([("", ""), *rows])


def _table(rows: Sequence[Sequence[object]]) -> str:
    """Rows as Markdown; the first is the head."""
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * len(cells[0]), *lines[1:], ""])


def _quoted(text: str) -> str:
    return text.replace("\n", "\n> ")
