"""`devpiolt train`: what is learned, that it is what the recommender asks, and the three stages."""

import gzip
import json
import math
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_model import write_model

from gpiot_cli.cli.devpiolt import app
from gpiot_cli.cli.main import run
from gpiot_cli.engine.adapted import Adapted
from gpiot_cli.engine.adapters import find, read_set
from gpiot_cli.engine.llama import LlamaEngine
from gpiot_cli.engine.open import open_engine
from gpiot_cli.engine.protocol import Prompt
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of
from gpiot_cli.recommend.describe import describe
from gpiot_cli.recommend.records import Action, Operation, Reading
from gpiot_cli.recommend.rules import conflict, untimely
from gpiot_cli.recommend.scorer import Scorer
from gpiot_cli.training.base import Base, load_base
from gpiot_cli.training.home.corpus import general_rows, histories
from gpiot_cli.training.home.finetune import action_first, text_first
from gpiot_cli.training.home.homes import moments, own_home
from gpiot_cli.training.home.likelihood import Likelihood
from gpiot_cli.training.home.passage import Branch, Passage, compose
from gpiot_cli.training.home.preferences import pairs
from gpiot_cli.training.home.refine import Pairs, Preference, margins
from gpiot_cli.training.log import read_log
from gpiot_cli.training.lora import PlainLora
from gpiot_cli.training.settings import Settings

ZONE = timezone(timedelta(hours=1))
MONDAY = datetime(2024, 3, 4, tzinfo=ZONE)
LAMP, FAN, HALL = ("Bed", "lamp"), ("Bath", "fan"), ("Hall", "light")
LONG = 1 << 20


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOT_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("GPIOT_ADAPTERS", raising=False)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture(scope="module")
def base(tiny: Path) -> Base:
    return load_base(str(tiny), torch.float32)


def regular(days: int, origin: str = "log") -> list[Operation]:
    """The lamp on at 19:00 and off at 22:50; the fan on and off in the day, then the hall light."""
    dice = random.Random(0)
    log = []
    for day in range(days):
        start = MONDAY + timedelta(days=day)
        fan = start + timedelta(hours=dice.randrange(8, 16))
        aired = fan + timedelta(minutes=dice.randrange(3, 20))
        for time, device, value in (
            (fan, FAN, "on"),
            (aired, FAN, "off"),
            (aired + timedelta(minutes=1), HALL, "off" if day % 2 else "on"),
            (start + timedelta(hours=19, minutes=dice.randrange(9)), LAMP, "on"),
            (start + timedelta(hours=22, minutes=50 + dice.randrange(9)), LAMP, "off"),
        ):
            env = (Reading("Outside", "temperature", float(day % 5)),)
            actions = (Action(*device, "power", value),)
            log.append(Operation(time=time, env=env, actions=actions, origin=origin))
    return log


def settings(**given: object) -> Settings:
    defaults = {"name": "x", "base": "x", "data": {"recommendation": ["home"]}, "rank": 4}
    return Settings.model_validate(
        {**defaults, "alpha": 8, "dropout": 0.0, "gradient_checkpointing": False} | given
    )


def stirred(lora: PlainLora) -> PlainLora:
    """An adapter that does something."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in lora.trainable().values():
            parameter.copy_(0.2 * torch.randn(parameter.shape, generator=generator))
    return lora


def fresh(tiny: Path) -> PlainLora:
    return stirred(PlainLora(load_base(str(tiny), torch.float32), settings()))


# -- the rows ---------------------------------------------------------------------------------


def said(base: Base, ids: tuple[int, ...]) -> str:
    return b"".join(base.tokenizer.piece(token) for token in ids).decode()  # type: ignore[attr-defined]


def test_what_is_learned_is_what_the_scorer_asks(base: Base) -> None:
    """Prompts and continuations, token by token, over several drops of the older half."""
    log = regular(12)
    asked: list[tuple[Prompt, str]] = []

    class Listening:
        def score(self, prompt: Prompt, texts: list[str], among: list[str]) -> list[list[float]]:
            asked.append((prompt, texts[0]))
            return [[0.0] for _ in texts]

    scorer = Scorer(Listening(), history=4)
    scorer.learn_history(log[:8])
    for number, operation in enumerate(log[8:]):
        scorer.score_before(operation, [operation.actions], str(number))
        scorer.learn(operation)
    passages, left_out = compose(action_first(log, 8, 4), base.tokenizer, LONG)
    assert len(passages) > 5
    assert left_out == 0
    learned = [
        (passage.ids[:start], passage.ids[start:end])
        for passage in passages
        for start, end in passage.spans
    ]
    tokenizer = base.tokenizer
    assert learned == [
        (
            tuple(
                tokenizer.prompt([("system", p.system), ("user", p.user)])
                + tokenizer.tokenize(p.reply_prefix)
            ),
            tuple(tokenizer.tokenize(text)),
        )
        for p, text in asked
    ]


def test_the_prompt_of_a_short_log_lists_all_devices() -> None:
    log = regular(8)
    first, *later = [moment.line.prompt.user for moment in moments(log, 12, 60)]
    devices = {operation.actions[0][:2] for operation in log}
    assert len(devices) > 1
    assert all(f"- {'/'.join(device)} " in first for device in devices)
    assert set(later) == {first}


def test_descriptions_follow_the_action_and_end_the_turn(base: Base) -> None:
    log = regular(4)
    (passage,) = compose(action_first(log, 5, 20), base.tokenizer, LONG)[0]
    assert len(passage.branches) == len(passage.spans) == len(log) - 5
    for operation, (_, end), (place, tokens) in zip(
        log[5:], passage.spans, passage.branches, strict=True
    ):
        assert place == end
        assert said(base, tokens[:-1]) == describe(operation.actions)
        assert tokens[-1] == base.tokenizer.end_of_turn
    (other,) = compose(text_first(log, 5, 20), base.tokenizer, LONG)[0]
    start, end = other.spans[0]
    assert said(base, other.ids[start:end]) == " Turn on the fan in the Bath. Bath/fan power=on\n"
    assert not other.branches


def test_what_does_not_fit_is_counted(base: Base) -> None:
    log = regular(8)
    whole = compose(action_first(log, 8, 60), base.tokenizer, LONG)[0][0]
    half = whole.length - 150
    (passage,), left_out = compose(action_first(log, 8, 60), base.tokenizer, half)
    assert passage.length <= half
    assert left_out == len(whole.spans) - len(passage.spans) > 0
    assert passage.ids == whole.ids[: len(passage.ids)]


def test_pre_training_learns_each_action_once_and_no_environment(base: Base) -> None:
    log = regular(12)
    passages = histories(log, 0, base.tokenizer, 300)
    assert len(passages) > 2
    assert all(passage.length <= 300 for passage in passages)
    actions = [said(base, p.ids[start:end]) for p in passages for start, end in p.spans]
    expected = [
        f" {o.actions[0].room}/{o.actions[0].device} power={o.actions[0].value}\n" for o in log
    ]
    assert actions == expected
    for passage in passages:
        text = said(base, passage.ids)
        assert text[:3] in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
        assert "Devices" not in text


def test_general_text_is_about_as_much_as_asked_for(base: Base, tmp_path: Path) -> None:
    chat = [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"}]
    corpus = tmp_path / "general.jsonl"
    lines = [{"text": "It rains.\u2028On the roof. " * 4}, {"messages": chat}] * 50
    corpus.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines))
    read: list[str] = []

    class Listening:
        end_of_turn = base.tokenizer.end_of_turn
        prompt = staticmethod(base.tokenizer.prompt)

        def tokenize(self, text: str) -> list[int]:
            read.append(text)
            return base.tokenizer.tokenize(text)

    rows, (fact,) = general_rows([corpus], Listening(), 200, 3000, 0)
    assert sum(row.length for row in rows) == pytest.approx(3000, abs=200)
    assert all(row.length <= 200 for row in rows)
    assert {tokens.answer > 1 for row in rows for tokens in row.examples} == {True, False}
    assert fact["examples"] == 100
    assert len(read) == sum(len(row.examples) for row in rows) < 100  # no more than is needed
    assert general_rows([corpus], base.tokenizer, 200, 3000, 0)[0] == rows
    assert general_rows([corpus], base.tokenizer, 200, 3000, 1)[0] != rows
    for bad in ("{}", "[", '{"messages": [{"role": "user", "content": "2 + 2?"}]}'):
        corpus.write_text(f"{json.dumps(lines[0])}\n{bad}\n")
        with pytest.raises(GpiotError, match="line 2: "):
            general_rows([corpus], base.tokenizer, 200, 3000, 0)


def test_alternatives_break_a_rule_and_are_possible(base: Base) -> None:
    log = regular(45)
    found: Counter[str] = Counter()
    lines = list(pairs(log, 4, 10, 0, found))
    assert found["conflict"] > 5
    assert found["untimely"] > 5
    assert found.total() == sum(line.learned for line in lines)
    for moment, line in zip(moments(log, 4, 10), lines, strict=True):
        if not line.learned:
            assert not line.instead
            continue
        home, time = moment.home, moment.operation.time
        (rejected,) = [
            number
            for number, candidate in enumerate(home.candidates)
            if f"{moment.continuation(candidate)}\n" == line.instead
        ]
        assert conflict(rejected, time, home) or untimely(rejected, time, home)
        assert home.possible(home.candidates[rejected])
        assert home.candidates[rejected] != moment.operation.actions


# -- the losses -------------------------------------------------------------------------------


def log_likelihood(lora: PlainLora, ids: tuple[int, ...], answer: tuple[int, ...]) -> torch.Tensor:
    """log P(answer | ids), by the model's own logits of one plain sequence."""
    logits = lora.model(input_ids=torch.tensor([[*ids, *answer]])).logits[0].float()
    logs = torch.log_softmax(logits, dim=-1)
    return sum(logs[len(ids) - 1 + i, token] for i, token in enumerate(answer))  # type: ignore[return-value]


PASSAGE = Passage(
    tuple(range(60, 90)),
    ((5, 8), (20, 24)),
    (Branch(5, (1, 2, 3, 4)), Branch(24, (7, 8))),
)


def apart(lora: PlainLora, passage: Passage) -> list[torch.Tensor]:
    """The likelihoods of spans and branches, each as a sequence of its own."""
    parts = [(passage.ids[:s], passage.ids[s:e]) for s, e in passage.spans]
    parts += [(passage.ids[:place], tokens) for place, tokens in passage.branches]
    return [log_likelihood(lora, ids, answer) for ids, answer in parts]


@pytest.mark.parametrize("checkpointing", [False, True])
def test_a_passage_is_worth_its_parts_read_apart(tiny: Path, checkpointing: bool) -> None:
    """Branches see what stands before them and nothing else; nothing sees a branch."""
    gradients = []
    for together in (True, False):
        lora = fresh(tiny)
        if together and checkpointing:
            lora.model.get_base_model().gradient_checkpointing_enable({"use_reentrant": False})
        loss = Likelihood(lora).loss(PASSAGE, 0.0) if together else -sum(apart(lora, PASSAGE))
        loss.backward()
        gradients.append((loss.item(), [p.grad for p in lora.trainable().values()]))
    (one, first), (other, second) = gradients
    assert one == pytest.approx(other, rel=1e-5)
    for a, b in zip(first, second, strict=True):
        assert torch.allclose(a, b, rtol=1e-3, atol=1e-4)
    assert PASSAGE.answers == 13
    assert PASSAGE.length == 36


def test_equation_5_by_hand(tiny: Path) -> None:
    lora = fresh(tiny)
    passage = Passage(PASSAGE.ids, PASSAGE.spans, (Branch(5, (1, 2, 3, 4)), Branch(20, (7, 8))))
    with torch.no_grad():
        before = apart(lora, passage)
    method = Preference(lora, settings(), beta=0.3)
    assert method.loss(Pairs(passage), 0.0).item() == pytest.approx(2 * math.log(2), rel=1e-5)
    names = set(method.trainable())
    assert names
    assert all(".plain." in name for name in names)
    with torch.no_grad():
        for parameter in method.trainable().values():
            parameter.mul_(1.3)
        after = apart(lora, passage)
    expected = 0.0
    for done, other in ((0, 2), (1, 3)):
        margin = after[done] - before[done] - (after[other] - before[other])
        expected += math.log1p(math.exp(-0.3 * float(margin)))
    loss = method.loss(Pairs(passage), 0.0)
    assert float(loss) == pytest.approx(expected, rel=1e-3)
    loss.backward()
    trained = {name for name, p in method.model.named_parameters() if p.grad is not None}
    assert trained == names


def test_refinement_widens_the_margin(tiny: Path, base: Base) -> None:
    method = Preference(fresh(tiny), settings(), beta=0.1)
    passages, _ = compose(pairs(regular(20), 4, 10, 0, Counter()), base.tokenizer, 900)
    tensors = passages[0].tensors(torch.device("cpu"))
    language_model = method.model.get_base_model()
    with torch.no_grad():
        before = margins(language_model, tensors)
    optimizer = torch.optim.AdamW(method.trainable().values(), lr=1e-3)
    for _ in range(3):
        method.loss(Pairs(passages[0]), 0.0).backward()
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        assert float((margins(language_model, tensors) - before).mean()) > 0.1


# -- the stages from the command line ---------------------------------------------------------


def write_run(folder: Path, tiny: Path, **given: object) -> Path:
    content = {
        "base": str(tiny),
        "data": {"recommendation": ["home"]},
        "rank": 4,
        "alpha": 8,
        "dropout": 0.0,
        "epochs": 1,
        "learning_rate": 0.01,
        "sequence_length": 1500,
        "rows_per_step": 2,
        "gradient_checkpointing": False,
        "precision": "f32",
    }
    path = folder / "tiny-run.yaml"
    path.write_text(json.dumps(content | given))
    return path


def train(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[Path, str]:
    assert run(app, "devpiolt", ["train", *map(str, words)]) == 0
    captured = capsys.readouterr()
    return Path(captured.out.strip()), captured.err


def write_log(path: Path, operations: list[Operation]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{operation.to_line()}\n" for operation in operations))
    return path


def test_three_stages_of_an_own_home(
    tiny: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    operations = regular(40)
    logs = write_log(tmp_path / "My home.jsonl", operations)
    general = tmp_path / "general.jsonl"
    general.write_text('{"text": "The rain falls on the roof of the house."}\n' * 30)
    a_run = write_run(tmp_path, tiny)
    first, told = train(capsys, "pretrain", a_run, "--logs", logs, "--general", general)
    assert "general text: " in told
    assert first.is_relative_to(tmp_path / "data")
    ratio = float(told.partition("tokens, ")[2].split()[0])
    assert 0 < ratio <= 1.2
    words = ["--logs", logs, "--history", 8]
    second, _ = train(capsys, "finetune", a_run, *words, "--from", first.parent)
    gently = write_run(tmp_path, tiny, learning_rate=0.0005)
    third, told = train(capsys, "refine", gently, *words, "--from", second)
    assert f"devpiolt recommend --model {tiny}" in told.replace("\n", "")
    assert "conflict" in told
    validation = read_set(second).card.training["validation"]
    assert validation[-1]["recommendation"] < 0.8 * validation[0]["recommendation"]
    refined = read_set(third).card.training["validation"]
    assert refined[0]["recommendation"] == pytest.approx(math.log(2), rel=1e-3)
    steps = read_log(third.parent)
    assert steps[-1]["recommendation"] < 0.8 * steps[0]["recommendation"]

    card = find("my-home").card
    assert card.adapters == read_set(third).card.adapters
    assert card.private
    assert "do not share" in card.method
    assert [fact["data set"] for fact in card.data] == ["My home.jsonl", "general.jsonl"]
    assert card.mixes == {"recommendation": {"plain": 1.0}}
    held_out = operations[int(0.8 * len(operations))].time
    assert held_out.isoformat() in card.data[0]["split"]

    asked: list[Prompt] = []

    class Listening:
        def score(self, prompt: Prompt, texts: list[str], *_: object) -> list[list[float]]:
            asked.append(prompt)
            return [[0.0] for _ in texts]

    scorer = Scorer.as_trained(Adapted(Listening(), {"recommendation": find("my-home")}))  # type: ignore[arg-type]
    scorer.learn_history(operations)
    scorer.score_before(operations[-1], [operations[-1].actions], "now")
    assert asked[0].reply_prefix.count("->") == 8 + 1  # its own history, not the default of 60

    # What was trained is what `recommend` and `evaluate` hear.
    prompt = Prompt("You know a home.", "Go on.", "08:00 ->")
    adapted = open_engine(str(tiny), log=logs)
    assert adapted.info.adapters.startswith("my-home ")
    exact = LlamaEngine(tiny, name="", sha256="", adapters={"plain": third / "plain.gguf"})
    (heard,) = adapted.score(prompt, [" Bath/fan power=on\n"])
    (expected,) = exact.score(prompt, [" Bath/fan power=on\n"], {"plain": 1.0})
    (without,) = exact.score(prompt, [" Bath/fan power=on\n"])
    assert np.allclose(heard, expected, atol=1e-4)
    assert not np.allclose(heard, without, atol=0.1)
    assert open_engine(str(tiny)).info.adapters == ""  # programs are written without it
    assert open_engine(str(tiny), log=tmp_path / "other.jsonl").info.adapters == ""
    asking: list[str] = []
    as_trained = Scorer.as_trained

    def listening(engine: Adapted) -> Scorer:
        asking.append(engine.info.adapters)
        return as_trained(engine)

    monkeypatch.setattr(Scorer, "as_trained", listening)
    assert run(app, "devpiolt", ["recommend", "--logs", str(logs), "--model", str(tiny)]) == 0
    assert asking == [adapted.info.adapters]
    monkeypatch.setenv("GPIOT_ADAPTERS", "none")
    assert open_engine(str(tiny), log=logs).info.adapters == ""


def test_a_trial_an_ablation_and_another_seed_replace_no_adapter(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = write_log(tmp_path / "home.jsonl", regular(20))
    words = ["finetune", write_run(tmp_path, tiny), "--logs", logs, "--history", 8]
    full, _ = train(capsys, *words)
    for more, name in (
        (["--max-steps", 1], "home-trial"),
        (["--max-steps", 1, "--text-first"], "home-text-first-trial"),
        (["--max-steps", 1, "--seed", 1], "home-seed-1-trial"),
    ):
        trained, told = train(capsys, *words, *more)
        assert trained == tmp_path / "data" / "runs" / f"{name}-finetune" / name
        assert f"gpiot adapter add {trained}" in told.replace("\n", "")
    added = tmp_path / "data" / "adapters"
    assert [path.name for path in added.iterdir()] == ["home"]
    assert read_set(added / "home").card == read_set(full).card


def test_another_homes_log_of_the_same_name_gets_and_replaces_no_adapter(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = (
        write_log(tmp_path / name / "home.jsonl", regular(20)) for name in ("ours", "theirs")
    )
    a_run = write_run(tmp_path, tiny)
    trained, _ = train(capsys, "finetune", a_run, "--logs", ours, "--history", 8)
    assert read_set(trained).card.settings["log"] == str(ours)
    assert open_engine(str(tiny), log=ours).info.adapters.startswith("home ")
    assert open_engine(str(tiny), log=theirs).info.adapters == ""
    words = ["train", "finetune", a_run, "--logs", theirs, "--out", tmp_path / "out"]
    assert run(app, "devpiolt", list(map(str, words))) == 1
    assert "There are adapters home already" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()  # said before the training


def test_refinement_asks_as_the_fine_tuning_did(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], base: Base
) -> None:
    logs = write_log(tmp_path / "home.jsonl", regular(20))
    a_run = write_run(tmp_path, tiny)
    words = [a_run, "--logs", logs, "--max-steps", 1]
    trained, _ = train(capsys, "finetune", *words, "--history", 8, "--text-first")
    refined, _ = train(capsys, "refine", *words, "--from", trained)
    card = read_set(refined).card
    assert card.name == "home-text-first-trial"  # it replaces no other
    assert (card.settings["history"], card.settings["text first"]) == (8, True)
    for stage, more, said in (
        ("refine", ["--history", 60], "trained with history 8, not 60"),
        ("finetune", ["--history", 60], "trained with history 8, not 60"),
    ):
        arguments = ["train", stage, *words, "--from", trained, *more]
        assert run(app, "devpiolt", list(map(str, arguments))) == 1
        assert said in " ".join(capsys.readouterr().err.split())
    lines = list(pairs(regular(20), 4, 10, 0, Counter(), text_first=True))
    assert {line.action.split()[0] for line in lines} == {"Turn"}
    assert {line.instead.split()[0] for line in lines if line.instead} == {"Turn"}


def test_a_compressed_log_is_known_by_what_it_holds(tmp_path: Path) -> None:
    plain = write_log(tmp_path / "home.jsonl", regular(20))
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    (one,), (other,) = own_home(plain), own_home(packed)
    assert one.fact["sha256"] == other.fact["sha256"] == sha256_of(plain)


def test_the_last_fifth_is_never_read(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = regular(20)
    other = [*log[:80], *(o.model_copy(update={"actions": log[0].actions}) for o in log[80:])]
    digests = []
    for number, operations in enumerate((log, other)):
        logs = write_log(tmp_path / f"{number}" / "home.jsonl", operations)
        a_run = write_run(tmp_path, tiny)
        out = tmp_path / f"out-{number}"
        words = ["--logs", logs, "--history", 8, "--max-steps", 2, "--out", out]
        trained, _ = train(capsys, "finetune", a_run, *words)
        digests.append(read_set(trained).card.adapters["plain"].sha256)
    assert digests[0] == digests[1]


def test_simulated_homes_make_an_adapter_to_share(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    homes = tmp_path / "homes"
    write_log(homes / "a.simulated.jsonl", regular(20, "simulated"))
    write_log(homes / "b.simulated.jsonl", regular(25, "simulated"))
    words = ["--simulated", homes, "--history", 8, "--max-steps", 1, "--out", tmp_path / "out"]
    trained, _ = train(capsys, "finetune", write_run(tmp_path, tiny), *words)
    card = read_set(trained).card
    assert card.name == "tiny-run-trial"
    assert not card.private
    assert "share" not in card.method
    readme = (trained / "README.md").read_text()
    assert "DevPiolt's fine-tuning" in readme
    assert "gpiot train" not in readme
    assert [fact["data set"] for fact in card.data] == ["a.simulated.jsonl", "b.simulated.jsonl"]
    again, _ = train(capsys, "finetune", tmp_path / "tiny-run.yaml", *words)
    assert read_set(again).card.training["seconds"] == card.training["seconds"]


def test_what_began_with_an_own_home_stays_private(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Later stages on simulated homes still know it."""
    logs = write_log(tmp_path / "home.jsonl", regular(20))
    homes = tmp_path / "homes"
    write_log(homes / "a.simulated.jsonl", regular(20, "simulated"))
    a_run = write_run(tmp_path, tiny)
    trained, _ = train(capsys, "pretrain", a_run, "--logs", logs, "--max-steps", 1)
    own = read_set(trained).card.data
    for stage in ("finetune", "refine"):
        words = ["--simulated", homes, "--from", trained, "--history", 8, "--max-steps", 1]
        trained, told = train(capsys, stage, a_run, *words)
        assert trained.is_relative_to(tmp_path / "data")
        assert "do not share it" in told
        card = read_set(trained).card
        assert card.private
        assert "do not share" in card.method
        assert card.data[:1] == own
        assert [fact["data set"] for fact in card.data] == ["home.jsonl", "a.simulated.jsonl"]
    assert not (tmp_path / "data" / "adapters").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["finetune"], "Give one of --logs FILE and --simulated DIR"),
        (["finetune", "--logs", "LOG", "--simulated", "EMPTY"], "Give one of"),
        (["finetune", "--simulated", "EMPTY"], "There are no simulated homes"),
        (["finetune", "--simulated", "REAL"], "holds operations of a real home"),
        (["finetune", "--logs", "SHORT"], "holds 10 operations, too few"),
        (["pretrain", "--logs", "LOG", "--general", "nowhere"], "There is no general corpus"),
        (
            ["pretrain", "SHORT-ROWS", "--logs", "LOG", "--general", "GENERAL"],
            "hold nothing to learn",
        ),
        (["refine", "--logs", "LOG", "--from", "EMPTY"], "holds no adapters"),
    ],
)
def test_what_cannot_be_learned_is_said(
    words: list[str], said: str, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "EMPTY").mkdir()
    write_run(tmp_path, tiny, sequence_length=16).rename(tmp_path / "SHORT-ROWS")
    (tmp_path / "GENERAL").write_text('{"text": "The rain falls."}\n')
    write_log(tmp_path / "REAL" / "a.simulated.jsonl", regular(20))
    write_log(tmp_path / "LOG", regular(20))
    write_log(tmp_path / "SHORT", regular(2))
    paths = {"LOG", "EMPTY", "REAL", "SHORT", "SHORT-ROWS", "GENERAL"}
    arguments = [str(tmp_path / word) if word in paths else word for word in words]
    assert run(app, "devpiolt", ["train", *arguments]) == 1
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_stage_before_must_fit(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = write_log(tmp_path / "home.jsonl", regular(20))
    words = ["--logs", logs, "--max-steps", 1]
    trained, _ = train(capsys, "pretrain", write_run(tmp_path, tiny), *words)
    other = write_run(tmp_path, write_model(tmp_path / "other.gguf", seed=1))
    words = ["train", "refine", other, "--logs", logs, "--from", trained]
    assert run(app, "devpiolt", list(map(str, words))) == 1
    assert "were trained on" in capsys.readouterr().err
    wider = write_run(tmp_path, tiny, rank=8)
    words = ["train", "refine", wider, "--logs", logs, "--from", trained]
    assert run(app, "devpiolt", list(map(str, words))) == 1
    assert "rank" in capsys.readouterr().err
