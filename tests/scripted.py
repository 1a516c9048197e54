"""What the tests of the stages share: a gpiot home, an ECG-like signal, and scripted replies."""

import os
from pathlib import Path

import numpy as np
import pytest

from gpiot_cli.engine import catalog
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.store import Knowledge
from gpiot_cli.synthesis.specification import Parameter, Specification

SIGNAL = Parameter(name="signal", type="numpy.ndarray", meaning="raw ECG in mV, shape (n,)")
FS = Parameter(name="fs", type="float", meaning="sampling rate in Hz")


def specification(*outputs: str, name: str = "solve_it") -> Specification:
    """A step on `signal` and `fs`; outputs as `name (type): meaning`, one array without any."""
    wanted = outputs or ("scaled (numpy.ndarray): the scaled signal, shape (n,)",)
    parameters = [line.replace("(", "").replace(")", "", 1).partition(":") for line in wanted]
    return Specification(
        name=name,
        target="Scale the signal.",
        inputs=(SIGNAL, FS),
        outputs=tuple(
            Parameter(name=head.split()[0], type=head.split()[1], meaning=meaning.strip())
            for head, _, meaning in parameters
        ),
    )


def inputs(samples: int = 400) -> dict[str, object]:
    """A spike each 100 samples, at 100 Hz."""
    signal = 0.1 * np.sin(np.arange(samples) / 9)
    signal[50::100] += 5
    return {"signal": signal, "fs": 100.0}


def program(body: str, name: str = "solve_it") -> str:
    """A module whose function has this body."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"import numpy as np\n\n\ndef {name}(signal, fs):\n{lines}\n"


def reply(code: str) -> str:
    """What a model answers."""
    return f"It does what is asked for.\n\n```python\n{code}```"


def make_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point gpiot to a home of its own with the recipes embedded; models are those here."""
    try:
        model = catalog.pull(catalog.EMBEDDER)
    except GpiotError as error:
        pytest.skip(f"the embedder cannot be fetched: {error}")
    if "GPIOT_MODELS" not in os.environ:
        monkeypatch.setenv("GPIOT_MODELS", str(model.parent))
    monkeypatch.setenv("GPIOT_HOME", str(folder))
    Knowledge.open()
    return folder


def record_without_times(text: str) -> str:
    """The lines of a record that do not depend on when and how fast it was made."""
    timed = ('"seconds"', '"created"', '"decompose":', '"transform":', '"generate":', '"assemble":')
    return "\n".join(line for line in text.splitlines() if not line.strip().startswith(timed))
