"""What the pages of `docs/results/` are made of: tables, intervals and the facts of a measurement."""

from collections.abc import Mapping, Sequence

from gpiot_cli.bench.results import Results, interval


def table(rows: Sequence[Sequence[object]]) -> str:
    """Rows as Markdown; the first is the head."""
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * len(cells[0]), *lines[1:], ""])


def with_interval(scores: Sequence[float], digits: int = 3) -> str:
    """The mean of independent scores with its 95% bootstrap interval; a dash for none.

    A single score has no interval.
    """
    if not scores:
        return "–"
    mean = sum(scores) / len(scores)
    if len(scores) == 1:
        return f"{mean:.{digits}f}"
    low, high = interval([scores])
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def facts(results: Results, split: str) -> str:
    """Command, code, machine, model and data of a measurement."""
    known = results.facts
    machine = known["hardware"]
    commits = {
        line["commit"] for lines in results.rows().values() for line in lines if "commit" in line
    }
    rows = [
        ("command", f"`{known['command']}`"),
        ("begun", known["started"]),
        (
            "code",
            f"gpiot {known['gpiot']}, commit {', '.join(sorted(commits or {known['commit']}))}",
        ),
        ("machine", f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']}"),
    ]
    if model := known.get("model"):
        rows.append(("model", f"{model['name']}, sha256 `{model['sha256']}`"))
    if adapters := known.get("adapters"):
        rows.append(("adapters and digest", f"`{adapters}`"))
    if tools := known["settings"].get("tools"):
        rows.append(("metrics by", ", ".join(f"{name} {tools[name]}" for name in tools)))
    for fact in ("sandbox", "own documents"):
        if fact in known:
            rows.append((fact, known[fact]))
    if split:
        rows.append(("split", split))
    if records := known["settings"].get("data", {}).get("records"):
        rows.append(("records", f"{len(records)}: {', '.join(records)}"))
    data = known["settings"].get("data", {}).get("sha256")
    if data:
        rows.append(("data", f"sha256 `{data}` over the names and files"))
    return table([("", ""), *rows])


def without(settings: Mapping[str, str]) -> str:
    """What projects were made without, for a title; "" where nothing was left out."""
    ablation = settings.get("ablation", "none")
    return "" if ablation == "none" else f", projects without {ablation}"


def quoted(text: str) -> str:
    """A text to follow "> " in Markdown."""
    return text.replace("\n", "\n> ")
