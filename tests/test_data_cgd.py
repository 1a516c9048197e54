"""`gpiot data cgd`: what is called verified ran; what did not is left out; killed builds go on.

A package is made here and installed by pip into an environment of its own, as real ones are.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpiot_cli.bench.tasks import load_code_tasks
from gpiot_cli.cli.gpiot import app
from gpiot_cli.cli.main import run
from gpiot_cli.engine.protocol import Candidate
from gpiot_cli.sandbox.run import Limits
from gpiot_cli.synthesis.generate import parse_program
from gpiot_cli.synthesis.specification import Specification
from gpiot_cli.training.cgd import environment, execute, mine
from gpiot_cli.training.cgd.build import Report, build
from gpiot_cli.training.cgd.documentation import read
from gpiot_cli.training.cgd.mine import FIXTURE, FIXTURES, INSIDE
from gpiot_cli.training.cgd.packages import Package, choose, load_packages
from gpiot_cli.training.dataset import SPLITS, Example, read_dataset

MODULE = '''
"""A package of a test."""

import os


def mean_of(values):
    """Return the mean of sensor values.

    Invalid values are not looked for.

    Parameters
    ----------
    values : list
        What a sensor gave.

    Returns
    -------
    mean : float
        The arithmetic mean.

    Examples
    --------
    Two values are enough:

    >>> from fakesense import mean_of
    >>> mean_of([1.0, 2.0])
    1.5000001
    """
    return sum(values) / len(values)


def above(values, limit=0.0):
    """Find the readings above a limit.

    Parameters
    ----------
    values : list
        What a sensor gave.
    limit : float
        What they must exceed.

    Returns
    -------
    places : list
        Their indices.

    Examples
    --------
    >>> import fakesense
    >>> raw = [1, 5, 9]
    >>> readings = [value / 10 for value in raw]
    >>> places = fakesense.above(readings, limit=0.4)
    >>> places
    [1, 2]
    """
    return [i for i, value in enumerate(values) if value > limit]


class Smoother:
    """Smooth readings exponentially.

    Parameters
    ----------
    weight : float
        Of the new reading.

    Examples
    --------
    >>> smoother = Smoother(0.5)
    >>> for value in [1.0, 4.0]:
    ...     smoother.update(value)
    >>> smoother.levels([2.0, 2.0])
    [2.25, 2.125]
    """

    def __init__(self, weight):
        self.weight, self.level = weight, None

    def update(self, value):
        """Take a reading.

        Parameters
        ----------
        value : float
            The reading.
        """
        old = value if self.level is None else self.level
        self.level = old + self.weight * (value - old)

    def levels(self, values):
        """Smooth several readings.

        Parameters
        ----------
        values : list
            The readings.

        Returns
        -------
        levels : list
            The smoothed readings.
        """
        return [self.update(value) or self.level for value in values]


def wrong(values):
    """Count sensor values, with an example whose output is wrong.

    >>> wrong([1, 2, 3])
    4
    """
    return len(values)


def skipped(values):
    """Count values, with an example that is not to be run.

    >>> skipped([1])  # doctest: +SKIP
    1
    """
    return len(values)


def raises(values):
    """Fail on sensor values.

    >>> raises([1])
    1
    """
    raise OSError("no hardware")


def endless(values):
    """Wait for sensor values for ever.

    >>> endless([1])
    1
    """
    while True:
        pass


def crash(values):
    """End the process in the midst of sensor values.

    >>> crash([1])
    1
    """
    os.kill(os.getpid(), 9)


def writes(values):
    """Write sensor values to a file of the machine, which is not that of the sandbox.

    >>> writes([1])
    1
    """
    open("ELSEWHERE", "w").write("1")
    return 1


def of_the_benchmark(values):
    """Return the largest of the sensor values, as BENCHMARK does.

    >>> of_the_benchmark([1, 7])
    7
    """
    return max(values)
'''

VERDICTS = {
    "mean_of": "output checked",
    "above": "output checked",
    "Smoother": "output checked",
    "wrong": "runs",
    "raises": "failed",
    "endless": "failed",
    "crash": "failed",
    "writes": "output checked",
    "of_the_benchmark": "output checked",
}


def make_wheel(folder: Path) -> Path:
    """A wheel of the package, by hand: building one would need the package index."""
    elsewhere = folder / "written"
    text = MODULE.replace("ELSEWHERE", str(elsewhere))
    text = text.replace("BENCHMARK", load_code_tasks()[0].specification.name)
    info = "fakesense-1.0.dist-info"
    files = {
        "fakesense.py": text,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: fakesense\nVersion: 1.0\nLicense: MIT\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    path = folder / "fakesense-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
    return path


class Built:
    """A data set of the package, and how to build it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "cgd"
        fake = Package(
            name="fakesense",
            requirement=str(make_wheel(folder)),
            licence="MIT",
            modules=("fakesense",),
            topic="time series",
        )
        absent = fake.model_copy(
            update={"name": "absent", "requirement": str(folder / "absent-1.0-py3-none-any.whl")}
        )
        self.packages = [fake, absent]
        self.progress: list[tuple[int, int]] = []
        self.report = self.build()

    def build(self) -> Report:
        self.progress.clear()
        return build(
            self.out,
            self.packages,
            workers=2,
            say=lambda _: None,
            on_progress=lambda _, done, total: self.progress.append((done, total)),
        )

    @property
    def verdicts(self) -> dict[str, execute.Verdict]:
        lines = (self.out / "work" / "executed.jsonl").read_text().splitlines()
        found = [execute.Verdict.model_validate_json(line) for line in lines]
        return {verdict.path.removeprefix("fakesense."): verdict for verdict in found}

    def examples(self, name: str) -> dict[str, Example]:
        found = [e for split in SPLITS for e in read_dataset(self.out, split)]
        path = f"fakesense.{name}"
        return {e.source["kind"]: e for e in found if e.source["object"] == path}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environment, "TOOLS", ())
        patch.setattr(execute, "OBJECT_SECONDS", 2.0)
        yield Built(tmp_path_factory.mktemp("cgd"))


def test_verdicts_are_what_happened(built: Built) -> None:
    assert {name: v.verdict for name, v in built.verdicts.items()} == VERDICTS
    assert "no hardware" in built.verdicts["raises"].reason
    assert built.verdicts["endless"].reason == "takes too long"
    assert not (built.folder / "written").exists()


def test_what_did_not_run_is_in_no_code_pair(built: Built) -> None:
    for name, verdict in VERDICTS.items():
        if verdict == "failed":
            assert not {"D2", "D3"} & built.examples(name).keys()
    assert built.examples("wrong")["D2"].source["strength"] == "runs"
    assert built.examples("mean_of")["D2"].source["strength"] == "output checked"
    assert built.examples("mean_of")["D1"].source["strength"] == "documentation"


def answer(example: Example) -> str:
    return example.messages[-1].content


def test_data_in_the_call_becomes_a_parameter_and_the_answer_parses(built: Built) -> None:
    third = built.examples("mean_of")["D3"]
    question = third.messages[1].content.partition("\n\nWrite every")[0]
    specification = Specification.from_markdown(question, "return_mean_sensor_values")
    assert [str(p) for p in specification.inputs] == ["values (list): What a sensor gave"]
    assert [str(p) for p in specification.outputs] == ["mean (float): The arithmetic mean"]
    program = parse_program(Candidate(answer(third), "stop", 1), specification)
    assert not program.fault
    assert "def return_mean_sensor_values(values: list) -> float:" in program.code
    assert "return mean_of(values)" in program.code
    assert "from fakesense import mean_of" in program.code


def test_data_made_in_the_example_becomes_a_parameter(built: Built) -> None:
    second = built.examples("above")["D2"]
    assert "by using fakesense.above from fakesense" in second.messages[1].content
    assert "(readings: list) -> list:" in answer(second)
    assert "fakesense.above(readings, limit=0.4)" in answer(second)
    assert "raw" not in answer(second)
    assert "limit = 0.4" in built.examples("above")["D3"].messages[1].content


def test_what_no_specification_tells_is_asked_with_the_module_named(built: Built) -> None:
    # The weight of the smoother is told, the values that it was warmed up with are not.
    assert built.examples("Smoother").keys() == {"D1", "D2"}


def test_what_an_object_needs_stays_in_the_function(built: Built) -> None:
    text = answer(built.examples("Smoother")["D2"])
    assert "from fakesense import Smoother" in text
    assert text.index("Smoother(0.5)") < text.index("smoother.update(value)")
    assert "return smoother.levels(" in text


def test_the_pairs_of_a_function_are_in_one_split(built: Built) -> None:
    for name in VERDICTS:
        assert len({e.group for e in built.examples(name).values()}) <= 1


def test_what_names_a_benchmark_task_is_left_out(built: Built) -> None:
    assert not built.examples("of_the_benchmark")
    assert built.report.contaminated["name"] >= 1


def test_the_report_counts_and_names_what_was_not_installed(built: Built) -> None:
    assert built.report.packages["fakesense"].verdicts == {
        kind: list(VERDICTS.values()).count(kind) for kind in ("output checked", "runs", "failed")
    }
    assert list(built.report.not_installed) == ["absent"]
    written = json.loads((built.out / "report.json").read_text())
    assert written == built.report.model_dump(mode="json")
    assert built.report.core["objects with checked output"] == 4


def test_a_killed_build_goes_on(built: Built) -> None:
    log = built.out / "work" / "executed.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    before = {path.name: path.read_bytes() for path in built.out.glob("*.jsonl")}
    log.write_bytes(b"".join(lines[:-2]) + lines[-2][:40])
    built.build()
    assert built.progress[0] == (len(lines) - 2, len(lines))
    assert built.progress[-1] == (len(lines), len(lines))
    assert {path.name: path.read_bytes() for path in built.out.glob("*.jsonl")} == before
    built.build()
    assert built.progress == [(len(lines), len(lines))]


def test_verdicts_are_read_whatever_their_texts_hold(tmp_path: Path) -> None:
    odd = execute.Verdict(key="k", path="p", verdict="runs", reason="one\u2028two\x85three")
    log = tmp_path / "executed.jsonl"
    log.write_text(odd.model_dump_json() + "\n" + odd.model_dump_json()[:30], encoding="utf-8")
    assert execute.read_verdicts(log) == {"k": odd}


def test_a_package_that_could_not_be_read_is_tried_again(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, work = built.packages[0], built.out / "work"
    there = environment.prepare(work / "environment", built.packages, lambda _: None)
    (kept,) = (work / "objects").glob("fakesense-*.jsonl")
    before = kept.read_text()
    kept.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(mine, "LIMITS", Limits(seconds=0.01))
        assert mine.mine(package, there, work, lambda _: None) == []
    assert len(mine.mine(package, there, work, lambda _: None)) > 5
    assert kept.read_text() == before


class Alike:
    """An embedder to which all texts mean the same."""

    name = "alike"

    def __call__(self, texts: list[str]) -> list[list[float]]:
        return [[1.0]] * len(texts)


def test_what_means_the_same_as_a_task_is_left_out(built: Built, tmp_path: Path) -> None:
    out = shutil.copytree(built.out, tmp_path / "cgd", symlinks=True)
    told: list[tuple[str, int, int]] = []
    report = build(
        out,
        built.packages,
        workers=1,
        embedder=Alike(),
        say=lambda _: None,
        on_progress=lambda *progress: told.append(progress),
    )
    assert report.pairs == 0
    assert report.contaminated["meaning"] > 0
    assert told[-1] == ("Comparing with IoTBench", report.contaminated["meaning"], told[-1][2])
    assert told[-1][1] == told[-1][2]


def test_the_card_says_how_it_was_compared_with_the_benchmark(built: Built) -> None:
    assert (
        "IoTBench by its names, words or code is left out" in (built.out / "README.md").read_text()
    )


@pytest.mark.parametrize(
    ("want", "got", "is_same"),
    [
        ("array([1., 2.])", "array([1.        , 2.00000001])", True),
        ("1.5", "np.float64(1.5)", True),
        ("array([1, 2], dtype=int64)", "array([1, 2])", True),
        ("0.95...", "0.9533", True),
        ("array(['a'], ...)", "array(['a'], dtype=object)", True),
        ("array([0, 1]...)", "array([0, 1])", True),
        ("array([0, 1]...)", "array([0, 2])", False),
        ("[0.209]", "[0.20998268]", True),
        ("True", "np.True_", True),
        ("[0.12, 0.34]", "[0.1249, 0.3351]", True),
        ("[0.12, 0.34]", "[0.1321, 0.34]", False),
        ("3", "4", False),
        ("[1, 2]", "[1, 2, 3]", False),
        ("a b", "a  c", False),
        ("1e-05", "2e-05", False),
        ("0.5", "0.6", False),
        ("0.12", "0.129", False),
        ("-0.209", "-0.2099", True),
        ("0.209", "0.2081", False),
        ("array([0., 1.])", "array([0.09, 1.])", False),
        ("array([0., 1.])", "array([1.2e-16, 1.])", True),
        ("[1.e-05, -0.]", "[1e-05, 0.0]", True),
    ],
)
def test_outputs_are_compared_by_their_numbers(
    monkeypatch: pytest.MonkeyPatch, want: str, got: str, is_same: bool
) -> None:
    monkeypatch.syspath_prepend(str(INSIDE))
    import trying  # type: ignore[import-not-found]

    assert trying.agrees(want, got) is is_same


@pytest.mark.parametrize(
    ("shown", "verdict"),
    [
        ({"1 + 1": "2\n"}, "output checked"),
        ({"1 + 1": "...\n"}, "runs"),
        ({"1 + 1": "2\n", "[3]": "[]\n"}, "runs"),
        ({"1 + 1": "2\n", "1 + 2  # may vary": "4\n"}, "runs"),
    ],
)
def test_output_is_checked_only_where_all_of_it_was_compared(
    monkeypatch: pytest.MonkeyPatch, shown: dict[str, str], verdict: str
) -> None:
    monkeypatch.syspath_prepend(str(INSIDE))
    import trying

    blocks = [{"source": s, "want": w, "prose": "", "error": ""} for s, w in shown.items()]
    task = {"environment": {}, "blocks": blocks, "leaf": "none", "arguments": {}, "declared": []}
    assert trying.attempt(task)["verdict"] == verdict


def test_a_docstring_is_read() -> None:
    found = read(
        "peaks(x)\n\nFind the :func:`peaks` of a\nsignal. It is quick.\n\nParameters\n----------\n"
        "x, y : array_like\n    Signals [1]_.\n\nReturns\n-------\nThe indices.\n\nExamples\n"
        "--------\nFirst, a signal:\n\n>>> x = [1]\n>>> peaks(x)\n[0]\n\nSee Also\n--------\nx\n"
    )
    assert found.summary == "Find the peaks of a signal."
    assert found.description == "It is quick."
    assert [(p.name, p.meaning) for p in found.parameters] == [("x", "Signals."), ("y", "Signals.")]
    assert [(b.prose, b.source, b.want) for b in found.blocks] == [
        ("First, a signal", "x = [1]", ""),
        ("", "peaks(x)", "[0]\n"),
    ]


def test_what_is_written_for_communication_packages_is_complete() -> None:
    for path in FIXTURES.glob("*.txt"):
        package = load_packages()[path.stem]
        parts = FIXTURE.split(path.read_text(encoding="utf-8"))[1:]
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            documentation = read(text)
            assert any(name.startswith(f"{module}.") for module in package.modules), name
            assert all(p.meaning for p in documentation.parameters), name
            assert documentation.blocks, name
            assert documentation.blocks[-1].want, name


def test_copyleft_is_only_used_on_request() -> None:
    assert not any(package.copyleft for package in choose([], copyleft=False))
    assert any(package.copyleft for package in choose([], copyleft=True))


@pytest.mark.parametrize("name", ["obspy", "no-such-package"])
def test_packages_that_may_not_be_used_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    words = ["data", "cgd", "--packages", name, "--out", str(tmp_path / "out")]
    assert run(app, "gpiot", words) == 1
    assert name in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
