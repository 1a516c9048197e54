"""What one training run is: a YAML file, checked, with the paper's numbers as defaults."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gpiot_cli.engine.adapters import Role
from gpiot_cli.errors import GpiotError

RUNS = Path(__file__).with_name("runs")

Fraction = Annotated[float, Field(ge=0, le=1)]


class Pect(BaseModel):
    """Equations 9 and 10 of GPIoT, and how the projections leave before export."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lambda_: Fraction = Field(default=0.5, validation_alias="lambda", serialization_alias="lambda")
    """Share of the shared path in decomposition; generation has the rest (equation 9)."""
    gamma: Fraction = 0.5
    """Weight of the other path's projection in decomposition, the rest in generation (eq. 10)."""
    projection_width: Annotated[int, Field(ge=0)] = 256
    """Hidden width of the SwiGLU projections; 0 trains without them."""
    anneal: tuple[Fraction, Fraction] = (0.5, 0.8)
    """The part of the training over which the projections fade to nothing."""

    @model_validator(mode="after")
    def _in_order(self) -> "Pect":
        if self.anneal[0] > self.anneal[1]:
            raise ValueError("anneal must be [from, to] with from <= to")
        return self


class Settings(BaseModel):
    """One training run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    """The name of the adapters."""
    base: str
    """A model of the catalog, a GGUF file, or a folder with safetensors."""
    data: dict[Role, list[str]] = Field(min_length=1)
    """Which folders of data sets teach which task."""
    only: dict[Role, dict[str, list[str]]] = {}
    """For a task, which values the facts of an example's source may have; others are left out."""
    rank: Annotated[int, Field(ge=1)] = 64
    alpha: Annotated[float, Field(gt=0)] = 64.0
    """The adapters' output is scaled by alpha / rank."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    epochs: Annotated[int, Field(ge=1)] = 5
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    warmup: Fraction = 0.03
    """The part of the training over which the learning rate rises; then it falls as a cosine."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    clip: Annotated[float, Field(gt=0)] = 1.0
    """The largest norm of a step's gradient."""
    sequence_length: Annotated[int, Field(ge=16)] = 2048
    """Tokens of a packed row; longer examples are left out."""
    rows_per_step: Annotated[int, Field(ge=1)] = 16
    """Packed rows per step of the optimizer, on all devices together."""
    seed: Annotated[int, Field(ge=0, lt=1 << 23)] = 0
    """Step and process are put behind it in a seed of 64 bits."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the frozen base. The adapters and the optimizer are float32 always."""
    gradient_checkpointing: bool = True
    """Compute activations twice instead of keeping them."""
    checkpoint_steps: Annotated[int, Field(ge=1)] = 50
    validation_rows: Annotated[int, Field(ge=0)] = 32
    """Packed rows of validation data per role, at the start, after each epoch and at the end."""
    precision: Literal["f32", "f16", "q8_0"] = "f16"
    """Of the exported GGUF files."""
    pect: Pect = Pect()


def shipped_runs() -> list[str]:
    """The names of the runs that come with the package."""
    return sorted(path.stem for path in RUNS.glob("*.yaml"))


def load_settings(
    run: str,
    base: str | None = None,
    seed: int | None = None,
    *,
    name: str | None = None,
    variants: Sequence[str] = (),
) -> Settings:
    """The settings in a YAML file, or of a shipped run by its name; what is given overrides.

    A seed given here and `variants` are put behind the name, so that the adapters of several lie
    side by side.

    Raises `GpiotError` for a file that is not there or says what cannot be.
    """
    path = RUNS / f"{run}.yaml" if run in shipped_runs() else Path(run)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("it holds no settings")
        content = {"name": path.stem, **content}
        if name is not None:
            content["name"] = name
        if base is not None:
            content["base"] = base
        if seed is not None:
            content["seed"] = seed
            variants = [f"seed-{seed}", *variants]
        for variant in variants:
            content["name"] = f"{content['name']}-{variant}"
        return Settings.model_validate(content)
    except OSError as error:
        raise GpiotError(
            f"There is no run {run!r}: {error.strerror}.",
            f"Name a YAML file, or one of {', '.join(shipped_runs())}.",
        ) from error
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"])) or "it"
        raise GpiotError(f"{path}: {place}: {fault['msg']}.", "See docs/training.md.") from error
    except (ValueError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0]
        raise GpiotError(f"{path} is no run: {reason}.", "See docs/training.md.") from error
