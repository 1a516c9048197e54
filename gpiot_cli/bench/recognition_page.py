"""The pages of Fig. 15, 16 and 19(a): accuracy, time and memory of programs that learn."""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from gpiot_cli.bench.figures import draw_bars
from gpiot_cli.bench.results import Line, Results
from gpiot_cli.bench.tables import facts, table, with_interval, without

EXPLAINED = (
    "Accuracy is on recordings whose labels the programs never had, balanced accuracy its mean over "
    "the classes; a program that fails has 0. In brackets is the 95% bootstrap interval of the mean "
    "over programs. Run time is that of learning and recognising together, and memory the peak of "
    "the process with its interpreter, packages and data, on a processor without GPU; both over the "
    "programs that ran. A project's process also draws pictures.\n"
)

TITLES = {
    "har": (
        "# Activity recognition from Wi-Fi (WiAR)\n\n"
        "The paper prints of Fig. 15: accuracy 17.2% higher, GPU memory 47.8% less and inference time "
        "38.3% shorter than the baselines on average, by programs that split the data and report "
        f"their accuracy themselves. {EXPLAINED}"
    ),
    "multimodal": (
        "# Three kinds of sensors, in the place of multimodal activity recognition\n\n"
        "The paper's Harmony set could not be had; what stands in is named below. The paper prints of "
        f"Fig. 16: accuracy 13.44% higher than the baselines on average. {EXPLAINED}"
    ),
    "resources": (
        "# Resource prompts P1 to P4\n\n"
        "The paper prints of Fig. 19(a): P2 reaches nearly 100% accuracy, P3 stays within 200 MB of "
        "GPU memory with a slight drop, P4 takes about 50 MB with 5% less accuracy. "
        f"{EXPLAINED}"
    ),
}

ROWS = {
    "system": "gpiot (projects)",
    "direct": "the same model alone",
    "reference": "a plain program that a person wrote",
}


def sections(found: Sequence[Results], docs: Path) -> list[str]:
    """One section for each measurement."""
    return [_section(results, docs) for results in found]


def _section(results: Results, docs: Path) -> str:
    settings = results.facts["settings"]
    model = results.facts.get("model", {}).get("name", "no model")
    parts = [f"## {model}{without(settings)}\n"]
    parts += [f"- {name}: {statement}" for name, statement in settings["statements"].items()]
    shares = ", ".join(f"{share:.3f} ({split})" for split, share in settings["chance"].items())
    parts.append(f"\nAlways naming the commonest class has an accuracy of {shares}.\n")
    scores: dict[str, dict[str, list[float]]] = {}
    for split in settings["splits"]:
        rows: list[tuple[str, ...]] = [
            (
                *(f"split: {split}", "ran", "timed out", "accuracy", "balanced accuracy"),
                *("run time", "memory", "to make it"),
            )
        ]
        for title, lines in _groups(results):
            rows.append((title, *_cells(lines, split)))
            of_split = [line["records"][split]["balanced accuracy"] for line in lines]
            scores.setdefault(title, {})[f"balanced accuracy, {split}"] = of_split
        parts.append(table(rows))
    if scores:
        parts.append(draw_bars(docs, results.folder.name, scores))
    parts += _failures(results.lines("system"))
    return "\n".join([*parts, facts(results, settings["split"])])


def _groups(results: Results) -> list[tuple[str, list[Line]]]:
    """The rows of the table: each way to make a program, for each wording where there are several."""
    wordings = list(results.facts["settings"]["statements"])
    groups = []
    for row, title in ROWS.items():
        lines = results.lines(row)
        if row == "reference" or len(wordings) == 1:
            groups.append((title, lines))
        else:
            groups += [
                (f"{title}, {wording}", [line for line in lines if line["wording"] == wording])
                for wording in wordings
            ]
    return [(title, lines) for title, lines in groups if lines]


def _cells(lines: Sequence[Line], split: str) -> tuple[str, ...]:
    records = [line["records"][split] for line in lines]
    ran = [record for record in records if "error" not in record]
    made = [line["seconds"] for line in lines if "seconds" in line]
    return (
        f"{len(ran)} of {len(records)}",
        f"{sum(record.get('timed out', False) for record in records)}",
        with_interval([record["accuracy"] for record in records]),
        with_interval([record["balanced accuracy"] for record in records]),
        f"{mean(record['run seconds'] for record in ran):.1f} s" if ran else "–",
        f"{mean(record['memory MB'] for record in ran):.0f} MB" if ran else "–",
        f"{mean(made):.0f} s" if made else "–",
    )


def _failures(lines: Sequence[Line]) -> list[str]:
    """What did not run, in its own words."""
    said = [
        f"- {line['wording']}, seed {line['seed']}, {split}: {record['error']}"
        for line in lines
        for split, record in line["records"].items()
        if "error" in record
    ]
    return ["Projects that failed:\n", *said, ""] if said else []
