"""`devpiolt evaluate`: what is measured, and that it can be interrupted."""

import gzip
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gpiot_cli.cli.devpiolt import app
from gpiot_cli.cli.main import run
from gpiot_cli.engine.adapted import Adapted
from gpiot_cli.engine.adapters import AdapterFile, AdapterSet, Base, Card
from gpiot_cli.engine.protocol import ModelInfo, Prompt
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of, write_atomic
from gpiot_cli.recommend import plots, replay
from gpiot_cli.recommend.baselines import markov2_and_time
from gpiot_cli.recommend.calibration import Calibration
from gpiot_cli.recommend.evaluate import Plan, evaluate
from gpiot_cli.recommend.metrics import (
    Outcome,
    calibration_error,
    intervals,
    loose_match,
    paired,
    rule_score,
    scores,
    table,
)
from gpiot_cli.recommend.recommend import read_log, recommend
from gpiot_cli.recommend.recommender import Recommender
from gpiot_cli.recommend.records import Action, Operation
from gpiot_cli.recommend.simulate import simulate


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two simulated homes."""
    return [path for path, _ in simulate(2, 20, 3, tmp_path_factory.mktemp("homes"))]


def report_of(out: Path, *arguments: str) -> dict[str, Any]:
    assert run(app, "devpiolt", ["evaluate", "--out", str(out), *arguments]) == 0
    return json.loads((out / "report.json").read_text())


def test_the_history_beats_counting_on_a_simulated_home(
    homes: list[Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    titles: list[str] = []
    draw = plots.exposure_png

    def drawn(outcomes: list[Outcome], title: str) -> bytes:
        titles.append(title)
        return draw(outcomes, title)

    monkeypatch.setattr(plots, "exposure_png", drawn)
    out = tmp_path / "out"
    report = report_of(out, "--logs", str(homes[0]), "--operations", "80")
    table_printed = capsys.readouterr().out
    rows = report["rows"]
    best = {name: row["scores"]["EM"][0] for name, row in rows.items()}
    assert best["history"] > best["Markov-2 + time + mask"] > best["popularity"]
    for row in rows.values():
        score, low, high = row["scores"]["hit@3"]
        assert low <= score <= high
        assert row["scores"]["hit@1"][0] <= score <= row["scores"]["hit@5"][0]
    assert report["simulated"]
    assert "simulated operations" in table_printed
    assert "| history | " in table_printed
    assert rows["popularity"]["exposed"] is None  # it has no policy of silence
    assert 0 < rows["history"]["exposed"] < 1
    assert re.search(r"\| popularity \|.* \| – \| – \|\n", table_printed)
    gain, low, high = report["history minus floor"]
    assert low <= gain <= high
    assert gain == pytest.approx(best["history"] - best["Markov-2 + time + mask"])
    assert f"paired: {gain:+.3f}" in table_printed
    assert titles == ["history, simulated operations"]
    for picture in ("history-exposure.png", "history-reliability.png"):
        assert (out / picture).read_bytes().startswith(b"\x89PNG")

    kept = (out / "history.jsonl").stat().st_mtime_ns
    again = report_of(out, "--logs", str(homes[0]), "--operations", "80", "--cold-start", "3")
    assert (out / "history.jsonl").stat().st_mtime_ns == kept  # not measured twice
    assert again["rows"]["history"] == rows["history"]
    assert again["rows"]["3 days, history"]["operations"] == rows["history"]["operations"]
    assert run(app, "devpiolt", ["evaluate", "--out", str(out), "--logs", str(homes[1])]) == 1
    assert "another evaluation" in capsys.readouterr().err


def test_other_homes_teach_how_to_weigh_a_new_ones_history(
    homes: list[Path], tmp_path: Path
) -> None:
    logs = [f"--logs={home}" for home in homes]
    report = report_of(tmp_path, *logs, "--split", "user")
    total = sum(report["homes"].values())
    assert report["rows"]["history"]["operations"] == total
    counts = report["device counts"]["history"]
    assert sum(group["operations"] for group in counts.values()) == total
    best = {name: row["scores"]["EM"][0] for name, row in report["rows"].items()}
    assert best["history"] > best["Markov + mask"]


def test_a_split_by_user_needs_users(
    homes: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", "--out", str(tmp_path), "--logs", str(homes[0]), "--split", "user"]
    assert run(app, "devpiolt", arguments) == 1
    assert "Repeat --logs" in capsys.readouterr().err


@pytest.mark.parametrize(
    "more", [["--with-model"], ["--cold-start", "3"], ["--ablations"], ["--operations", "9"]]
)
def test_what_a_split_by_user_does_not_measure_is_refused(
    more: list[str], homes: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = [f"--logs={home}" for home in homes]
    arguments = ["evaluate", "--out", str(tmp_path), *logs, "--split", "user", *more]
    assert run(app, "devpiolt", arguments) == 1
    assert more[0] in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("more", [["--operations", "0"], ["--cold-start", "-1"]])
def test_nothing_cannot_be_measured(
    more: list[str], homes: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", "--out", str(tmp_path), "--logs", str(homes[0]), *more]
    assert run(app, "devpiolt", arguments) == 1
    assert more[0] in capsys.readouterr().err


def test_a_file_is_no_folder_for_outcomes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "home.jsonl"
    log.write_text("")
    assert run(app, "devpiolt", ["evaluate", "--logs", str(log), "--out", str(log)]) == 1
    assert f"{log} is a file.\nName a folder with --out." in capsys.readouterr().err
    arguments = ["train", "finetune", "--logs", str(log), "--out", str(log)]
    assert run(app, "devpiolt", arguments) == 1
    assert f"{log} is a file.\nName a folder with --out." in capsys.readouterr().err


def test_what_is_left_out_is_known_and_said(
    homes: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    action = read_log(homes[0])[0].actions[0]
    device = f"{action.room}/{action.device}"
    arguments = ["evaluate", "--logs", str(homes[0]), "--out", str(tmp_path)]
    for option, known in (("--without", device), ("--field", "power")):
        assert run(app, "devpiolt", [*arguments, option, "Lihgt"]) == 1
        told = capsys.readouterr().err
        assert told.startswith(f"Error: {option}: the log has no ")
        assert known in told
    assert not list(tmp_path.iterdir())
    logs = ["--logs", str(homes[0]), "--operations", "5"]
    report = report_of(tmp_path, *logs, "--without", device, "--field", "power")
    for plan in (report["plan"], json.loads((tmp_path / "plan.json").read_text())["plan"]):
        assert (plan["fields"], plan["without"]) == (["power"], [device])
    assert 0 < report["homes"][homes[0].name] < len(read_log(homes[0]))


def test_the_model_is_measured_on_a_few_days_too(homes: list[Path], tmp_path: Path) -> None:
    class Silent(ScriptedEngine):
        def score(self, *arguments: Any, **options: Any) -> list[list[float]]:
            raise AssertionError("the scores are kept")

    operations = read_log(homes[0])
    plan = Plan(operations=20, cold_start=(3,))
    names = ["3 days, model alone", "3 days, whole system", "3 days, whole system, tuned"]
    first = evaluate({"home": operations}, tmp_path, plan, ScriptedEngine())
    assert [first["rows"][name]["operations"] for name in names] == [20, 20, 20]
    for name in names:
        (tmp_path / f"{name.replace(' ', '-')}.jsonl").unlink()
    again = evaluate({"home": operations}, tmp_path, plan, Silent())
    assert [again["rows"][name] for name in names] == [first["rows"][name] for name in names]


def a_set(home: Path, name: str = "mine", **given: Any) -> AdapterSet:
    """Adapters in a gpiot home."""
    card = Card(
        name=name,
        base=Base(name="base", sha256=""),
        method="",
        adapters={"a": AdapterFile(file="a.gguf", sha256="", size=1)},
        mixes={"recommendation": {"a": 1.0}},
        **given,
    )
    write_atomic(home / "adapters" / name / "card.json", card.model_dump_json())
    return AdapterSet(card, home / "adapters" / name)


@pytest.mark.parametrize(
    ("learned", "cold_start", "said"),
    [(1, (), "until"), (0, (3,), "no cold start"), (0, (), None)],
)
def test_adapters_that_have_seen_the_test_part_are_refused(
    learned: int,
    cold_start: tuple[int, ...],
    said: str | None,
    homes: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GPIOT_HOME", str(tmp_path))
    operations = read_log(homes[0])[:60]
    until = operations[48 + learned].time.isoformat()
    fact = {"data set": "home.jsonl", "split": f"before {until}; the last fifth is held out"}
    a_set(tmp_path, data=[fact])
    a_set(tmp_path, "other")
    engine = ScriptedEngine()
    engine.info = ModelInfo("scripted", "", "none", 8192, adapters="other 4567, mine 0123")
    plan = Plan(operations=3, cold_start=cold_start)
    if said:
        with pytest.raises(GpiotError, match=said):
            evaluate({"home.jsonl": operations}, tmp_path / "out", plan, engine)
    else:
        report = evaluate({"home.jsonl": operations}, tmp_path / "out", plan, engine)
        assert report["adapters"] == "other 4567, mine 0123"


def test_adapters_know_a_log_under_another_name(
    homes: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GPIOT_HOME", str(tmp_path))
    operations = read_log(homes[0])[:60]
    learned = tmp_path / "home.jsonl"
    learned.write_text("".join(f"{operation.to_line()}\n" for operation in operations))
    renamed, packed = tmp_path / "copy.jsonl", tmp_path / "packed.jsonl.gz"
    renamed.write_bytes(learned.read_bytes())
    packed.write_bytes(gzip.compress(learned.read_bytes()))
    other = tmp_path / "other.jsonl"
    other.write_text(operations[0].to_line())
    fact = {
        "data set": "home.jsonl",
        "split": f"before {operations[50].time.isoformat()}; the last fifth is held out",
        "sha256": sha256_of(learned),
    }
    engine = ScriptedEngine()
    engine.info = ModelInfo(
        "scripted", "", "none", 8192, adapters=a_set(tmp_path, data=[fact]).identity
    )
    plan = Plan(operations=3)
    for path in (learned, renamed, packed):
        with pytest.raises(GpiotError, match="until"):
            evaluate(
                {path.name: operations}, tmp_path / "out", plan, engine, paths={path.name: path}
            )
    with pytest.raises(GpiotError, match="until"):
        evaluate({"home.jsonl.gz": operations}, tmp_path / "out", plan, engine)
    evaluate(
        {"other.jsonl": operations}, tmp_path / "out", plan, engine, paths={"other.jsonl": other}
    )


def test_adapters_are_asked_as_they_were_trained(
    homes: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GPIOT_HOME", str(tmp_path))
    asked: list[tuple[Prompt, str]] = []

    class Listening(ScriptedEngine):
        def score(
            self, prompt: Prompt, continuations: Sequence[str], *others: Any
        ) -> list[list[float]]:
            asked.append((prompt, continuations[0]))
            return super().score(prompt, continuations, *others)

    trained = a_set(tmp_path, settings={"history": 4, "text first": True})
    engine = Adapted(Listening(), {"recommendation": trained})
    monkeypatch.setattr("gpiot_cli.cli.devpiolt_evaluate.open_asked", lambda *_, **__: engine)
    words = ["--logs", str(homes[0]), "--with-model", "--operations", "3"]
    report = report_of(tmp_path / "out", *words)
    assert (report["plan"]["history"], report["plan"]["text_first"]) == (4, True)
    assert asked
    assert all(prompt.reply_prefix.count("->") <= 2 * 4 for prompt, _ in asked)
    assert all(". " in text for _, text in asked)  # a sentence, then the action
    report_of(tmp_path / "out", *words, "--history", "4", "--text-first")
    for more, said in (
        (["--history", "60"], "trained with history 4, not 60"),
        (["--no-text-first"], "trained with text first True, not False"),
    ):
        arguments = ["evaluate", "--out", str(tmp_path / "other"), *words, *more]
        assert run(app, "devpiolt", arguments) == 1
        assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "other").exists()


def test_the_models_scores_survive_an_interruption(homes: list[Path], tmp_path: Path) -> None:
    class Interrupted(ScriptedEngine):
        left = 330

        def score(self, *arguments: Any, **options: Any) -> list[list[float]]:
            Interrupted.left -= 1
            if Interrupted.left < 0:
                raise KeyboardInterrupt
            return super().score(*arguments, **options)

    operations = read_log(homes[0])
    plan = Plan(operations=60)
    with pytest.raises(KeyboardInterrupt):
        evaluate({"home": operations}, tmp_path, plan, Interrupted())
    assert not (tmp_path / "whole-system.jsonl").exists()
    Interrupted.left = 31  # 300 to choose the weight, 60 to predict
    report = evaluate({"home": operations}, tmp_path, plan, Interrupted())
    assert report["rows"]["whole system"]["operations"] == 60
    assert report["rows"]["whole system, tuned"]["operations"] == 60
    assert report["rows"]["model alone"]["operations"] == 60
    assert report["model"] == "scripted (no language model)"


def test_an_evaluation_is_silent_where_a_recommendation_is(homes: list[Path]) -> None:
    operations = read_log(homes[0])[:480]
    start, threshold = 400, 0.5
    outcomes = list(replay.by_history(operations, start, threshold))
    recommender = Recommender()
    recommender.learn_history(operations[:start])
    objections = []
    for operation, outcome in zip(operations[start:], outcomes, strict=True):
        known = recommender.home.known_before(operation)
        found = recommend(recommender, operation.time, known, threshold=threshold)
        assert outcome.exposed == (found.silence is None)
        first = found.suggestions[0]
        assert outcome.confidence == pytest.approx(first.probability)
        objections += [found.silence is None] if first.objection and first.probability > 0.5 else []
        recommender.learn(operation)
    assert {True, False} <= set(objections)  # a rule has silenced one, and was overruled


def test_the_floors_formula_by_hand() -> None:
    counting = markov2_and_time()
    noon = datetime(2024, 3, 4, 12, tzinfo=UTC)
    done = [("fan", "on"), ("fan", "off"), *[("lamp", "on"), ("lamp", "off")] * 2]
    for i, (device, value) in enumerate(done):
        action = Action("R", device, "power", value)
        counting.learn(Operation(time=noon + timedelta(minutes=i), actions=(action,)))
    ranked = counting.ranked(noon + timedelta(minutes=59))
    shares = {counting.home.candidates[number][0][1:4:2]: share for number, share in ranked}
    # Both are off. After "lamp off", and after "lamp on, lamp off", came "lamp on" only.
    lamp = 0.15 * 2 / 6 + 1 + 1 + 2 / 6
    fan = 0.15 * 1 / 6 + 1 / 6
    assert shares == pytest.approx(
        {("lamp", "on"): lamp / (lamp + fan), ("fan", "on"): fan / (lamp + fan)}
    )


AC = ("Bedroom", "AC")


@pytest.mark.parametrize(
    ("predicted", "actual", "matches"),
    [
        (Action(*AC, "temperature", 26), Action(*AC, "temperature", 22), True),
        (Action(*AC, "temperature", 27), Action(*AC, "temperature", 22), False),
        (Action(*AC, "temperature", "24.0"), Action(*AC, "temperature", "26"), True),
        (Action(*AC, "temperature", 26), Action(*AC, "power", "on"), True),
        (Action(*AC, "temperature", 26), Action(*AC, "power", "off"), False),
        (Action(*AC, "power", "on"), Action(*AC, "power", "off"), False),
        (Action("Hall", "AC", "power", "on"), Action(*AC, "power", "on"), False),
        (Action(*AC, "brightness", "0.0"), Action(*AC, "power", "off"), True),
        (Action(*AC, "mode", "off"), Action(*AC, "power", "off"), True),
        (Action(*AC, "power", "on"), Action(*AC, "mode", "cool"), True),
        (Action(*AC, "mute", "off"), Action(*AC, "power", "off"), False),
        (Action(*AC, "volume", 30), Action(*AC, "source", "HDMI"), False),
        (Action(*AC, "hue", 10), Action(*AC, "brightness", 90), False),
    ],
)
def test_loose_match(predicted: Action, actual: Action, matches: bool) -> None:
    assert loose_match(predicted, actual) is matches


def test_rule_score() -> None:
    a, b, c = (Action("R", name, "power", "on") for name in "abc")
    assert rule_score((a, b), (b, a)) == [1, 1]
    assert rule_score((a, b), (a,)) == [0.9, 0.9]
    assert sorted(rule_score((a, b), (b, c))) == [0, 1]
    assert rule_score((a,), (a._replace(value="off"),)) == [-0.1]
    assert rule_score((a,), (c,)) == [0]


def test_scores_over_operations_of_several_actions() -> None:
    a, b = (Action("R", name, "power", "on") for name in "ab")
    outcomes = [
        Outcome(((a, b), (a,)), (b, a), 0.9, 0.9),
        Outcome(((a,), (b,)), (b,), 0.6, 0.6),
    ]
    found = scores(table(outcomes))
    assert found["EM"] == 0.5
    assert found["hit@3"] == 1
    assert found["LM-F1"] == pytest.approx(2 / 3)
    assert found["rule"] == pytest.approx(2 / 3)
    score, low, high = intervals(outcomes * 100)["EM"]
    assert low <= score <= high
    assert high - low < 0.2


@pytest.mark.parametrize("count", [2, 30, 50])
def test_few_operations_have_wide_intervals(count: int) -> None:
    a, b = ((Action("R", name, "power", "on"),) for name in "ab")
    outcomes = [Outcome((a if i % 2 else b,), a) for i in range(count)]
    score, low, high = intervals(outcomes)["EM"]
    assert score == 0.5
    assert low < 0.45 < 0.55 < high


def test_a_paired_gain_hears_of_each_operation_only_the_difference() -> None:
    a, b = ((Action("R", name, "power", "on"),) for name in "ab")
    even, odd = (
        [Outcome((a if i % 2 == k else b,), a, 0.5, 0.5) for i in range(200)] for k in (0, 1)
    )
    always = [Outcome((a,), a, 0.5, 0.5)] * 200
    assert paired(always, always) == (0, 0, 0)
    assert paired(even, odd)[0] == 0
    assert paired(always, even) == pytest.approx((0.5, 0.5, 0.5), abs=0.02)


def test_calibration_learns_what_confidence_is_worth() -> None:
    calibration = Calibration()
    assert calibration(0.9) == 0.9  # nothing is known yet
    few = Calibration()
    few.learn([0.9] * 19, [False] * 19)
    assert (few(0.9), few.judged) == (0.9, 0)
    confidences = [i / 1000 for i in range(1000)]
    right = [i % 10 < (7 if c > 0.5 else 2) for i, c in enumerate(confidences)]
    assert calibration_error(confidences, right) > 0.1
    calibration.learn(confidences, right)
    assert calibration(0.9) == pytest.approx(0.7, abs=0.03)
    assert calibration(0.2) == pytest.approx(0.2, abs=0.03)
    fixed = [calibration(c) for c in confidences]
    assert calibration_error(fixed, right) < 0.05
