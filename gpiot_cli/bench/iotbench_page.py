"""The page of IoTBench: every configuration beside the others, and beside what the paper prints."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean

import numpy as np

from gpiot_cli.bench.figures import draw_bars
from gpiot_cli.bench.metrics import (
    BleuCounts,
    corpus_bleu,
    pass_at_k,
    per_hundred_lines,
    sum_counts,
)
from gpiot_cli.bench.results import RESAMPLES, Line, Results
from gpiot_cli.bench.tables import facts, table, with_interval
from gpiot_cli.engine.adapters import names_in

TITLE = (
    "# IoTBench\n\n"
    "50 code generation tasks, judged by running their tests, and 50 task decomposition tasks with "
    "a reference (`gpiot_cli/bench/iotbench`). They are not the paper's tasks, which could not be "
    "had, and the models are smaller, so the paper's figures and these cannot be compared as "
    "numbers; what can be compared is how much each part adds. In brackets are 95% bootstrap "
    "intervals over the tasks, which are what was sampled.\n"
)

CONFIGURATIONS = {
    "direct": "the model alone",
    "verification": "without verification (the model with knowledge)",
    "knowledge": "without knowledge",
    "transform": "without requirement transformation",
    "adapters": "without adapters",
    "none": "the whole system",
}

PAPER = (
    ("BLEU", "+48% over the baselines on average (Fig. 17)"),
    ("format correctness", "99% (Fig. 17)"),
    ("sub-task completeness, rated by experts", "+28% over the baselines (Fig. 17)"),
    ("code embedding similarity, by CodeT5+", "+18% over the baselines (Fig. 18)"),
    ("pass@1", "+21.5% over the baselines (Fig. 18)"),
    ("pass@5", "+31% over the baselines (Fig. 18)"),
)
"""What section 6.4 says in words; the bars of the figures have no numbers."""

GOAL = 1.6
"""The system's pass@1 over that of the model alone, to reach."""

Samples = Mapping[str, Sequence[Line]]
"""The samples of each task."""


def sections(found: Sequence[Results], docs: Path) -> list[str]:
    """One section for each model, then the paper's words."""
    models: dict[str, list[Results]] = defaultdict(list)
    for results in found:
        models[results.facts.get("model", {}).get("name", "no model")].append(results)
    pages = [_section(model, _ordered(of_model), docs) for model, of_model in models.items()]
    return [*pages, "## What the paper prints\n", table([("", "GPIoT"), *PAPER])]


def _ordered(found: Sequence[Results]) -> list[Results]:
    order = list(CONFIGURATIONS)
    return sorted(found, key=lambda results: order.index(results.facts["settings"]["ablation"]))


def _section(model: str, found: Sequence[Results], docs: Path) -> str:
    titled = _titled(found)
    programs = {title: by_task(r.lines("code")) for title, r in titled.items() if r.lines("code")}
    answers = {
        title: by_task(r.lines("decomposition"))
        for title, r in titled.items()
        if r.lines("decomposition")
    }
    parts = [f"## {model}\n"]
    if programs:
        parts += ["### Code generation (Fig. 18 and 19(b))\n", code_table(programs)]
        parts += [_ratios(programs), difficulty_table(programs)]
        parts.append(_figure(docs, f"iotbench-code-{model}", programs, CODE_BARS))
    if answers:
        parts += ["### Task decomposition (Fig. 17)\n", decomposition_table(answers)]
        parts.append(_figure(docs, f"iotbench-decomposition-{model}", answers, ANSWER_BARS))
    parts.append("### How it was measured\n")
    for title, results in titled.items():
        parts += [f"{title}:\n", facts(results, results.facts["settings"]["split"])]
    return "\n".join(parts)


def _titled(found: Sequence[Results]) -> dict[str, Results]:
    """The measurements by a title; the folder's name tells those apart that have the same one."""
    titles: dict[str, Results] = {}
    for results in found:
        title = CONFIGURATIONS[results.facts["settings"]["ablation"]]
        if adapters := results.facts.get("adapters"):
            title += f", adapters {', '.join(names_in(adapters))}"
        titles[f"{title} ({results.folder.name})" if title in titles else title] = results
    return titles


def by_task(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Lines grouped by their task."""
    tasks: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        tasks[line["task"]].append(line)
    return dict(tasks)


def pass_rates(samples: Samples, k: int) -> list[float]:
    """pass@k of every task that has `k` samples at least."""
    return [
        pass_at_k(len(lines), sum(line["passed"] for line in lines), k)
        for lines in samples.values()
        if len(lines) >= k
    ]


def _pass_rate(samples: Samples, k: int) -> str:
    """The mean over the tasks, and how many these are where some lack samples yet."""
    rates = pass_rates(samples, k)
    some = f" ({len(rates)} of {len(samples)} tasks)" if 0 < len(rates) < len(samples) else ""
    return with_interval(rates) + some


def code_table(configurations: Mapping[str, Samples]) -> str:
    """Fig. 18 and 19(b): what passes, what it is like, and what it costs."""
    head = (
        *("", "tasks × samples", "pass@1", "pass@5", "timed out", "no program", "similarity"),
        *(
            "bugs",
            "smells",
            "security",
            "verified",
            "recipe itself",
            "time each",
            "tokens each",
            "memory",
        ),
    )
    rows: list[tuple[str, ...]] = [head]
    for title, samples in configurations.items():
        lines = [line for of_task in samples.values() for line in of_task]
        qualities = [line["quality"] for line in lines if line["quality"]]
        rows.append(
            (
                title,
                _size(samples),
                _pass_rate(samples, 1),
                _pass_rate(samples, 5),
                f"{sum(line['timed out'] for line in lines)}",
                f"{sum(not line['format'] for line in lines)}",
                f"{mean(line['similarity'] for line in lines):.3f}",
                *(f"{per_hundred_lines(qualities, k):.1f}" for k in ("bugs", "smells", "security")),
                f"{sum(line.get('verified', False) for line in lines)}",
                f"{sum(line['origin'] == 'recipe' for line in lines)}",
                *_costs(lines),
            )
        )
    return table(rows) + (
        "\nSimilarity is the cosine of MiniLM embeddings, which see the first 256 tokens, in place of "
        "CodeT5+; 0 without a program. Findings are ruff's "
        "(bugs, smells) and bandit's (security) per hundred lines, in place of SonarQube. `verified` "
        "counts the programs that ran on inputs made from the specification and were chosen by their "
        "outputs, `recipe itself` those that are a shipped recipe and not a program of the model. "
        "Timed out samples did not pass; `no program` are those that gave none that "
        "defines the function. The model alone draws at temperature 0.8, the others at 0.6. Without "
        "requirement transformation a parameter has a name and a type, and the rest of the "
        "specification is one paragraph; so the inputs that rules make for the trials say less as well. Memory is the peak of the process that holds the model.\n"
    )


def difficulty_table(configurations: Mapping[str, Samples]) -> str:
    """pass@1 by the tasks' difficulty."""
    levels = sorted(
        {lines[0]["difficulty"] for s in configurations.values() for lines in s.values()}
    )
    rows: list[tuple[str, ...]] = [("pass@1", *(f"difficulty {level}" for level in levels))]
    for title, samples in configurations.items():
        cells = []
        for level in levels:
            chosen = {task: s for task, s in samples.items() if s[0]["difficulty"] == level}
            cells.append(f"{with_interval(pass_rates(chosen, 1))} ({len(chosen)} tasks)")
        rows.append((title, *cells))
    return table(rows)


def decomposition_table(configurations: Mapping[str, Samples]) -> str:
    """Fig. 17: BLEU, format correctness and the proxy of sub-task completeness."""
    rows: list[tuple[str, ...]] = [
        (
            *("", "tasks × samples", "BLEU", "format correct", "completeness (proxy)"),
            *("sub-tasks", "time each", "tokens each", "memory"),
        )
    ]
    for title, samples in configurations.items():
        lines = [line for of_task in samples.values() for line in of_task]
        low, high = bleu_interval(samples)
        rows.append(
            (
                title,
                _size(samples),
                f"{corpus_bleu(_counts(lines)):.2f} [{low:.2f}, {high:.2f}]",
                with_interval(_means(samples, "format")),
                with_interval(_means(samples, "completeness")),
                f"{mean(len(line['subtasks']) for line in lines):.1f}",
                *_costs(lines),
            )
        )
    return table(rows) + (
        "\nCompleteness is no expert's rating: it is the mean cosine of each reference sub-task to the "
        'nearest of the reply. The format is 2 to 7 sub-tasks "Title: Sentence." with blank lines '
        "between, and judged on the raw reply of the model alone, which is told so, and on what "
        "`gpiot decompose` gives for the others, where a grammar holds it. BLEU and completeness are "
        "those of the sub-tasks without numbers and bold type, so that only format judges these.\n"
    )


def bleu_interval(samples: Samples, seed: int = 0) -> tuple[float, float]:
    """The 95% bootstrap interval of BLEU over tasks, each with all of its samples."""
    tasks = [sum_counts(_counts(lines)) for lines in samples.values()]
    rng = np.random.default_rng(seed)
    scores = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(len(tasks), size=len(tasks))
        scores.append(corpus_bleu(tasks[i] for i in drawn))
    low, high = np.percentile(scores, [2.5, 97.5])
    return float(low), float(high)


def ratio_interval(one: Samples, other: Samples, seed: int = 0) -> tuple[float, float, float]:
    """pass@1 of `one` over that of `other` on the tasks of both, with its 95% interval."""
    tasks = [task for task in one if task in other]
    rates = np.array([pass_rates({t: s[t] for t in tasks}, 1) for s in (one, other)])
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(tasks), size=(RESAMPLES, len(tasks)))
    sums = rates[:, drawn].sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = rates[0].sum() / rates[1].sum()
        # A drawn ratio may be infinite, between which and others nothing can be interpolated.
        ratios = sums[0] / sums[1]
        low, high = np.nanpercentile(ratios, [2.5, 97.5], method="inverted_cdf")
    return float(ratio), float(low), float(high)


def _ratios(configurations: Mapping[str, Samples]) -> str:
    """Each whole system over the model alone and over each ablation, on the tasks of both."""
    systems = [t for t in configurations if t.startswith(CONFIGURATIONS["none"])]
    rows: list[tuple[str, ...]] = [
        ("pass@1 of …", "over that of …", "tasks of both", "ratio", "to reach")
    ]
    for system in systems:
        for title, samples in configurations.items():
            common = [task for task in configurations[system] if task in samples]
            if title in systems or not any(pass_rates({t: samples[t] for t in common}, 1)):
                continue
            ratio, low, high = ratio_interval(configurations[system], samples)
            goal = f"≥ {GOAL}" if title == CONFIGURATIONS["direct"] else ""
            cells = (f"{len(common)}", f"{ratio:.2f} [{low:.2f}, {high:.2f}]", goal)
            rows.append((system, title, *cells))
    return table(rows) if len(rows) > 1 else ""


def _size(samples: Samples) -> str:
    counts = [len(lines) for lines in samples.values()]
    fewest, most = min(counts), max(counts)
    return f"{len(samples)} × {fewest}" + (f"–{most}" if most > fewest else "")


def _costs(lines: Sequence[Line]) -> tuple[str, str, str]:
    return (
        f"{mean(line['seconds'] for line in lines):.0f} s",
        f"{mean(line['tokens'] for line in lines):.0f}",
        f"{max(line['peak memory MB'] for line in lines)} MB",
    )


def _means(samples: Samples, key: str) -> list[float]:
    return [mean(float(line[key]) for line in lines) for lines in samples.values()]


def _counts(lines: Iterable[Line]) -> list[BleuCounts]:
    return [BleuCounts(**line["bleu"]) for line in lines]


# -- figures ----------------------------------------------------------------------------------

Bars = Mapping[str, Callable[[Samples], list[float]]]

CODE_BARS: Bars = {
    "pass@1": lambda samples: pass_rates(samples, 1),
    "pass@5": lambda samples: pass_rates(samples, 5),
    "similarity": lambda samples: _means(samples, "similarity"),
}
ANSWER_BARS: Bars = {
    "format correct": lambda samples: _means(samples, "format"),
    "completeness (proxy)": lambda samples: _means(samples, "completeness"),
}


def _figure(docs: Path, name: str, configurations: Mapping[str, Samples], bars: Bars) -> str:
    """Draw the bars of every configuration, and give the line that shows the picture."""
    scores = {
        title: {metric: of(samples) for metric, of in bars.items()}
        for title, samples in configurations.items()
    }
    return draw_bars(docs, name, scores)
