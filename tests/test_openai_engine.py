"""The engine for OpenAI-compatible servers, against a real HTTP server on this machine."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from gpiot_cli.engine.openai import OpenAIEngine
from gpiot_cli.engine.protocol import Engine, Prompt, Request, Sampling
from gpiot_cli.errors import GpiotError


class Server(ThreadingHTTPServer):
    """A model server whose habits a test sets."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.reply = "Hello there"
        self.finish: str | None = "stop"
        self.ignores_n = False
        self.refuses: set[str] = set()
        self.key = ""
        self.status = 200
        self.raw: bytes | None = None
        self.echoes = True
        self.bodies: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.server.key and self.headers["Authorization"] != f"Bearer {self.server.key}":
            self.send_json({"error": {"message": "no key"}}, 401)
        else:
            self.send_json({"data": [{"id": "served-model", "max_model_len": 4096}]})

    def do_POST(self) -> None:
        server = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.bodies.append(body)
        if server.raw is not None:
            self.send_bytes(server.raw, "application/json")
        elif server.status != 200:
            self.send_json({"error": {"message": "the server is ill"}}, server.status)
        elif refused := [name for name in server.refuses if body.get(name, 1) not in (1, None)]:
            self.send_json({"detail": f"unknown field {refused[0]}"}, 400)
        elif self.path == "/v1/completions":
            self.send_json(
                {"choices": [self.echo(i, text) for i, text in enumerate(body["prompt"])]}
            )
        elif body["stream"]:
            self.stream(1 if server.ignores_n else body["n"])
        else:
            count = 1 if server.ignores_n else body["n"]
            message = {"role": "assistant", "content": server.reply}
            choices = [
                {"index": i, "message": message, "finish_reason": server.finish}
                for i in range(count)
            ]
            self.send_json({"choices": choices, "usage": {"completion_tokens": 7 * count}})

    def echo(self, index: int, text: str) -> dict[str, Any]:
        """Every character a token, whose log-probability is minus its number."""
        shown = text + "!" if self.server.echoes else "!"
        logprobs = {
            "tokens": list(shown),
            "text_offset": list(range(len(shown))),
            "token_logprobs": [None] + [-float(i) for i in range(1, len(shown))],
        }
        return {"index": index, "text": shown, "logprobs": logprobs}

    def stream(self, count: int) -> None:
        events: list[dict[str, Any]] = []
        for start in range(0, len(self.server.reply), 3):
            piece = {"content": self.server.reply[start : start + 3]}
            events += [{"choices": [{"index": i, "delta": piece}]} for i in range(count)]
        for i in range(count):
            last = {"index": i, "delta": {}, "finish_reason": self.server.finish}
            events.append({"choices": [last]})
        lines = [f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"]
        self.send_bytes("".join(lines).encode(), "text/event-stream")

    def send_json(self, data: Any, status: int = 200) -> None:
        self.send_bytes(json.dumps(data).encode(), "application/json", status)

    def send_bytes(self, data: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    found = Server()
    threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def request(**changes: Any) -> Request:
    return Request(**({"prompt": Prompt("Be brief.", "Greet me."), "stage": "test"} | changes))


def test_what_is_sent_and_what_comes_back(server: Server) -> None:
    engine: Engine = OpenAIEngine(server.url)
    sampling = Sampling(temperature=0.8, top_p=0.9, seed=5)
    (reply,) = engine.generate(request(max_tokens=33, sampling=sampling, stop=("END",)))
    assert (reply.text, reply.finish, reply.tokens) == ("Hello there", "stop", 7)
    assert server.bodies == [
        {
            "model": "served-model",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Greet me."},
            ],
            "n": 1,
            "max_tokens": 33,
            "temperature": 0.8,
            "top_p": 0.9,
            "seed": 5_000_015,
            "stop": ["END"],
            "stream": False,
        }
    ]
    assert (engine.info.name, engine.info.context, engine.info.sha256) == ("served-model", 4096, "")
    assert server.url in engine.info.device


def test_several_candidates_in_one_request(server: Server) -> None:
    replies = OpenAIEngine(server.url + "/v1/", "mine").generate(request(n=3))
    assert [(reply.text, reply.tokens) for reply in replies] == [("Hello there", 7)] * 3
    assert [(body["n"], body["model"]) for body in server.bodies] == [(3, "mine")]


@pytest.mark.parametrize("habit", ["ignores", "refuses"])
@pytest.mark.parametrize("streamed", [False, True])
def test_server_without_n_is_asked_once_per_candidate(
    server: Server, habit: str, streamed: bool
) -> None:
    server.ignores_n = habit == "ignores"
    server.refuses = {"n"} if habit == "refuses" else set()
    engine = OpenAIEngine(server.url)
    heard: dict[int, str] = defaultdict(str)

    def listen(index: int, piece: str) -> None:
        heard[index] += piece

    replies = engine.generate(request(n=3), listen if streamed else None)
    assert [reply.text for reply in replies] == ["Hello there"] * 3
    assert [body["n"] for body in server.bodies][-2:] == [1, 1]
    assert [body["seed"] for body in server.bodies][-2:] == [1, 2]
    asked = len(server.bodies)
    engine.generate(request(n=2, sampling=Sampling(temperature=0.8, seed=1)))
    assert not {0, 1, 2} & {body["seed"] for body in server.bodies[asked:]}
    assert heard == (dict.fromkeys(range(3), "Hello there") if streamed else {})
    asked = len(server.bodies)
    engine.generate(request(n=2))  # it is remembered
    assert [body["n"] for body in server.bodies[asked:]] == [1, 1]


def test_length_is_passed_on(server: Server) -> None:
    server.finish = "length"
    assert OpenAIEngine(server.url).generate(request())[0].finish == "length"


@pytest.mark.parametrize("streamed", [False, True])
def test_reply_prefix_is_asked_for_and_taken_off(server: Server, streamed: bool) -> None:
    server.reply = "\n```python\nimport numpy\n```\nThis code greets."
    prompt = Prompt("", "Write.", reply_prefix="```python\n")
    heard: list[str] = []
    on_text = (lambda _, piece: heard.append(piece)) if streamed else None
    (reply,) = OpenAIEngine(server.url).generate(request(prompt=prompt, stop=("```",)), on_text)
    assert (reply.text, reply.finish) == ("import numpy\n", "stop")
    assert server.bodies[0]["messages"] == [
        {"role": "user", "content": "Write.\n\nBegin your reply exactly with:\n```python\n"}
    ]
    assert "stop" not in server.bodies[0]  # the server would stop at the prefix
    if streamed:
        assert "".join(heard).startswith("import numpy")
        assert "This code" not in "".join(heard)


def test_reply_without_the_prefix_is_left_as_it_is(server: Server) -> None:
    prompt = Prompt("", "Write.", reply_prefix="def ")
    assert OpenAIEngine(server.url).generate(request(prompt=prompt))[0].text == "Hello there"


def test_grammar_only_where_it_is_taken(server: Server) -> None:
    engine = OpenAIEngine(server.url)
    engine.generate(request(grammar='root ::= "a"'))
    assert server.bodies[0]["grammar"] == 'root ::= "a"'
    server.refuses = {"grammar"}
    assert engine.generate(request(grammar='root ::= "a"'))[0].text == "Hello there"
    assert "grammar" not in server.bodies[-1]


def test_scores_of_the_continuations_alone(server: Server) -> None:
    prompt = Prompt("ab", "cd", "e")  # "ab", blank line, "cd", blank line, "e": 9 characters
    scores = OpenAIEngine(server.url).score(prompt, ["XY", "Z"])
    assert scores == [[-9.0, -10.0], [-9.0]]


def test_scores_among_a_few_texts(server: Server) -> None:
    engine = OpenAIEngine(server.url)
    prompt = Prompt("ab", "cd", "e")
    (both,) = engine.score(prompt, ["XY"], among=["XY", "XZ"])
    assert both == [0.0, pytest.approx(np.log(0.5))]  # this server likes each token alike


def test_server_that_cannot_score_says_so(server: Server) -> None:
    server.echoes = False
    with pytest.raises(GpiotError, match="cannot score") as raised:
        OpenAIEngine(server.url).score(Prompt("", "cd"), ["XY"])
    assert "vLLM" in raised.value.remedy


def test_adapters_are_refused_with_a_remedy(server: Server) -> None:
    engine = OpenAIEngine(server.url)
    with pytest.raises(GpiotError, match="pect-td") as raised:
        engine.generate(request(adapters={"pect-td": 1.0}))
    assert "--endpoint" in raised.value.remedy
    with pytest.raises(GpiotError, match="pect-td"):
        engine.score(Prompt("", "x"), ["y"], {"pect-td": 1.0})


def test_key_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.key = "secret"
    with pytest.raises(GpiotError, match="401: no key") as raised:
        OpenAIEngine(server.url)
    assert "OPENAI_API_KEY" in raised.value.remedy
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    assert OpenAIEngine(server.url).info.name == "served-model"


def test_nobody_answers() -> None:
    with pytest.raises(GpiotError, match="does not answer") as raised:
        OpenAIEngine("http://127.0.0.1:9")
    assert "--endpoint" in raised.value.remedy
    with pytest.raises(GpiotError, match="not the address"):
        OpenAIEngine("localhost:8000")


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"<html>", "not of OpenAI's form"),
        (b"[1]", "not of OpenAI's form"),
        (b'{"choices": [{"no": "index"}]}', "not of OpenAI's form"),
        (b'{"choices": []}', "in the middle"),
    ],
)
def test_answers_of_another_kind(server: Server, raw: bytes, complaint: str) -> None:
    server.raw = raw
    with pytest.raises(GpiotError, match=complaint):
        OpenAIEngine(server.url).generate(request())


@pytest.mark.parametrize("status", [400, 404, 500])
def test_error_statuses_carry_the_servers_words(server: Server, status: int) -> None:
    server.status = status
    with pytest.raises(GpiotError, match=f"answers {status}: the server is ill"):
        OpenAIEngine(server.url).generate(request())


def test_reply_that_breaks_off(server: Server) -> None:
    server.finish = None
    with pytest.raises(GpiotError, match="in the middle"):
        OpenAIEngine(server.url).generate(request(), lambda _index, _piece: None)
