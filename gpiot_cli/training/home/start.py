"""Which weights a stage begins with: those of the stage before it."""

from pathlib import Path

from peft import set_peft_model_state_dict
from safetensors.torch import load_file

from gpiot_cli.engine.adapters import AdapterSet
from gpiot_cli.errors import GpiotError
from gpiot_cli.training.base import Base
from gpiot_cli.training.lora import ADAPTER, PlainLora
from gpiot_cli.training.settings import Settings


def weights(stage: AdapterSet) -> Path:
    """The file of the weights that a stage ended with."""
    path = stage.folder / "safetensors" / ADAPTER / "adapter_model.safetensors"
    if not path.is_file():
        raise GpiotError(
            f"{stage.folder} holds no weights to go on from.",
            "Name the folder that `devpiolt train` wrote.",
        )
    return path


def begin_with(lora: PlainLora, stage: AdapterSet, base: Base, settings: Settings) -> None:
    """Put an earlier stage's weights into a fresh adapter.

    Raises `GpiotError` when it was trained on another base model, or with other ranks.
    """
    stage.refuse_unless_for(base.sha256, base.name)
    for key in ("rank", "alpha"):
        if stage.card.settings.get(key) != getattr(settings, key):
            raise GpiotError(
                f"{stage.card.name} has {key} {stage.card.settings.get(key)}, "
                f"this run {getattr(settings, key)}.",
                "All stages train the same adapter: give them the same rank and alpha.",
            )
    set_peft_model_state_dict(lora.model, load_file(weights(stage)), adapter_name=ADAPTER)
