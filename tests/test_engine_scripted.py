"""The scripted engine: what it is given in order, else answers that every stage can read."""

from gpiot_cli.engine.protocol import Prompt, Request
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.synthesis.chain import available, violation
from gpiot_cli.synthesis.decompose import decompose
from gpiot_cli.synthesis.generate import direct, generate, generation_prompt
from gpiot_cli.synthesis.goal import find_goal
from gpiot_cli.synthesis.specification import Parameter
from gpiot_cli.synthesis.transform import transform

DATA = (
    Parameter(name="signal", type="numpy.ndarray", meaning="raw signal, shape (n,)"),
    Parameter(name="room", type="str", meaning='the room, such as "kitchen"'),
)
ASKED = Request(Prompt("system", "user"), stage="any")


def test_replies_come_in_order_and_the_last_one_stays() -> None:
    engine = ScriptedEngine({"any": ["one", "two"]})
    heard: list[tuple[int, str]] = []
    texts = [engine.generate(ASKED, lambda i, piece: heard.append((i, piece)))[0].text]
    texts += [engine.generate(ASKED)[0].text for _ in range(2)]
    assert texts == ["one", "two", "two"]
    assert heard == [(0, "one")]
    assert len(engine.requests) == 3


def test_canned_answers_pass_every_stage() -> None:
    ask = ScriptedEngine().generate
    goal = find_goal("Any task", DATA, (), ask, seed=0)
    subtasks = decompose(
        "Any task", goal, DATA, (), lambda _: 0.0, lambda _one, _other: 0.0, ask, seed=0
    )
    earlier = []
    for number in range(1, len(subtasks) + 1):
        specification = transform(
            "Any task",
            subtasks,
            number,
            data=DATA,
            earlier=earlier,
            recipes=(),
            fitting=None,
            context="",
            goal=goal if number == len(subtasks) else None,
            ask=ask,
            seed=0,
        )
        inputs = [parameter.name for parameter in specification.inputs]
        assert violation(inputs, specification.outputs, available(DATA, earlier)) is None
        prompt = generation_prompt("Any task", specification, data=DATA)
        drawn = generate(prompt, specification, n=3, ask=ask, seed=0)
        drawn += direct("Any task", specification, n=1, ask=ask, seed=0)
        assert [program.fault for program in drawn] == [""] * 4
        assert all(specification.signature in program.code for program in drawn)
        earlier.append(specification)


def test_scores_prefer_words_that_the_prompt_holds() -> None:
    prompt = Prompt("", "lamp on, lamp off, lamp on")
    (lamp, fan) = ScriptedEngine().score(prompt, ["lamp", "fan"])
    assert sum(lamp) > sum(fan)
    assert len(ScriptedEngine().score(prompt, ["a b c"])[0]) == 3


def test_it_says_what_it_is() -> None:
    info = ScriptedEngine().info
    assert info.name == "scripted (no language model)"
    assert info.sha256 == ""
