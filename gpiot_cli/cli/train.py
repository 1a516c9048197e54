"""`gpiot train`: adapters from data sets."""

import os
import warnings
from pathlib import Path
from typing import Annotated, Literal

import typer

from gpiot_cli.cli.console import say, talk
from gpiot_cli.cli.extras import need

Run = Annotated[str, typer.Argument(metavar="RUN", help="A YAML file, or a shipped run's name.")]
Data = Annotated[Path, typer.Option(metavar="DIR", help="The folder of the data sets.")]
Base = Annotated[
    str | None, typer.Option(help="Base model instead of the run's: name, GGUF or folder.")
]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Checkpoints and adapters. Default: runs/NAME.")
]
MaxSteps = Annotated[
    int | None, typer.Option(min=1, help="Make a short run of this many steps, named NAME-trial.")
]
Seed = Annotated[int | None, typer.Option(min=0, help="Seed instead of the run's.")]


def train(
    method: Annotated[
        Literal["pect", "lora"],
        typer.Argument(
            help="pect co-tunes decomposition and code generation with a shared path (GPIoT, "
            "section 4.2); lora trains one plain LoRA on all of the run's data sets.",
        ),
    ],
    run: Run,
    data: Data = Path("data"),
    base: Base = None,
    out: Out = None,
    max_steps: MaxSteps = None,
    seed: Seed = None,
) -> None:
    """Train LoRA adapters on chat data sets, and export them for llama.cpp.

    RUN is a YAML file, or the name of a shipped one (docs/training.md lists them). A run that was
    stopped goes on when it is started again; several GPUs are used by starting it with torchrun.

    \b
    Examples:
      gpiot train pect pect --data data
      gpiot train pect cpu-pect --data data --seed 1 --out runs/seed-1
      gpiot train lora cpu-lora-cg --data data --base smollm2-135m --max-steps 20
      torchrun --nproc-per-node 4 -m gpiot_cli.cli.gpiot train pect pect --data data
    """
    from gpiot_cli.training.settings import load_settings

    settings = load_settings(run, base, seed, variants=["trial"] if max_steps else [])
    prepare()
    with talk.status("Loading torch and transformers"):
        from gpiot_cli.training.train import check, read_data, train_adapters
    check(method, settings)
    examples = read_data(data, settings)
    folder = out or Path("runs") / settings.name
    adapters = train_adapters(method, settings, examples, folder, say, max_steps)
    if is_first_process():
        say(f"To use them: gpiot adapter add {adapters}")
        print(adapters)


def prepare() -> None:
    """Raise `GpiotError` unless what training needs is installed; keep it from chatting."""
    need("train")
    # What peft and transformers say to each other about names to come.
    warnings.simplefilter("ignore", FutureWarning)


def is_first_process() -> bool:
    """Whether this is the one process, or the first of those that torchrun started."""
    return int(os.environ.get("RANK", 0)) == 0
