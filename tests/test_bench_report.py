"""`gpiot bench`: the commands, the engine's helpers, and pages made from measurements."""

import json
import sys
from pathlib import Path

from typer.testing import CliRunner

from gpiot_cli.bench.iotbench_page import ratio_interval
from gpiot_cli.bench.results import Results
from gpiot_cli.cli.bench import app
from gpiot_cli.errors import GpiotError

runner = CliRunner()


def score(precision: float, recall: float) -> dict[str, float]:
    return {"precision": precision, "recall": recall, "accuracy": 0.5}


def line(**more: object) -> dict[str, object]:
    records = {"100": score(1.0, 0.5), "101": score(0.5, 1.0)}
    return {"ran": True, "seconds": 60.0, "records": records, **more}


def reported(folder: Path, page: str) -> str:
    """The page that is made of the results in the folder's `bench`; it lies in its `docs`."""
    done = runner.invoke(
        app, ["report", "--results", str(folder / "bench"), "--docs", str(folder / "docs")]
    )
    assert done.exit_code == 0, done.output
    return (folder / "docs" / f"{page}.md").read_text()


def test_report_writes_the_table_and_its_data(tmp_path: Path) -> None:
    settings = {"statement": "short", "text": "ECG", "split": "none", "ablation": "knowledge"}
    data = {"sha256": "abc", "records": ["100", "101"]}
    results = Results.open(tmp_path / "bench" / "hd-short", "hd", {**settings, "data": data})
    results.note("model", {"name": "tiny", "sha256": "123", "device": "cpu"})
    late = {**score(0, 0), "error": "no result: the time limit"}
    failed = {"100": {**score(0, 0), "error": "it | broke"}, "101": late}
    results.add("system", {**line(seed=0, commit="c0"), "tokens": 500, "memory MB": 700})
    results.add("system", line(seed=1, commit="c0", ran=False, records=failed))
    results.add("xqrs", line())
    page = reported(tmp_path, "heartbeat")
    assert "| gpiot (projects) | 1 of 2 | 1 | 0.375 ± 0.375 [0.000, " in page
    assert "| 60 s | 500 | 700 MB |" in page
    assert "| XQRS of wfdb | 1 of 1 | 0 | 0.750 [0.500, 1.000]" in page
    assert "| 60 s | – | – |" in page
    assert "| records | 2: 100, 101 |" in page
    assert "## The short statement, projects without knowledge" in page
    assert "- seed 1: failed on 2 of 2: it | broke" in page
    assert "(images/hd-short.png)" in page
    assert "sha256 `123`" in page
    data = json.loads((tmp_path / "docs" / "data" / "hd-short.json").read_text())
    assert len(data["rows"]["system"]) == 2
    assert data["settings"]["text"] == "ECG"


def test_report_counts_tasks_by_group(tmp_path: Path) -> None:
    task = {"topic": "t", "source": "simulated: s", "statement": "do"}
    settings = {
        "tasks": {"one": {**task, "recipe": "r"}, "two": {**task, "recipe": ""}},
        "data": {},
        "split": "none",
    }
    results = Results.open(tmp_path / "bench" / "tasks", "tasks", settings)
    for name, right in (("one", True), ("one", False), ("two", False)):
        verdict = {"a": {"right": right, "answer": 1}}
        facts = {"task": name, "ran": True, "right": right, "records": verdict}
        results.add("system", {**facts, "seed": 0, "commit": "c"})
        results.add("direct", {**facts, "index": 0})
    page = reported(tmp_path, "applications")
    assert "| one | t | simulated | r | 2 of 2 | 1 of 2 | 2 of 2 | 1 of 2 |" in page
    assert "| **without a recipe** |  |  |  | 1 of 1 | 0 of 1 | 1 of 1 | 0 of 1 |" in page
    assert "| **all** |  |  |  | 3 of 3 | 1 of 3 |" in page


def test_report_shows_the_engine_beside_its_peers(tmp_path: Path) -> None:
    results = Results.open(tmp_path / "bench" / "engine", "engine", {"count": 8, "tokens": 400})
    side = {"seconds": 10.0, "tokens": [400] * 8, "tokens per second": 320.0}
    results.add("throughput", {"gpiot": side, "llama-cpp-python": side, "ratio": 1.0})
    swaps = {"swap": [0.001], "swap and first token": [0.5]}
    ratios = {"ratio": 1.0, "ratio to the first token": 1.0}
    results.add("adapters", {"gpiot": swaps, "llama-cpp-python": swaps, **ratios})
    results.add("help", {"gpiot": [0.1, 0.3, 0.2], "llm": [0.4], "peer": "llm 1", "ratio": 0.5})
    memory = {"peak MB": 1500, "largest process MB": 1400, "exit code": 3}
    results.add("memory", memory)
    page = reported(tmp_path, "engine")
    assert "| `--help`, median | 200 ms | 400 ms (llm 1) | 0.50 | ≤ 1 |" in page
    assert "1500 MB (largest process 1400 MB), exit code 3" in page
    assert "| adapter swap, median | 1.00 ms |" in page


def iotbench(
    folder: Path,
    ablation: str,
    passed: dict[str, list[bool]],
    candidates: int = 4,
    adapters: str = "",
) -> None:
    settings = {
        "ablation": ablation,
        "candidates": candidates,
        "data": {"sha256": "abc"},
        "split": "none",
    }
    results = Results.open(folder / f"iotbench-{ablation}-{candidates}", "iotbench", settings)
    results.note("model", {"name": "tiny", "sha256": "123", "device": "cpu"})
    results.note("adapters", adapters)
    quality = {"lines": 50, "bugs": 1, "smells": 2, "security": 0}
    costs = {"seconds": 10.0, "tokens": 100, "peak memory MB": 900, "difficulty": 1, "commit": "c"}
    for task, verdicts in passed.items():
        for sample, verdict in enumerate(verdicts):
            line = {"task": task, "sample": sample, "passed": verdict, "code": "long", **costs}
            line |= {"timed out": False, "format": True, "similarity": 0.5, "origin": "model"}
            results.add("code", {**line, "quality": quality})
    counts = {"matches": [6, 5, 4, 3], "totals": [7, 6, 5, 4], "length": 7, "reference_length": 6}
    line = {"task": "t", "sample": 0, "format": True, "completeness": 0.25, "bleu": counts}
    results.add("decomposition", {**line, "subtasks": ["a", "b"], **costs})


def test_report_puts_the_configurations_beside_each_other(tmp_path: Path) -> None:
    yes, no = [True] * 5, [False] * 5
    half = [True, True, False, False, False]
    iotbench(tmp_path / "bench", "none", {"one": yes, "two": half})
    iotbench(tmp_path / "bench", "direct", {"one": half, "two": no})
    page = reported(tmp_path, "iotbench")
    assert "| the model alone | 2 × 5 | 0.200 [0.000, 0.400] | 0.500 [0.000, 1.000] |" in page
    assert "| the whole system | 2 × 5 | 0.700 [0.400, 1.000] | 1.000 [1.000, 1.000] |" in page
    assert "| the whole system | the model alone | 2 | 3.50 [" in page
    assert "| ≥ 1.6 |" in page
    assert page.index("the model alone |") < page.index("the whole system |")
    assert "| the whole system | 1 × 1 | 80.91 [80.91, 80.91] | 1.000 |" in page
    assert "| 0.250 | 2.0 | 10 s | 100 | 900 MB |" in page
    assert "(images/iotbench-code-tiny.png)" in page
    assert (tmp_path / "docs" / "images" / "iotbench-code-tiny.png").read_bytes()[1:4] == b"PNG"
    data = json.loads((tmp_path / "docs" / "data" / "iotbench-none-4.json").read_text())
    assert len(data["rows"]["code"]) == 10
    assert "code" not in data["rows"]["code"][0]


def test_a_configuration_names_all_its_adapters(tmp_path: Path) -> None:
    sets = "lora-td 0123, lora-cg 4567"
    iotbench(tmp_path / "bench", "none", {"one": [True]}, adapters=sets)
    page = reported(tmp_path, "iotbench")
    assert "| the whole system, adapters lora-td, lora-cg |" in page
    assert f"`{sets}`" in page


def test_configurations_of_one_name_are_told_apart_and_gaps_are_named(tmp_path: Path) -> None:
    no = [False] * 5
    iotbench(tmp_path / "bench", "none", {"one": [True] * 8, "two": no[:1]})
    iotbench(tmp_path / "bench", "none", {"one": no, "two": no}, candidates=8)
    iotbench(tmp_path / "bench", "direct", {"one": [True, *no[1:]], "two": no})
    page = reported(tmp_path, "iotbench")
    assert "| the whole system | 2 × 1–8 | 0.500 [0.000, 1.000] | 1.000 (1 of 2 tasks) |" in page
    assert "| the whole system (iotbench-none-8) | 2 × 5 | 0.000 [0.000, 0.000] |" in page
    assert "| the whole system | the model alone | 2 | 5.00 [5.00, 5.00] | ≥ 1.6 |" in page
    assert "| the whole system (iotbench-none-8) | the model alone | 2 | 0.00 [" in page


def test_a_ratio_is_of_the_tasks_that_both_have(tmp_path: Path) -> None:
    iotbench(tmp_path / "bench", "none", {"one": [True]})
    iotbench(tmp_path / "bench", "direct", {"one": [True], "two": [False], "three": [False]})
    assert "| the whole system | the model alone | 1 | 1.00 [" in reported(tmp_path, "iotbench")


def test_a_ratio_to_next_to_nothing_has_no_upper_end() -> None:
    def samples(*passed: bool) -> dict[str, list[dict[str, bool]]]:
        return {str(task): [{"passed": verdict}] for task, verdict in enumerate(passed)}

    system, alone = samples(*[True] * 10), samples(True, *[False] * 9)
    ratio, low, high = ratio_interval(system, alone)
    assert ratio == 10
    assert low < 10
    assert high == float("inf")


def test_nothing_to_report_is_a_sentence(tmp_path: Path) -> None:
    done = runner.invoke(app, ["report", "--results", str(tmp_path)])
    assert isinstance(done.exception, GpiotError)
    assert "holds no measurements" in str(done.exception)


def test_unknown_task_and_missing_data_are_refused_before_a_model_is_loaded(tmp_path: Path) -> None:
    done = runner.invoke(app, ["tasks", "--only", "nonsense", "--out", str(tmp_path / "out")])
    assert "There is no task nonsense" in str(done.exception)
    done = runner.invoke(app, ["hd", "--data", str(tmp_path / "no"), "--out", str(tmp_path / "o")])
    assert "There is no folder" in str(done.exception)
    missing = ["tasks", "--only", "step_count", "--signals", str(tmp_path), "--out"]
    done = runner.invoke(app, [*missing, str(tmp_path / "out")])
    assert "The data of step_count are not there" in str(done.exception)


def test_memory_of_a_process_tree_is_seen() -> None:
    from gpiot_cli.bench.engine_speed import measure_memory

    child = "import time; x = bytearray(b'1' * 200_000_000); time.sleep(1.5)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    found = measure_memory([sys.executable, "-c", parent])
    assert 200 <= found["peak MB"] < 500
    assert found["exit code"] == 0
    failing = measure_memory([sys.executable, "-c", "raise SystemExit('it broke')"])
    assert failing["exit code"] == 1
    assert "it broke" in failing["stderr"]


def test_a_line_that_a_kill_cut_short_is_measured_again(tmp_path: Path) -> None:
    results = Results.open(tmp_path, "hd", {})
    results.add("system", {"seed": 0})
    with (tmp_path / "system.jsonl").open("a") as file:
        file.write('{"seed": 1, "rec')
    assert results.done("system", "seed") == {0}
    results.add("system", {"seed": 1})
    assert results.done("system", "seed") == {0, 1}
