"""Compares the two requests for a program: that of the pipeline, and the plain one.

    python code_requests.py N OUT.json

Draws N programs (an even number) of each request for every specification of
`small_specifications.yaml`, none of which is in a benchmark, so prompts may be tuned on them. Prints
for each request, and for half of each, for how many specifications a program is right: in the mean,
any of N, and the one that verification chooses. Needs the default model.
"""

import json
import sys
from math import comb
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from gpiot_cli.bench.configurations import with_problem
from gpiot_cli.bench.tasks import CodeTask, judge
from gpiot_cli.cli.asking import open_knowledge
from gpiot_cli.engine.open import open_engine
from gpiot_cli.synthesis import retrieve
from gpiot_cli.synthesis.examples import example_inputs
from gpiot_cli.synthesis.generate import generate, generate_plainly, generation_prompt
from gpiot_cli.synthesis.inputs import make_inputs
from gpiot_cli.synthesis.project_files.values import summarize
from gpiot_cli.synthesis.solve import recipes_for
from gpiot_cli.synthesis.specification import Specification
from gpiot_cli.synthesis.trial import Trials
from gpiot_cli.synthesis.verify import Verifier

TASKS = Path(__file__).with_name("small_specifications.yaml")


def main(n: int, out: Path, folder: Path) -> None:
    """Draw, judge and choose."""
    engine, knowledge = open_engine(), open_knowledge()
    found = []
    for name, text in yaml.safe_load(TASKS.read_text(encoding="utf-8")).items():
        task = _task(name, text, folder)
        specification = with_problem(task)
        target = specification.target
        near, shared = retrieve.near(knowledge, target), retrieve.for_task(knowledge, target)
        fitting, others = recipes_for(specification, near)
        examples = example_inputs(specification, recipes=shared, ask=engine.generate, seed=0)
        with Trials.on([*examples, *make_inputs(specification, seed=0)]) as trials:
            prompt = generation_prompt(
                target,
                specification,
                data=specification.inputs,
                recipes=shared,
                fitting=fitting,
                extra=others,
                values={key: summarize(value) for key, value in trials.inputs[0].items()},
                made_values=True,
            )
            asked = {"n": n, "ask": engine.generate, "seed": 0}
            drawn = {
                "pipeline": generate(prompt, specification, **asked),
                "plain": generate_plainly(specification, **asked),
            }
            line = {"task": name}
            judged = {
                program.code: not (program.fault or judge(task, program.code).reason)
                for programs in drawn.values()
                for program in programs
            }
            drawn["half of each"] = drawn["pipeline"][: n // 2] + drawn["plain"][: n // 2]
            for request, programs in drawn.items():
                right = [judged[program.code] for program in programs]
                verifier = Verifier(specification, trials, lambda _: None, made_inputs=True)
                verifier.add(programs, "model")
                chosen, _ = verifier.choose()
                line[request] = {
                    "right": right,
                    "chosen": chosen is not None and right[chosen],
                    "programs": [program.code for program in programs],
                }
        found.append(line)
        out.write_text(json.dumps(found, indent=1), encoding="utf-8")
        print(name, *(f"{r}: {sum(line[r]['right'])}" for r in drawn), flush=True)
    _summary(found, n)


def _summary(found: list, n: int) -> None:
    halves = 0.0
    for request in ("pipeline", "plain", "half of each"):
        right = [sum(line[request]["right"]) for line in found]
        chosen = sum(line[request]["chosen"] for line in found)
        print(
            f"{request}: {sum(right) / n:.2f} of {len(found)} right in the mean, any of {n} right "
            f"in {sum(count > 0 for count in right)}, chosen right {chosen}"
        )
    for line in found:
        missed = 1.0
        for request in ("pipeline", "plain"):
            wrong = n - sum(line[request]["right"])
            missed *= comb(wrong, n // 2) / comb(n, n // 2)
        halves += 1 - missed
    print(f"any of any {n // 2} of each right, by expectation: {halves:.2f}")


def _task(name: str, text: dict[str, str], folder: Path) -> CodeTask:
    specification = Specification.from_markdown(text["specification"])
    tests = folder / f"{name}.py"
    tests.write_text(text["tests"], encoding="utf-8")
    task = CodeTask(
        id=name,
        topic="time series",
        difficulty=1,
        problem=text["problem"],
        specification=specification,
        signature=specification.given_signature,
        reference=text["reference"],
        tests=tests,
        wrong="",
    )
    fault = judge(task, text["reference"]).reason
    assert not fault, f"{name}: {fault}"
    return task


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        main(int(sys.argv[1]), Path(sys.argv[2]), Path(folder))
