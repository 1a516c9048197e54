"""The engine beside what it is compared with, measured one after the other in one run.

The peers are programs of their own: `docs/results/scripts/llama_cpp_peer.py` (llama-cpp-python's
high-level API), and `llm` of simonw/llm in an environment of its own.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from typing import Any

from gpiot_cli.bench.heartbeat import SAMPLE
from gpiot_cli.bench.results import Line, Results
from gpiot_cli.engine.catalog import resolve
from gpiot_cli.engine.hardware import threads
from gpiot_cli.engine.llama import LlamaEngine
from gpiot_cli.engine.protocol import Prompt, Request, Sampling
from gpiot_cli.errors import GpiotError
from gpiot_cli.files import sha256_of
from gpiot_cli.paths import PACKAGE

SCRIPTS = PACKAGE.parent / "docs" / "results" / "scripts"
CONTEXT = 8192
HELP_RUNS = 20
SWAPS = 20
RELOADS = 4
SAMPLE_SECONDS = 0.25

PROMPT = Prompt(
    system="You are an IoT engineer who explains at length.",
    user=(
        "Write a chapter of 2,000 words on how a wearable finds heartbeats in an ECG: electrodes, "
        "analogue front end, sampling, filters, detection, heart rate variability, power, radio. "
        "Use whole paragraphs and no lists."
    ),
)
"""Something long, so that every reply reaches the number of tokens."""


def measure_all(
    results: Results, model: str | None, count: int, tokens: int, say: Callable[[str], None]
) -> None:
    """The four comparisons that are not done yet; the machine must be quiet meanwhile."""
    path = resolve(model)
    results.note("model", {"name": path.stem, "sha256": sha256_of(path)})
    folder = results.folder
    tools = make_tools(folder)
    project = folder / "project"
    gpiot_new = [
        *(str(Path(sys.executable).with_name("gpiot")), "new", "ECG R-peak detection"),
        *("--data", str(SAMPLE), "--out", str(project), "--model", str(path), "--quiet"),
    ]
    comparisons: dict[str, Callable[[], Line]] = {
        "help": lambda: measure_help(tools, folder),
        "throughput": lambda: measure_throughput(path, folder, count, tokens),
        "adapters": lambda: measure_adapters(path, folder, tools),
        "memory": lambda: measure_memory(gpiot_new),
    }
    for row, measure in comparisons.items():
        if not results.lines(row):
            if row == "memory":
                shutil.rmtree(project, ignore_errors=True)
            load = os.getloadavg()[0]
            results.add(row, {**measure(), "load before": load})
            say(f"{row}: done")


def measure_throughput(model: Path, folder: Path, count: int, tokens: int) -> Line:
    """`count` candidates of `tokens` tokens: in one batch, and one after the other.

    The time of both includes reading the prompt, and not loading the model.
    """
    engine = LlamaEngine(model, name=model.stem, sha256="", context=CONTEXT)
    _generate(engine, 1, 1, {})  # the weights are read from the disk now, not while timing
    # Another prompt, or the measured one would be in the cache already.
    engine.generate(Request(Prompt("-", "-"), stage="bench", max_tokens=1))
    started = time.perf_counter()
    candidates = _generate(engine, count, tokens, {})
    seconds = time.perf_counter() - started
    engine.close()
    ours: Line = {"seconds": seconds, "tokens": candidates}
    peer = _peer(folder, "generate", model, count=count, tokens=tokens)
    for side in (ours, peer):
        side["tokens per second"] = sum(side["tokens"]) / side["seconds"]
    ratio = ours["tokens per second"] / peer["tokens per second"]
    device = engine.info.device
    return {"device": device, "gpiot": ours, "llama-cpp-python": peer, "ratio": ratio}


def measure_adapters(model: Path, folder: Path, tools: Path) -> Line:
    """Change between two adapters of rank 8: by gpiot's swap, and by loading the model anew."""
    adapters = [folder / f"random-{seed}.gguf" for seed in range(2)]
    for seed, adapter in enumerate(adapters):
        if not adapter.exists():
            script = SCRIPTS / "random_lora.py"
            _run([str(tools / "python"), str(script), str(model), str(adapter), str(seed)])
    named = {path.stem: path for path in adapters}
    engine = LlamaEngine(model, name=model.stem, sha256="", context=CONTEXT, adapters=named)
    for name in named:  # each is read from its file once
        _generate(engine, 1, 1, {name: 1.0})
    swap, first_token = [], []
    for number in range(SWAPS):
        mix = {adapters[number % 2].stem: 1.0}
        started = time.perf_counter()
        engine._use_adapters(mix)  # alone, without the prompt that the public call decodes
        swap.append(time.perf_counter() - started)
        _generate(engine, 1, 1, mix)
        first_token.append(time.perf_counter() - started)
    engine.close()
    ours = {"swap": swap, "swap and first token": first_token}
    peer = _peer(
        folder, "reload", model, swaps=RELOADS, adapters=[str(adapter) for adapter in adapters]
    )
    return {
        "gpiot": ours,
        "llama-cpp-python": peer,
        "adapter bytes": adapters[0].stat().st_size,
        "ratio": median(peer["swap"]) / median(swap),
        "ratio to the first token": median(peer["swap and first token"]) / median(first_token),
    }


def measure_help(tools: Path, folder: Path, runs: int = HELP_RUNS) -> Line:
    """The start of both command lines, run in turns; wall-clock seconds."""
    env = {**os.environ, "LLM_USER_PATH": str(folder / "llm")}
    gpiot, llm = str(Path(sys.executable).with_name("gpiot")), str(tools / "llm")
    seconds: dict[str, list[float]] = {gpiot: [], llm: []}
    for number in range(runs + 1):
        for program, taken in seconds.items():
            started = time.perf_counter()
            _run([program, "--help"], env)
            if number:  # the first reads everything from the disk
                taken.append(time.perf_counter() - started)
    version = _run([llm, "--version"], env).strip()
    ratio = median(seconds[gpiot]) / median(seconds[llm])
    return {"gpiot": seconds[gpiot], "llm": seconds[llm], "peer": version, "ratio": ratio}


def measure_memory(argv: Sequence[str]) -> Line:
    """Run a command and sample the memory of its whole process tree.

    Pages that processes share are counted once (PSS); `largest process` is the kernel's own record
    of resident pages, which misses no moment.
    """
    started = time.monotonic()
    with TemporaryFile() as talk:
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=talk)
        peak = 0
        while True:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            peak = max(peak, sum(_memory(pid) for pid in _tree(process.pid)))
            time.sleep(SAMPLE_SECONDS)
        process.returncode = os.waitstatus_to_exitcode(status)
        talk.seek(0)
        said = talk.read().decode(errors="replace")
    return {
        "command": " ".join(argv),
        "exit code": process.returncode,
        "stderr": said[-500:] if process.returncode else "",
        "peak MB": round(peak / 1e6),
        "largest process MB": round(used.ru_maxrss * 1024 / 1e6),
        "seconds": round(time.monotonic() - started, 1),
    }


def make_tools(folder: Path) -> Path:
    """An environment of its own for what gpiot does not need: `llm` and `gguf`; its bin folder."""
    bin_folder = folder / "tools" / "bin"
    if not (bin_folder / "llm").exists():
        _run([sys.executable, "-m", "venv", str(folder / "tools")])
        _run([str(bin_folder / "pip"), "install", "--quiet", "llm", "gguf"])
    return bin_folder


def _generate(engine: LlamaEngine, count: int, tokens: int, mix: dict[str, float]) -> list[int]:
    sampling = Sampling(temperature=0.8, seed=0)
    request = Request(
        PROMPT, stage="bench", n=count, max_tokens=tokens, sampling=sampling, adapters=mix
    )
    return [candidate.tokens for candidate in engine.generate(request)]


def _peer(folder: Path, action: str, model: Path, **more: object) -> dict[str, Any]:
    job = {"action": action, "model": str(model), "threads": threads()[0], "context": CONTEXT}
    job |= {"system": PROMPT.system, "user": PROMPT.user, **more}
    path = folder / f"{action}.json"
    path.write_text(json.dumps(job))
    said = _run([sys.executable, str(SCRIPTS / "llama_cpp_peer.py"), str(path)])
    return dict(json.loads(said.splitlines()[-1]))


def _run(argv: Sequence[str], env: dict[str, str] | None = None) -> str:
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise GpiotError(f"{' '.join(argv[:3])} failed: {last}")
    return done.stdout


def _tree(root: int) -> list[int]:
    """The process `root` and all that come from it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            # The second field is the program's name in brackets, which may hold anything.
            parent = int((path / "stat").read_text().rpartition(") ")[2].split()[1])
        except OSError:  # it has ended
            continue
        children.setdefault(parent, []).append(int(path.name))
    found, waiting = [], [root]
    while waiting:
        found.append(pid := waiting.pop())
        waiting += children.get(pid, [])
    return found


def _memory(pid: int) -> int:
    """Bytes that a process holds, its share of shared pages only."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
