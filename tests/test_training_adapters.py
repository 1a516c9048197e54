"""Training, resume and export: on a tiny random model, run by torch and by llama.cpp."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file
from tiny_model import write_model
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from gpiot_cli.engine.adapters import AdapterSet, read_set
from gpiot_cli.engine.llama import LlamaEngine
from gpiot_cli.engine.protocol import Prompt
from gpiot_cli.errors import GpiotError
from gpiot_cli.training.base import Base, load_base
from gpiot_cli.training.card import write_card
from gpiot_cli.training.dataset import Example, Message, write_dataset
from gpiot_cli.training.examples import Row, encode
from gpiot_cli.training.log import read_log
from gpiot_cli.training.lora import PlainLora
from gpiot_cli.training.machine import Machine
from gpiot_cli.training.method import hidden_states
from gpiot_cli.training.pect import Pect
from gpiot_cli.training.settings import Settings, load_settings
from gpiot_cli.training.train import METHODS, MethodName, read_data, train_adapters

QUESTION, ANSWER = "filter the pulse", "lowpass(pulse)"


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Sums are the same in every process only with the same number of threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two data sets: sub-tasks of a task, and a call for a specification."""
    folder = tmp_path_factory.mktemp("data")
    nouns = ["pulse", "step", "door", "sound", "room", "lamp", "fan", "motor", "gas", "rain"] * 2
    write_dataset(folder / "tdd", [chat(f"task-{i}", f"watch the {n} {i}", f"read the {n}; filter it; count it") for i, n in enumerate(nouns)], "Sub-tasks.")  # fmt: skip
    write_dataset(folder / "cgd", [chat(f"call-{i}", f"filter the {n} {i}", f"lowpass({n})") for i, n in enumerate(nouns)], "Calls.")  # fmt: skip
    return folder


def chat(name: str, question: str, answer: str) -> Example:
    messages = (
        Message(role="system", content="You write for devices."),
        Message(role="user", content=question),
        Message(role="assistant", content=answer),
    )
    return Example(id=name, group=name, messages=messages, source={})


def settings(base: Path, **given: object) -> Settings:
    """A run that takes a second or two."""
    defaults = {
        "name": "tiny",
        "base": str(base),
        "data": {"decomposition": ["tdd"], "generation": ["cgd"]},
        "rank": 4,
        "alpha": 8,
        "epochs": 2,
        "learning_rate": 0.01,
        "sequence_length": 160,
        "rows_per_step": 4,
        "checkpoint_steps": 3,
        "precision": "f32",
        "pect": {"projection_width": 16, "lambda": 0.25, "gamma": 0.5},
    }
    return Settings.model_validate(defaults | given)


def run(method: MethodName, s: Settings, data: Path, out: Path) -> AdapterSet:
    said: list[str] = []
    return read_set(train_adapters(method, s, read_data(data, s), out, said.append))


@pytest.fixture(scope="module")
def pect(tiny: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> AdapterSet:
    return run("pect", settings(tiny), data, tmp_path_factory.mktemp("pect"))


# -- what was trained is what llama.cpp runs --------------------------------------------------


def torch_scores(method: Pect, base_tokenizer: object, prompt: Prompt, text: str) -> np.ndarray:
    """Log-probabilities of the tokens of `text` after the prompt."""
    model = method.model.get_base_model()
    messages = [("system", prompt.system), ("user", prompt.user)]
    asked = base_tokenizer.prompt(messages)
    answer = base_tokenizer.tokenize(text)
    ids = torch.tensor([[*asked, *answer]])
    with torch.no_grad():
        states = hidden_states(model, ids, torch.arange(ids.shape[1])[None])
        logs = torch.log_softmax(model.lm_head(states)[0].float(), dim=-1)
    return np.array([float(logs[len(asked) - 1 + i, t]) for i, t in enumerate(answer)])


@pytest.mark.parametrize("architecture", ["qwen2", "llama"])
@pytest.mark.parametrize(("precision", "within"), [("f32", 0.01), ("q8_0", 0.1)])
def test_llama_cpp_with_the_exported_mix_scores_like_torch(
    architecture: str, precision: str, within: float, data: Path, tmp_path: Path
) -> None:
    path = write_model(tmp_path / "tiny.gguf", architecture)
    s = settings(path, epochs=1, precision=precision)
    prompt = Prompt("You write for devices.", QUESTION)
    trained = run("pect", s, data, tmp_path / "out")
    engine = LlamaEngine(
        path, name="tiny", sha256=trained.card.base.sha256, context=512, adapters=trained.files()
    )
    base = load_base(str(path), torch.float32)
    method = Pect(base, s)
    load_exported(method, trained)
    method.model.eval()
    for role in ("decomposition", "generation"):
        method.use(role)
        (scores,) = engine.score(prompt, [ANSWER], trained.mix(role))
        expected = torch_scores(method, base.tokenizer, prompt, ANSWER)
        assert np.abs(np.array(scores) - expected).max() < within
        (without,) = engine.score(prompt, [ANSWER])
        assert np.abs(np.array(without) - expected).max() > 0.5
    engine.close()


@pytest.mark.model
def test_adapters_of_a_quantized_model_score_like_torch(tmp_path: Path) -> None:
    """SmolLM2-135M in Q4_1: llama.cpp also rounds activations to 8 bits, torch does not."""
    from gpiot_cli.engine import catalog
    from gpiot_cli.training.export import write_gguf

    try:
        path = catalog.locate(catalog.SMALLEST)
    except GpiotError as error:
        pytest.skip(str(error))
    base = load_base(str(path), torch.float32)
    method = METHODS["lora"][0](base, settings(path, rank=16, alpha=16))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in method.trainable().values():
            parameter.copy_(0.04 * torch.randn(parameter.shape, generator=generator))
    method.modules.eval()
    write_gguf(tmp_path / "plain.gguf", method.model, "plain", base.architecture, "f16")
    engine = LlamaEngine(
        path, name="small", sha256="", context=512, adapters={"plain": tmp_path / "plain.gguf"}
    )
    prompt = Prompt("You are a helpful engineer.", "Tell what a thermostat does.")
    text = "It keeps a room at 21 °C: it heats below, and stops above."
    expected = torch_scores(method, base.tokenizer, prompt, text)
    (scores,) = engine.score(prompt, [text], {"plain": 1.0})
    (without,) = engine.score(prompt, [text])
    engine.close()
    off = np.abs(np.array(scores) - expected).mean()
    assert off < 0.1
    assert np.abs(np.array(without) - expected).mean() > 5 * off


def load_exported(method: Pect, trained: AdapterSet) -> None:
    """Put the exported safetensors into a fresh model."""
    from peft import set_peft_model_state_dict

    for name in trained.card.adapters:
        folder = trained.folder / "safetensors" / name
        tensors = load_file(folder / "adapter_model.safetensors")
        set_peft_model_state_dict(method.model, tensors, adapter_name=name)


def test_pect_learns_both_tasks(pect: AdapterSet) -> None:
    first, *_, last = pect.card.training["validation"]
    for role in ("decomposition", "generation"):
        assert last[role] < 0.9 * first[role]
    assert pect.card.settings["pect"]["lambda"] == 0.25
    assert pect.card.mixes == {
        "decomposition": {"td": 1.0, "shared": 0.25},
        "generation": {"cg": 1.0, "shared": 0.75},
    }


# -- equations 9 and 10 -----------------------------------------------------------------------


@pytest.fixture
def method(tiny: Path) -> tuple[Pect, dict[str, Row]]:
    torch.manual_seed(0)
    base = load_base(str(tiny), torch.float32)
    made = Pect(base, settings(tiny, dropout=0.0, gradient_checkpointing=False))
    with torch.no_grad():
        for parameter in made.trainable().values():
            parameter.normal_(std=0.3)
    examples = [encode(chat("x", QUESTION, ANSWER).messages, base.tokenizer)]
    return made, {role: Row(role, tuple(examples)) for role in ("decomposition", "generation")}


def test_keys_are_equation_9(method: tuple[Pect, dict[str, Row]]) -> None:
    made, _ = method
    layer = made.model.get_base_model().model.layers[0].self_attn.k_proj
    x = torch.randn(1, 3, 64)
    for role, own, share in (("decomposition", "td", 0.25), ("generation", "cg", 0.75)):
        made.use(role)

        def ba(name: str) -> torch.Tensor:
            return 2 * layer.lora_B[name].weight @ layer.lora_A[name].weight  # alpha / rank = 2

        weight = layer.base_layer.weight + ba(own) + share * ba("shared")
        expected = x @ weight.T + layer.base_layer.bias
        assert torch.allclose(layer(x), expected, atol=1e-4)


def test_a_row_trains_its_own_path_the_shared_one_and_what_it_reads(
    method: tuple[Pect, dict[str, Row]],
) -> None:
    made, rows = method
    for role, own, read in (("decomposition", "td", "cg"), ("generation", "cg", "td")):
        for parameter in made.trainable().values():
            parameter.grad = None
        made.loss(rows[role], 0.1).backward()
        trained = {name for name, p in made.trainable().items() if p.grad is not None}
        expected = {
            name
            for name in made.trainable()
            if f".{own}." in name or ".shared." in name or name.startswith(f"{read}.")
        }
        assert trained == expected


def test_the_other_path_is_read_as_equation_10_says_and_fades(
    method: tuple[Pect, dict[str, Row]],
) -> None:
    made, rows = method
    row = rows["decomposition"]
    block = made.model.get_base_model().model.layers[0]
    seen: dict[str, torch.Tensor] = {}
    block.mlp.register_forward_hook(lambda _m, i, o: seen.update(input=i[0], output=o))
    made.loss(row, 1.0)
    alone = seen["output"].detach()
    other = made._representations("generation", row)[0]
    made.loss(row, 0.0)
    gamma = 0.5
    expected = alone + gamma * made._projections["cg"][0](other)
    assert torch.allclose(seen["output"], expected, atol=1e-4)
    assert not torch.allclose(seen["output"], alone, atol=1e-2)
    fading = [made.fading(p) for p in (0.0, 0.5, 0.65, 0.8, 1.0)]
    assert fading == pytest.approx([1, 1, 0.5, 0, 0])


def test_gradient_checkpointing_changes_no_gradient(tiny: Path) -> None:
    gradients = []
    for checkpointing in (False, True):
        torch.manual_seed(0)
        base = load_base(str(tiny), torch.float32)
        made = Pect(base, settings(tiny, dropout=0.0, gradient_checkpointing=checkpointing))
        with torch.no_grad():
            for number, parameter in enumerate(made.trainable().values()):
                generator = torch.Generator().manual_seed(number)
                parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
        tokens = encode(chat("x", QUESTION, ANSWER).messages, base.tokenizer)
        made.loss(Row("generation", (tokens,)), 0.1).backward()
        gradients.append([p.grad for p in made.trainable().values() if p.grad is not None])
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(*gradients, strict=True))


def test_bfloat16_trains_what_float32_does(tiny: Path) -> None:
    """The pass without gradients and the one with them stand under one autocast, as in the loop."""
    torch.manual_seed(0)
    base = load_base(str(tiny), torch.bfloat16)
    made = Pect(base, settings(tiny))
    with torch.no_grad():
        for parameter in made.trainable().values():
            parameter.normal_(std=0.3)
    tokens = encode(chat("x", QUESTION, ANSWER).messages, base.tokenizer)
    with torch.autocast("cpu", torch.bfloat16):
        loss = made.loss(Row("generation", (tokens,)), 0.1)
    loss.backward()
    trained = {name for name, p in made.trainable().items() if p.grad is not None}
    assert trained == {
        name
        for name in made.trainable()
        if ".cg." in name or ".shared." in name or name.startswith("td.")
    }
    assert {p.dtype for p in made.trainable().values()} == {torch.float32}


def test_bfloat16_is_not_chosen_where_it_is_emulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpiot_cli.training.machine.Accelerator", lambda **_: None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation)  # fmt: skip
    assert Machine.of("auto").dtype == torch.float32
    assert Machine.of("bfloat16").dtype == torch.bfloat16


def test_adapters_to_ship_are_below_60_mb() -> None:
    """On a model of the default's shape without any weights."""
    from transformers import AutoModelForCausalLM, Qwen2Config

    shape = Qwen2Config(
        vocab_size=8,
        hidden_size=1536,
        intermediate_size=8960,
        num_hidden_layers=28,
        num_attention_heads=12,
        num_key_value_heads=2,
    )
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(shape)
        made = Pect(Base(model, None, "", ""), load_settings("pect-small"))
    adapters = [p for name, p in made.trainable().items() if ".lora_" in name]
    size = sum(p.numel() * (34 / 32 if p.shape[-1] % 32 == 0 else 2) for p in adapters)
    assert 30e6 < size < 60e6


# -- packing, resume, refusals ----------------------------------------------------------------


def test_packed_examples_do_not_see_each_other(tiny: Path) -> None:
    base = load_base(str(tiny), torch.float32)
    made = METHODS["lora"][0](base, settings(tiny))
    made.modules.eval()
    chats = [chat("a", "one", "the first"), chat("b", "another one", "2nd"), chat("c", "x", "yz")]
    examples = [encode(c.messages, base.tokenizer) for c in chats]
    with torch.no_grad():
        together = made.loss(Row("generation", tuple(examples)), 1.0)
        apart = sum(made.loss(Row("generation", (e,)), 1.0) for e in examples)
    assert float(together) == pytest.approx(float(apart), rel=1e-5)


def test_a_killed_run_ends_with_the_same_bits(
    tiny: Path, data: Path, tmp_path: Path, pect: AdapterSet
) -> None:
    """SIGKILL at some step after the first checkpoint; then the same command again."""
    out = tmp_path / "out"
    script = (
        "import sys, torch; torch.set_num_threads(1); sys.path[:0] = sys.argv[1:2]\n"
        "from pathlib import Path\n"
        "import test_training_adapters as t\n"
        "tiny, data, out = map(Path, sys.argv[2:])\n"
        "t.run('pect', t.settings(tiny), data, out)\n"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent), tiny, data, out]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(list(map(str, command)), env=environment)
    deadline = time.monotonic() + 600
    while not any(out.glob("checkpoint-*")):
        assert process.poll() is None, "the run ended without a checkpoint"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "tiny" / "card.json").exists(), "it was not killed in time"
    state = max(out.glob("checkpoint-*/state.json"))
    kept = json.loads(state.read_text())
    assert kept["progress"]["peak_memory"] > 0
    kept["progress"]["peak_memory"] = 10**12  # more than what is left of the run will take
    state.write_text(json.dumps(kept))
    resumed = run("pect", settings(tiny), data, out)
    assert resumed.card.training["steps"] == pect.card.training["steps"]
    for name, file in pect.card.adapters.items():
        assert resumed.card.adapters[name].sha256 == file.sha256
    assert resumed.card.training["peak memory in GB"] == 1000
    steps = [line["step"] for line in read_log(out)]
    assert steps == list(range(1, pect.card.training["steps"] + 1))


def test_two_processes_train_what_one_does(tiny: Path, data: Path, tmp_path: Path) -> None:
    """torchrun splits each step's rows; without dropout only the order of sums is another."""
    s = settings(tiny, dropout=0.0, epochs=1)
    one = run("pect", s, data, tmp_path / "one")
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(s.model_dump(mode="json", by_alias=True)))
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
        *("-m", "gpiot_cli.cli.gpiot", "train", "pect", tmp_path / "tiny.yaml"),
        *("--data", data, "--out", tmp_path / "two"),
    ]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1, "only the first process speaks"
    two = read_set(tmp_path / "two" / "tiny")
    assert two.card.hardware["processes"] == 2
    for name in one.card.adapters:
        first, second = (load_file(a.folder / "safetensors" / name / "adapter_model.safetensors") for a in (one, two))  # fmt: skip
        assert all(torch.allclose(first[key], second[key], atol=1e-4) for key in first)


def test_a_folder_with_another_run_is_refused(tiny: Path, data: Path, pect: AdapterSet) -> None:
    with pytest.raises(GpiotError, match="holds another run"):
        run("pect", settings(tiny, rank=8), data, pect.folder.parent)


def test_a_finished_run_is_not_trained_again_and_keeps_what_was_measured(
    tiny: Path, data: Path, tmp_path: Path, pect: AdapterSet
) -> None:
    out = shutil.copytree(pect.folder.parent, tmp_path / "out")
    told = {"hardware": {"device": "where it was trained"}, "results": {"a benchmark": 1}}
    write_card(out / "tiny", pect.card.model_copy(update=told))
    again = run("pect", settings(tiny), data, out)
    assert again.card == pect.card.model_copy(update=told)
    other = run("pect", settings(tiny, precision="f16"), data, out)
    assert other.card.results == {}  # of other files


def test_only_the_examples_that_a_run_names_are_learned(tiny: Path, tmp_path: Path) -> None:
    strengths = ["output checked", "runs"] * 10
    examples = [chat(f"call-{i}", f"add {i}", f"x + {i}") for i in range(20)]
    told = [e.model_copy(update={"source": {"strength": s}}) for e, s in zip(examples, strengths, strict=True)]  # fmt: skip
    write_dataset(tmp_path / "cgd", told, "Sums.")
    s = settings(tiny, data={"generation": ["cgd"]})
    whole = read_data(tmp_path, s)
    best = {"generation": {"strength": ["output checked"]}}
    part = read_data(tmp_path, s.model_copy(update={"only": best}))
    for split in ("train", "validation"):
        of_role = getattr(part, split)["generation"]
        everything = getattr(whole, split)["generation"]
        assert of_role == [e for e in everything if e.source["strength"] == "output checked"]
    assert [fact["examples"] for fact in part.facts] == [
        len(getattr(part, split)["generation"]) for split in ("train", "validation")
    ]
    assert 0 < len(part.train["generation"]) < len(whole.train["generation"])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "cannot be trained on: .*config.json"),
        ({"config.json": "{"}, "cannot be trained on"),
        ({"config.json": '{"model_type": "gpt2"}'}, "of the architecture 'gpt2'"),
        ({"config.json": '{"model_type": "qwen2"}'}, "no safetensors in"),
        (
            {"config.json": '{"model_type": "qwen2"}', "model.safetensors": "{"},
            "cannot be trained on",
        ),
    ],
)
def test_a_base_that_cannot_be_trained_on_is_said(
    files: dict[str, str], said: str, tmp_path: Path
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(GpiotError, match=said):
        load_base(str(tmp_path), torch.float32)


def test_a_folder_without_a_chat_template_is_said(tmp_path: Path) -> None:
    sizes = dict.fromkeys(("vocab_size", "hidden_size", "intermediate_size"), 8)
    heads = dict.fromkeys(("num_hidden_layers", "num_attention_heads", "num_key_value_heads"), 1)
    Qwen2ForCausalLM(Qwen2Config(**sizes, **heads)).save_pretrained(tmp_path)
    words = Tokenizer(WordLevel({"a": 0}))
    PreTrainedTokenizerFast(tokenizer_object=words).save_pretrained(tmp_path)
    with pytest.raises(GpiotError, match="no chat template"):
        load_base(str(tmp_path), torch.float32)


def test_a_file_of_another_architecture_is_said(tmp_path: Path) -> None:
    path = write_model(tmp_path / "tiny.gguf", "gptj")
    with pytest.raises(GpiotError, match=r"tiny\.gguf cannot be trained on: .*gptj"):
        load_base(str(path), torch.float32)


@pytest.mark.parametrize("length", [10, 200])
def test_a_file_that_was_cut_off_is_said(tmp_path: Path, length: int) -> None:
    path = write_model(tmp_path / "tiny.gguf")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(GpiotError, match=r"tiny\.gguf cannot be trained on"):
        load_base(str(path), torch.float32)


@pytest.mark.parametrize("validation_rows", [0, 4])
def test_too_little_memory_is_said(
    validation_rows: int, tiny: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(METHODS["lora"][0], "loss", full)
    s = settings(tiny, data={"generation": ["cgd"]}, validation_rows=validation_rows)
    with pytest.raises(GpiotError, match="too little memory for a row of"):
        run("lora", s, data, tmp_path)


def test_the_advice_for_too_little_memory_can_be_followed(
    tiny: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not change the weights may change when a run goes on."""
    kind = METHODS["lora"][0]
    loss = kind.loss

    def full_after_a_step(method: PlainLora, row: Row, done: float) -> torch.Tensor:
        if any(tmp_path.glob("checkpoint-*")):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return loss(method, row, done)

    given = {"data": {"generation": ["cgd"]}, "validation_rows": 0, "epochs": 4}
    hasty = settings(tiny, **given, gradient_checkpointing=False, checkpoint_steps=1)
    monkeypatch.setattr(kind, "loss", full_after_a_step)
    with pytest.raises(GpiotError, match="set gradient_checkpointing: true"):
        run("lora", hasty, data, tmp_path)
    monkeypatch.setattr(kind, "loss", loss)
    frugal = settings(tiny, **given, gradient_checkpointing=True, precision="f16")
    said: list[str] = []
    train_adapters("lora", frugal, read_data(data, frugal), tmp_path, said.append)
    assert "going on after step 1" in said


@pytest.mark.parametrize(
    "given", [{"only": {"generation": {"strength": ["none"]}}}, {"sequence_length": 16}]
)
def test_a_role_without_an_example_is_named(
    given: dict[str, object], tiny: Path, data: Path, tmp_path: Path
) -> None:
    """Its path would be exported untrained."""
    named = "generation" if "only" in given else "decomposition"
    with pytest.raises(GpiotError, match=f"no example to train {named} on"):
        run("pect", settings(tiny, **given), data, tmp_path)


def test_co_tuning_needs_both_tasks(tiny: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(GpiotError, match="two tasks"):
        run("pect", settings(tiny, data={"generation": ["cgd"]}), data, tmp_path)
