"""Heartbeat detection on the MIT-BIH Arrhythmia Database (GPIoT, section 6.3.1 and Fig. 14).

Projects are made on the sample recording that is shipped (the first minute of record 119) and run
on whole records without their labels, which stay with the judge. A beat counts as found within
±150 ms. What fails on a record scores 0 there.
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gpiot_cli.bench import alone
from gpiot_cli.bench.judging import failing
from gpiot_cli.bench.programs import RECORD_SECONDS, run_program, write_inputs
from gpiot_cli.bench.projects import (
    ProjectRun,
    options_under,
    project_line,
    run_project,
)
from gpiot_cli.bench.results import Line, Results, commit
from gpiot_cli.engine.protocol import Engine
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of, write_atomic
from gpiot_cli.knowledge.recipe import load_recipes
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.paths import PACKAGE
from gpiot_cli.synthesis.project_files.evaluation import events_among, score_events
from gpiot_cli.synthesis.project_files.loader import Record, load
from gpiot_cli.synthesis.record import Ablation, RunRecord
from gpiot_cli.synthesis.specification import Parameter, Specification
from gpiot_cli.synthesis.verify import bind

STATEMENTS = {
    "short": "ECG R-peak detection",
    "paper": (
        "Given the 'MIT-BIH' Arrhythmia Dataset, write Python code to perform R-peak detection for "
        "all the signal records in the dataset. The code should also output the detection accuracy "
        "for each data.\n"
        "Code Input: 1. The local file path to the dataset\n"
        "Code Output Format: Case {ECG data record name} Detection accuracy: 91%\n"
        "Remarks: The dataset folder contains several data samples, each of which contains four "
        "files, i.e., '.atr', '.dat', '.hea', and '.xws'."
    ),
}
"""`paper` is Fig. 13(a), word for word."""

SAMPLE = PACKAGE / "data" / "ecg_sample" / "mitdb_119.hea"

SPECIFICATION = Specification(
    name="detect_r_peaks",
    target="Find the R-peaks of an ECG.",
    inputs=(
        Parameter(name="signal", type="numpy.ndarray", meaning="raw ECG in mV"),
        Parameter(name="fs", type="float", meaning="sampling rate in Hz"),
    ),
    outputs=(Parameter(name="r_peaks", type="numpy.ndarray", meaning="sample indices"),),
)
"""What the model is asked for when it is asked alone."""

RECIPE = "pan_tompkins"
XQRS = """\
import wfdb.processing


def detect_r_peaks(signal, fs):
    return wfdb.processing.xqrs_detect(sig=signal, fs=fs, verbose=False)
"""
XQRS_SECONDS = 600.0

RATES = ("precision", "recall", "accuracy")
COUNTS = ("correct", "false", "missed")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Beats:
    """The records to be judged: what programs see, and what the judge knows."""

    folder: Path
    """The records without their labels."""
    records: Mapping[str, Record]
    sha256: str


def open_beats(data: Path, folder: Path) -> Beats:
    """Read labelled WFDB records, and copy them without labels to `folder`."""
    if not data.is_dir():
        raise GpiotError(f"There is no folder {data}.", "Name the folder of MIT-BIH with --data.")
    try:
        records = {record.name: record for record in load(data)}
    except ValueError as error:
        raise GpiotError(str(error), "Name the folder of MIT-BIH with --data.") from error
    unlabelled = [name for name, record in records.items() if "beats" not in record.reference]
    if unlabelled:
        raise GpiotError(
            f"{', '.join(unlabelled)} in {data} have no beat labels (.atr).",
            "Name a folder of WFDB records with their annotations.",
        )
    digest = hashlib.sha256()
    for path in sorted(data.iterdir()):
        if path.suffix in (".dat", ".hea", ".atr"):
            digest.update(f"{path.name} {sha256_of(path)}\n".encode())
        if path.suffix in (".dat", ".hea") and not (folder / path.name).exists():
            write_atomic(folder / path.name, path.read_bytes())
    return Beats(folder, records, digest.hexdigest())


def settings(
    statement: str, beats: Beats, candidates: int, ablation: Ablation
) -> dict[str, object]:
    """What must be equal for two programs to stand in the same row."""
    return {
        "statement": statement,
        "text": STATEMENTS[statement],
        "candidates": candidates,
        "ablation": ablation,
        "data": {"records": sorted(beats.records), "sha256": beats.sha256},
        "made on": {"record": SAMPLE.stem, "sha256": sha256_of(SAMPLE.with_suffix(".dat"))},
        "split": (
            "projects are made on the first 60 s of record 119 and judged on all of the records "
            "named under data"
            + (", 119 among them" if "119" in beats.records else ", 119 not among them")
        ),
        "tolerance in s": 0.150,
    }


def measure_projects(
    results: Results,
    beats: Beats,
    seeds: Sequence[int],
    engine: Engine,
    knowledge: Knowledge,
    say: Progress,
) -> None:
    """The whole system: one project per seed, each as `gpiot new` makes it."""
    facts = results.facts["settings"]
    for seed in seeds:
        if seed in results.done("system", "seed"):
            continue
        folder = results.folder / "projects" / f"seed-{seed:02d}"
        line = project_line(
            options_under(facts, facts["text"], folder, SAMPLE, seed),
            engine,
            knowledge,
            partial(_judge_project, beats, folder),
            lambda reason: judge(beats, failing(reason)),
        )
        results.add("system", line)
        say(f"project {seed}: {describe(line)}")


def _judge_project(beats: Beats, folder: Path, _record: RunRecord) -> Line:
    run = run_project(folder, beats.folder)
    line = judge(beats, partial(_beats_found, beats, run))
    run.drop()
    return line | {"memory MB": round(run.memory_mb)}


def measure_direct(
    results: Results, beats: Beats, count: int, engine: Engine, say: Progress
) -> None:
    """The model alone: `count` programs from one prompt, at temperature 0.8."""
    text = results.facts["settings"]["text"]
    done = results.done("direct", "index")
    for index, program, line in alone.programs(engine, text, SPECIFICATION, count, done):
        if program.fault:
            line |= judge(beats, failing(program.fault))
        else:
            line |= _judge_program(results, beats, program.code)
        results.add("direct", line)
        say(f"program {index} of the model alone: {describe(line)}")


def measure_recipe(results: Results, beats: Beats, say: Progress) -> None:
    """The shipped recipe by itself."""
    code = bind(load_recipes()[RECIPE], SPECIFICATION)
    assert code is not None
    _measure_once(results, beats, "recipe", code, RECORD_SECONDS, say)


def measure_xqrs(results: Results, beats: Beats, say: Progress) -> None:
    """XQRS of wfdb, which takes minutes."""
    _measure_once(results, beats, "xqrs", XQRS, XQRS_SECONDS, say)


def _measure_once(
    results: Results, beats: Beats, row: str, code: str, record_seconds: float, say: Progress
) -> None:
    if not results.lines(row):
        started = time.monotonic()
        line: Line = {"code": code, "commit": commit()}
        line |= _judge_program(results, beats, code, record_seconds)
        line["seconds"] = round(time.monotonic() - started, 1)
        results.add(row, line)
        say(f"{row}: {describe(line)}")


def judge(beats: Beats, find: Callable[[str], object]) -> Line:
    """Score what `find` gives for every record; a `ValueError` of it scores 0."""
    scores: dict[str, Any] = {}
    for name, record in beats.records.items():
        try:
            found = _positions(find(name))
            fs = record.values["fs"]
            assert isinstance(fs, float)
            scores[name] = {
                key: round(value, 5)
                for key, value in score_events(found, record.reference["beats"], fs).items()
            }
        except ValueError as error:
            scores[name] = {**dict.fromkeys(RATES, 0.0), "error": str(error)[:300]}
    means = {rate: round(float(np.mean([s[rate] for s in scores.values()])), 5) for rate in RATES}
    return {"ran": not any("error" in s for s in scores.values()), **means, "records": scores}


def describe(line: Line) -> str:
    """A line in words."""
    errors = [score["error"] for score in line["records"].values() if "error" in score]
    words = f"precision {line['precision']:.3f}, recall {line['recall']:.3f}"
    return f"{words}; failed on {len(errors)}: {errors[0]}" if errors else words


def _judge_program(
    results: Results, beats: Beats, code: str, record_seconds: float = RECORD_SECONDS
) -> Line:
    inputs = write_inputs(
        {name: record.values for name, record in beats.records.items()},
        results.folder / "inputs",
    )
    names = list(beats.records)
    answers = run_program(code, SPECIFICATION.name, inputs, names, record_seconds=record_seconds)

    def find(name: str) -> object:
        if answers[name].error:
            raise ValueError(answers[name].error)
        return answers[name].value

    peak = max(answer.memory_mb for answer in answers.values())
    return {**judge(beats, find), "memory MB": round(peak)}


def _beats_found(beats: Beats, run: ProjectRun, record: str) -> object:
    """The output that holds the beats, by the rule that every project itself uses."""
    outputs = run.outputs(record)
    signal = beats.records[record].values["signal"]
    assert isinstance(signal, np.ndarray)
    name = events_among(outputs, signal.size)
    if name is None:
        raise ValueError("no output can be positions of beats")
    return outputs[name]


def _positions(found: object) -> np.ndarray[Any, Any]:
    if not isinstance(found, np.ndarray | list):
        raise ValueError(f"the result is a {type(found).__name__}, no positions")
    try:
        positions = np.asarray(found, dtype=np.float64)
    except TypeError as error:  # numpy's word for items that are no numbers
        raise ValueError(str(error)) from error
    if positions.ndim != 1 or not np.isfinite(positions).all():
        raise ValueError(f"the result has shape {positions.shape}, or holds no finite numbers")
    return positions
