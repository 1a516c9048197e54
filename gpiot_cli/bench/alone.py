"""The baseline of every measurement: the model asked alone, without anything that gpiot adds."""

import time
from collections.abc import Container, Iterator

from gpiot_cli.bench.results import Line, commit
from gpiot_cli.engine.adapted import Adapted
from gpiot_cli.engine.protocol import Candidate, Engine, Request
from gpiot_cli.synthesis.generate import Program, direct
from gpiot_cli.synthesis.specification import Specification

BATCH = 10
"""Programs drawn together. A batch is drawn whole, with its first index as its seed."""


def programs(
    engine: Engine, task: str, specification: Specification, count: int, done: Container[int]
) -> Iterator[tuple[int, Program, Line]]:
    """Those of `count` programs that are not done: index, program, and facts for its line.

    The engine's adapters are left out.
    """
    if isinstance(engine, Adapted):
        engine = engine.engine
    for first in range(0, count, BATCH):
        wanted = range(first, min(first + BATCH, count))
        if all(index in done for index in wanted):
            continue
        drawn: list[Candidate] = []

        def ask(request: Request, drawn: list[Candidate] = drawn) -> list[Candidate]:
            drawn += engine.generate(request)
            return drawn

        started = time.monotonic()
        found = direct(task, specification, n=len(wanted), ask=ask, seed=first)
        seconds = round((time.monotonic() - started) / len(wanted), 1)
        for index, program, candidate in zip(wanted, found, drawn, strict=True):
            if index not in done:
                yield (
                    index,
                    program,
                    {
                        "index": index,
                        "commit": commit(),
                        "seconds": seconds,
                        "tokens": candidate.tokens,
                        "code": program.code,
                        "reply": candidate.text,
                    },
                )
