"""Any OpenAI-compatible server as the engine: vLLM, llama-server, Ollama, or a hosted one."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from gpiot_cli.engine.protocol import Candidate, Finish, ModelInfo, OnText, Prompt, Request
from gpiot_cli.engine.tree import constrained, places
from gpiot_cli.errors import GpiotError

TIMEOUT = httpx.Timeout(600.0, connect=5.0)
"""Seconds. A server on a slow machine may think for minutes before it says a word."""


class OpenAIEngine:
    """Sends each request to `URL/v1/chat/completions`.

    `model` is the server's name for it (None: the first that it lists); the API key, if the
    server wants one, is read from the environment variable `api_key_env`. A server that ignores
    or refuses `n` is asked once per candidate instead, and one that refuses `grammar` (an
    extension of llama-server) is asked without: callers check the format of what comes.

    Raises `GpiotError` when the server does not answer, refuses, or answers something else.
    """

    def __init__(
        self, url: str, model: str | None = None, api_key_env: str = "OPENAI_API_KEY"
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise GpiotError(
                f"{url!r} is not the address of a server.", "Write http://HOST:PORT or https://…"
            )
        self._url = url.rstrip("/").removesuffix("/v1") + "/v1"
        self._api_key_env = api_key_env
        key = os.environ.get(api_key_env)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers, timeout=TIMEOUT)
        self._takes_n = True
        self._takes_grammar = True
        self.info = self._ask_which(model)

    def generate(self, request: Request, on_text: OnText | None = None) -> list[Candidate]:
        """Draw the candidates: in one request where the server takes `n`, else one by one."""
        if request.adapters:
            raise GpiotError(
                f"A server cannot mix adapters ({', '.join(request.adapters)}).",
                "Leave the adapters out, or run the model here, without --endpoint.",
            )
        candidates: list[Candidate] = []
        while len(candidates) < request.n:
            first = len(candidates)
            count = request.n - first if self._takes_n else 1
            replies = self._complete(request, first, count, on_text)
            self._takes_n = self._takes_n and len(replies) == count
            candidates += replies
        return candidates

    def score(
        self,
        prompt: Prompt,
        continuations: Sequence[str],
        adapters: Mapping[str, float] | None = None,
        among: Sequence[str] = (),
    ) -> list[list[float]]:
        """Natural log-probability of each token of each continuation, as plain text.

        Uses `/v1/completions` with `echo`, which vLLM has and most servers lack. The server's
        chat template is not known here, so system, user and reply prefix are joined by blank
        lines.
        """
        if adapters:
            raise GpiotError(
                f"A server cannot mix adapters ({', '.join(adapters)}).",
                "Leave the adapters out, or run the model here, without --endpoint.",
            )
        start = "\n\n".join(filter(None, (prompt.system, prompt.user, prompt.reply_prefix)))
        texts = list(dict.fromkeys([*continuations, *among]))
        body = {
            "model": self.info.name,
            "prompt": [start + text for text in texts],
            "max_tokens": 1,  # 0 is refused by many; the one token made is cut off below
            "temperature": 0.0,
            "echo": True,
            "logprobs": 1,
        }
        with self._ask("POST", "/completions", body) as response:
            answer = _json(response.read())
        try:
            choices = sorted(answer["choices"], key=lambda choice: int(choice["index"]))
            scored = {
                text: _continuation_scores(choice, start, text)
                for choice, text in zip(choices, texts, strict=True)
            }
        except (KeyError, TypeError, ValueError) as error:
            raise GpiotError(
                f"The server at {self._url} cannot score text: it echoes no log-probabilities.",
                "Use a server that does, such as vLLM, or run the model here, without --endpoint.",
            ) from error
        asked = [scored[text] for text in continuations]
        if not among:
            return [[score for _, score in tokens] for tokens in asked]
        known: dict[tuple[str, ...], dict[str, float]] = {}
        for tokens in scored.values():
            for place, (token, score) in places(tokens):
                known.setdefault(tuple(said for said, _ in place), {})[token] = score
        return [constrained([token for token, _ in tokens], known) for tokens in asked]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask_which(self, model: str | None) -> ModelInfo:
        """What answers. The context is 0 and the hash empty: few servers tell either."""
        try:
            with self._ask("GET", "/models") as response:
                listed = _json(response.read()).get("data") or []
        except _AbsentError:
            listed = []
        named = {entry.get("id"): entry for entry in listed if isinstance(entry, dict)}
        name = model or next(iter(named), None)
        if name is None:
            raise GpiotError(
                f"The server at {self._url} lists no model.", "Name the one to use with --model."
            )
        context = named.get(name, {}).get("max_model_len") or 0
        return ModelInfo(name, "", f"server at {self._url}", context)

    def _complete(
        self, request: Request, first: int, count: int, on_text: OnText | None
    ) -> list[Candidate]:
        """Ask for `count` candidates from number `first` on, giving up what the server refuses."""
        while True:
            body = self._body(request, first, count) | {"stream": on_text is not None}
            try:
                with self._ask("POST", "/chat/completions", body) as response:
                    return _read(response, request, first, on_text)
            except _RefusedError:
                if "grammar" in body:
                    self._takes_grammar = False
                elif count > 1:
                    self._takes_n, count = False, 1
                else:
                    raise

    def _body(self, request: Request, first: int, count: int) -> dict[str, Any]:
        prompt = request.prompt
        user = prompt.user
        if prompt.reply_prefix:
            user += f"\n\nBegin your reply exactly with:\n{prompt.reply_prefix}"
        messages = [{"role": "system", "content": prompt.system}] if prompt.system else []
        body: dict[str, Any] = {
            "model": self.info.name,
            "messages": [*messages, {"role": "user", "content": user}],
            "n": count,
            "max_tokens": request.max_tokens,
            "temperature": request.sampling.temperature,
            "top_p": request.sampling.top_p,
            "seed": request.sampling.seed_of(first) % 2**31,
        }
        # A stop that the prefix contains would end the reply while it repeats the prefix.
        if stop := [text for text in request.stop if text not in prompt.reply_prefix]:
            body["stop"] = stop
        if request.grammar and self._takes_grammar:
            body["grammar"] = request.grammar
        return body

    @contextmanager
    def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> Iterator[httpx.Response]:
        """The server's answer, as a stream; every way to fail becomes a `GpiotError`."""
        try:
            with self._client.stream(method, self._url + path, json=body) as response:
                if response.is_error:
                    response.read()
                    raise self._error(response)
                yield response
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GpiotError(
                f"The server at {self._url} does not answer ({error or type(error).__name__}).",
                "Check that it runs, and the address given with --endpoint.",
            ) from error

    def _error(self, response: httpx.Response) -> GpiotError:
        status = response.status_code
        sentence = f"The server at {self._url} answers {status}: {_complaint(response)}"
        if status in (401, 403):
            return GpiotError(sentence, f"Put its key into the variable {self._api_key_env}.")
        if status in (404, 405):
            return _AbsentError(
                sentence, "Check the address, and the model's name given with --model."
            )
        if status in (400, 422):
            return _RefusedError(
                sentence, "Check the model's name and how long a context it serves."
            )
        return GpiotError(sentence, "Wait and try again, or see the server's log.")


class _RefusedError(GpiotError):
    """The server does not take this request as it is."""


class _AbsentError(GpiotError):
    """The server has no such page or model."""


@dataclass
class _Reply:
    """One choice while it comes in."""

    text: str = ""
    pieces: int = 0
    shown: int = 0
    finish: str | None = None


def _read(
    response: httpx.Response, request: Request, first: int, on_text: OnText | None
) -> list[Candidate]:
    """Collect the choices of a streamed or whole answer."""
    replies: dict[int, _Reply] = {}
    usage: dict[str, int] = {}
    try:
        for event in _events(response):
            usage = event.get("usage") or usage
            for choice in event.get("choices") or []:
                reply = replies.setdefault(int(choice["index"]), _Reply())
                piece = (choice.get("delta") or choice.get("message") or {}).get("content")
                reply.text += piece or ""
                reply.pieces += bool(piece)
                reply.finish = choice.get("finish_reason") or reply.finish
                visible, _ = _continuation(reply.text, request)
                if on_text and len(visible) > reply.shown:
                    on_text(first + int(choice["index"]), visible[reply.shown :])
                    reply.shown = len(visible)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _not_openai(f"{type(error).__name__}: {error}") from error
    if not replies or any(reply.finish is None for reply in replies.values()):
        raise GpiotError("The server ended its reply in the middle.", "See the server's log.")
    # Servers count the tokens of all choices together: they are shared out by length.
    in_order = [replies[index] for index in sorted(replies)]
    pieces = sum(reply.pieces for reply in in_order)
    tokens = usage.get("completion_tokens", pieces)
    length = sum(len(reply.text) for reply in in_order) or 1
    return [_candidate(reply, request, tokens * len(reply.text) // length) for reply in in_order]


def _candidate(reply: _Reply, request: Request, tokens: int) -> Candidate:
    text, stopped = _continuation(reply.text, request)
    finish: Finish = "stop" if stopped or reply.finish == "stop" else "length"
    return Candidate(text, finish, tokens)


def _continuation(text: str, request: Request) -> tuple[str, bool]:
    """What follows the reply prefix, up to the first stop; and whether a stop was met."""
    if prefix := request.prompt.reply_prefix:
        trimmed = text.lstrip()
        if prefix.startswith(trimmed):  # the prefix is still being repeated
            return "", False
        if trimmed.startswith(prefix):
            text = trimmed[len(prefix) :]
    ends = [end for stop in request.stop if (end := text.find(stop)) >= 0]
    return (text[: min(ends)], True) if ends else (text, False)


def _events(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """The JSON objects of an event stream, or the only one of a plain answer."""
    if "text/event-stream" not in response.headers.get("Content-Type", ""):
        yield _json(response.read())
        return
    for line in response.iter_lines():
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        if line.startswith("data:"):
            event = _json(data)
            if "error" in event:
                raise GpiotError(
                    f"The server failed in the middle: {event['error']}", "See its log."
                )
            yield event


def _json(text: str | bytes) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise _not_openai(repr(text[:80])) from error
    if not isinstance(data, dict):
        raise _not_openai(repr(text[:80]))
    return data


def _not_openai(what: str) -> GpiotError:
    return GpiotError(
        f"The server's answer is not of OpenAI's form: {what}.",
        "Check the address given with --endpoint: it must serve /v1/chat/completions.",
    )


def _complaint(response: httpx.Response) -> str:
    """What an error answer says, in whichever of the usual places."""
    try:
        said = response.json()
        said = said.get("error", said)
        return str(said.get("message", said) if isinstance(said, dict) else said)
    except (AttributeError, ValueError):
        return response.text[:200].strip() or response.reason_phrase


def _continuation_scores(
    choice: dict[str, Any], start: str, continuation: str
) -> list[tuple[str, float]]:
    """The tokens that reach into `continuation`, with log-probability; `ValueError` without echo."""
    end = len(start) + len(continuation)
    if not choice["text"].startswith(start + continuation):
        raise ValueError("no echo")
    found = choice["logprobs"]
    rows = zip(found["tokens"], found["text_offset"], found["token_logprobs"], strict=True)
    return [
        (str(token), float(logprob))
        for token, offset, logprob in rows
        if offset < end and offset + len(token) > len(start)
    ]
