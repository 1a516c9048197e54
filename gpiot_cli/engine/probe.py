"""Does the compiled llama.cpp work on this machine? Asked in a child process, which may crash.

A library built by GCC 12 for an Intel CPU with AMX dies in its first decode, one built for a
newer CPU dies of an illegal instruction: neither must take the user's session with it.
`python -m gpiot_cli.engine.probe [MODEL]` is that child, in which alone llama.cpp is loaded.
"""

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECONDS = 120
"""For loading a model from a cold disk and decoding one token of it."""

REBUILD = (
    "Build it again on this machine: "
    "CMAKE_ARGS=\"{flags}-DLLAVA_BUILD=OFF -DCMAKE_CXX_FLAGS='-fno-tree-dse -fno-dse'\" "
    f"{sys.executable} -m pip install --force-reinstall --no-cache-dir --no-deps "
    "llama-cpp-python==0.3.36"
)


@dataclass(frozen=True)
class Probe:
    """What was found. `fault` is empty when the library works; `remedy` may be a mere advice."""

    device: str
    """"cpu" or "gpu", with its name."""
    reason: str
    """Why this device."""
    decoded: bool
    """Whether a model decoded a token."""
    fault: str = ""
    remedy: str = ""


def probe(model: Path | None) -> Probe:
    """Import the library in a child process, and decode one token if a `model` is given."""
    command = [sys.executable, "-m", "gpiot_cli.engine.probe", *([str(model)] if model else [])]
    try:
        child = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return _broken(f"llama.cpp gave no answer within {SECONDS} seconds", "Free this machine.")
    said: dict[str, Any] = {}
    for line in child.stdout.splitlines():
        said |= json.loads(line)
    if child.returncode:
        return _broken(*_diagnosis(child.returncode, child.stderr))
    device, reason, advice = _device(said["devices"])
    return Probe(device, reason, "decoded" in said, remedy=advice)


def _broken(fault: str, remedy: str) -> Probe:
    return Probe("none", "llama.cpp does not work here", False, fault, remedy)


def _diagnosis(code: int, stderr: str) -> tuple[str, str]:
    """The fault and the remedy for a child that ended with `code` (negative: by that signal)."""
    rebuild = REBUILD.format(flags="")
    if code == -signal.SIGKILL:
        return "The system stopped llama.cpp, most likely for want of memory", "Free some memory."
    if code == -signal.SIGILL:
        return "llama.cpp was compiled for another CPU (illegal instruction)", rebuild
    if code < 0:
        return f"llama.cpp crashed ({signal.Signals(-code).name}): a wrong build", rebuild
    last = (stderr.strip().splitlines() or ["no reason given"])[-1]
    if "ImportError" in last or "ModuleNotFoundError" in last:
        return f"llama_cpp cannot be imported: {last}", rebuild
    return f"llama.cpp fails: {last}", "Fetch the model again, or build llama.cpp again. " + rebuild


def _device(devices: dict[str, str]) -> tuple[str, str, str]:
    """Device, reason and advice from llama.cpp's devices (name to description)."""
    gpus = {name: description for name, description in devices.items() if name != "CPU"}
    if gpus:
        name, description = next(iter(gpus.items()))
        return f"gpu ({description})", f"llama.cpp found {name}", ""
    cpu = f"cpu ({devices.get('CPU', 'unknown')})"
    if Path("/dev/nvidia0").exists() or shutil.which("nvidia-smi"):
        advice = REBUILD.format(flags="-DGGML_CUDA=on ")
        return cpu, "there is an NVIDIA GPU, but this llama.cpp was built without CUDA", advice
    return cpu, "no CUDA device found", ""


def _child(model: str | None) -> None:
    """Print what is found, one JSON object a line, as far as it gets."""
    from gpiot_cli.engine.binding import devices

    print(json.dumps({"devices": devices()}), flush=True)
    if model:
        from gpiot_cli.engine.llama import LlamaEngine
        from gpiot_cli.engine.protocol import Prompt, Request

        engine = LlamaEngine(Path(model), name="probe", sha256="", context=512)
        engine.generate(Request(Prompt("", "Hello"), stage="probe", max_tokens=1))
        engine.close()
        print(json.dumps({"decoded": True}))


if __name__ == "__main__":
    _child(sys.argv[1] if len(sys.argv) > 1 else None)
