"""Training speed and peak memory of `gpiot train` beside TRL's SFTTrainer (`pip install trl`).

    python training_speed.py DATA STEPS [ROUNDS]

DATA is a folder with the data set `tdd` (`gpiot data tdd --out DATA/tdd`). Both train the LoRA of the
run cpu-lora-td on the same base, tokens, rank, row length and rows per step, each in a process of its
own, by turns. TRL packs by its best fit, without padding, as gpiot does, and learns the answers only.
The first step is left out; speed is all tokens of the others over all their seconds. Memory is the
most that was held, on the GPU if there is one: until the first step, which is what loading took, and
in all.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean

import torch
from torch.nn.modules.module import register_module_forward_pre_hook

RUN = "cpu-lora-td"


def main(data: Path, steps: int, rounds: int) -> None:
    """Run both by turns, and print tokens per second and memory of each."""
    found: dict[str, list[dict]] = {"gpiot": [], "trl": []}
    for _ in range(rounds):
        for name, lines in found.items():
            argv = [sys.executable, __file__, str(data), str(steps), name]
            done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True)
            lines.append(json.loads(done.stdout.splitlines()[-1]))
            print(name, lines[-1], flush=True)
    speed = {name: mean(line["tokens/s"] for line in lines) for name, lines in found.items()}
    print(
        f"gpiot {speed['gpiot']:.0f}, TRL {speed['trl']:.0f} tokens/s: {speed['gpiot'] / speed['trl']:.2f}"
    )


def gpiot(data: Path, steps: int) -> dict:
    """A run of gpiot; its log has the tokens and seconds of every step."""
    from gpiot_cli.training.settings import load_settings
    from gpiot_cli.training.train import read_data, train_adapters

    settings = load_settings(RUN, None, None)
    settings = settings.model_copy(update={"validation_rows": 0})
    with tempfile.TemporaryDirectory() as folder:
        examples = read_data(data, settings)
        train_adapters("lora", settings, examples, Path(folder), lambda _: None, steps)
        log = [json.loads(line) for line in (Path(folder) / "log.jsonl").read_text().splitlines()]
    tokens, seconds = (sum(line[key] for line in log[1:]) for key in ("tokens", "seconds"))
    return {"tokens/s": tokens / seconds, "loss": log[-1]["decomposition"]}


def trl(data: Path, steps: int) -> dict:
    """The same with TRL, which is given the tokens, so that both learn from the same."""
    from datasets import Dataset
    from transformers import AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from gpiot_cli.engine.catalog import resolve
    from gpiot_cli.training.base import load_base
    from gpiot_cli.training.examples import encode
    from gpiot_cli.training.lora import lora_config
    from gpiot_cli.training.machine import Machine
    from gpiot_cli.training.settings import load_settings
    from gpiot_cli.training.train import read_data

    settings = load_settings(RUN, None, None)
    machine = Machine.of(settings.dtype)
    base = load_base(settings.base, machine.dtype)
    base.model.is_quantized = False  # the weights are, but transformers remembers their file
    examples = read_data(data, settings).train["decomposition"]
    tokens = [encode(example.messages, base.tokenizer) for example in examples]
    rows = [
        {
            "input_ids": list(one.ids),
            "completion_mask": [0] * one.answer + [1] * (len(one.ids) - one.answer),
        }
        for one in tokens
        if len(one.ids) <= settings.sequence_length
    ]
    half = machine.dtype == torch.bfloat16
    path = resolve(settings.base)
    with tempfile.TemporaryDirectory() as folder:
        trainer = SFTTrainer(
            base.model,
            SFTConfig(
                output_dir=folder,
                max_steps=steps,
                per_device_train_batch_size=1,
                gradient_accumulation_steps=settings.rows_per_step,
                gradient_checkpointing=settings.gradient_checkpointing,
                learning_rate=settings.learning_rate,
                lr_scheduler_type="cosine",
                max_length=settings.sequence_length,
                packing=True,
                completion_only_loss=True,
                include_num_input_tokens_seen="all",
                bf16=half,
                use_cpu=not torch.cuda.is_available(),
                dataloader_pin_memory=False,
                logging_steps=1,
                report_to="none",
                save_strategy="no",
                disable_tqdm=True,
            ),
            train_dataset=Dataset.from_list(rows),
            processing_class=AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name),
            peft_config=lora_config(settings),
        )
        marks: list[tuple[float, int]] = []

        class Clock(TrainerCallback):
            def on_step_end(self, _args: object, state: object, *_: object, **__: object) -> None:
                marks.append((time.monotonic(), state.num_input_tokens_seen))

        trainer.add_callback(Clock())
        trainer.train()
        losses = [line["loss"] for line in trainer.state.log_history if "loss" in line]
    (start, before), (end, after) = marks[0], marks[-1]
    return {"tokens/s": (after - before) / (end - start), "loss": losses[-1]}


def with_memory(measure: Callable[[Path, int], dict], data: Path, steps: int) -> dict:
    """What `measure` gives, and the memory that it took."""
    before: list[float] = []

    def note(*_: object) -> None:
        before.append(peak_memory())
        first_forward.remove()

    first_forward = register_module_forward_pre_hook(note)
    found = measure(data, steps)
    return {**found, "GB before the first step": before[0], "peak GB": peak_memory()}


def peak_memory() -> float:
    """The most that was held so far, in GB."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


if __name__ == "__main__":
    folder, steps, rest = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if rest and rest[0] in ("gpiot", "trl"):
        print(json.dumps(with_memory({"gpiot": gpiot, "trl": trl}[rest[0]], folder, steps)))
    else:
        main(folder, steps, int(rest[0]) if rest else 2)
