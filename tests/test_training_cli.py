"""`gpiot train` from the command line: what is asked wrongly, and a whole run."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gpiot_cli.cli.gpiot import app
from gpiot_cli.cli.main import run
from gpiot_cli.errors import GpiotError
from gpiot_cli.training.settings import Settings, load_settings, shipped_runs


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """The words of a command that a user must mend."""
    assert run(app, "gpiot", ["train", *map(str, words)]) == 1
    return " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("name", shipped_runs())
def test_shipped_runs_are_settings(name: str) -> None:
    settings = load_settings(name)
    assert settings.name == name
    assert load_settings(name, "other", 7).base == "other"
    assert load_settings(name, "other", 7).seed == 7
    assert load_settings(name, seed=7).name == f"{name}-seed-7"
    assert load_settings(name, seed=7, name="mine", variants=["trial"]).name == "mine-seed-7-trial"


@pytest.mark.parametrize("name", ["pect", "cpu-pect"])
def test_the_augmented_runs_differ_in_their_data_alone(name: str) -> None:
    """So that a comparison tells what the augmentation does."""
    augmented = load_settings(f"{name}-augmented")
    data = {"decomposition": ["tdd-iot"], "generation": ["cgd"]}
    assert augmented == load_settings(name, name=augmented.name).model_copy(update={"data": data})


def test_a_seed_leaves_room_for_step_and_process() -> None:
    assert load_settings("pect", seed=(1 << 23) - 1).seed == (1 << 23) - 1
    with pytest.raises(GpiotError, match="seed"):
        load_settings("pect", seed=1 << 23)


def test_defaults_are_the_papers() -> None:
    """GPIoT, section 5: rank 64, dropout 0.1, 5 epochs, 1e-4; lambda and gamma 0.5."""
    for given in (Settings(name="x", base="y", data={"generation": ["z"]}), load_settings("pect")):
        assert (given.rank, given.dropout, given.epochs) == (64, 0.1, 5)
        assert given.learning_rate == 1e-4
        assert (given.pect.lambda_, given.pect.gamma) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("base: x\ndata: {generation: [a]}\nrank: none", "rank: Input should be a valid integer"),
        ("base: x\ndata: {generation: [a]}\nranks: 4", "ranks: Extra inputs are not permitted"),
        ("base: x\ndata: {poetry: [a]}", "data.poetry"),
        ("base: x\ndata: {generation: [a]}\npect: {anneal: [0.9, 0.1]}", "from <= to"),
        ("base: [", "is no run"),
        ("", "it holds no settings"),
    ],
)
def test_a_wrong_run_is_named(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.yaml").write_text(content)
    assert said in refused(capsys, "lora", tmp_path / "run.yaml")


def test_a_missing_run_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "pect", "nothing")
    assert "There is no run 'nothing'" in said
    assert "cpu-pect" in said


def test_missing_data_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no finished data set" in refused(capsys, "lora", "cpu-lora-cg", "--data", tmp_path)
    (tmp_path / "run.yaml").write_text("base: x\ndata: {generation: [a]}")
    said = refused(capsys, "pect", tmp_path / "run.yaml", "--data", tmp_path)
    assert "trains on two tasks" in said


def test_a_trial_and_the_full_run_give_adapters_that_can_be_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tiny_model import write_model

    from gpiot_cli.training.dataset import Example, Message, write_dataset
    from gpiot_cli.training.log import NOT_LOSSES, read_log

    monkeypatch.setenv("GPIOT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    examples = [
        Example(
            id=str(i),
            group=str(i),
            messages=(
                Message(role="user", content=f"add {i}"),
                Message(role="assistant", content=f"x + {i}"),
            ),
            source={},
        )
        for i in range(20)
    ]
    write_dataset(tmp_path / "data" / "sums", examples, "Sums.")
    base = write_model(tmp_path / "tiny.gguf")
    (tmp_path / "sums.yaml").write_text(
        "base: nowhere\ndata: {generation: [sums]}\nrank: 2\nalpha: 2\nsequence_length: 128\n"
        "rows_per_step: 2\nvalidation_rows: 0\nepochs: 1\n"
    )
    words = list(map(str, ["lora", "sums.yaml", "--data", "data", "--base", base]))
    full = CliRunner().invoke(app, ["train", *words])
    assert full.exit_code == 0, full.output
    assert full.stdout.strip() == "runs/sums/sums"
    trained = CliRunner().invoke(app, ["train", *words, "--max-steps", "2"])
    assert trained.exit_code == 0, trained.output
    folder = Path(trained.stdout.strip())
    assert folder == Path("runs/sums-trial/sums-trial")
    said = refused(capsys, *words, "--max-steps", "2", "--out", "runs/sums")
    assert "holds another run, different in name, steps." in said
    log = read_log(folder.parent)
    assert all(line["lr"] > 0 for line in log)
    assert all(set(line) - NOT_LOSSES == {"generation"} for line in log)
    assert (folder.parent / "loss.png").stat().st_size > 1000
    added = CliRunner().invoke(app, ["adapter", "add", str(folder), "--json"])
    assert json.loads(added.stdout)["base"] == "tiny"
    card = json.loads((folder / "card.json").read_text())
    assert card["training"]["steps"] == 2
    assert card["training"]["tokens"] == sum(line["tokens"] for line in log)
    seconds = sum(line["seconds"] for line in log)
    assert card["training"]["seconds"] == pytest.approx(seconds, abs=0.06)
    assert card["training"]["validation"] == []
    assert card["data"][0]["data set"] == "sums"
    assert card["mixes"] == {"generation": {"plain": 1.0}}
    assert card["settings"]["rank"] == 2
    assert "pect" not in card["settings"]
