"""How stages talk to the model: one function, so that every exchange is recorded and streamed."""

from collections.abc import Callable
from dataclasses import replace

from gpiot_cli.engine.protocol import Candidate, Request
from gpiot_cli.errors import GpiotError

Ask = Callable[[Request], list[Candidate]]

TRIES = 3


def first_complete(ask: Ask, request: Request) -> str:
    """The text of a reply that came to its end; a reply that was cut off is asked for again."""
    for attempt in range(TRIES):
        sampling = replace(request.sampling, seed=request.sampling.seed + attempt * 7919)
        reply = ask(replace(request, sampling=sampling))[0]
        if reply.finish == "stop":
            return reply.text
    raise GpiotError(
        f"The model's {request.stage} reply was cut off at {request.max_tokens} tokens {TRIES} times.",
        "Try another --seed, or a larger model with --model.",
    )
