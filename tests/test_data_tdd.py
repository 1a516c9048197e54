"""`gpiot data tdd`: the written decompositions, and those of galleries and papers."""

import io
import json
import re
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gpiot_cli.bench.contamination import contamination, protect
from gpiot_cli.bench.tasks import load_code_tasks, load_decomposition_tasks
from gpiot_cli.cli.gpiot import app
from gpiot_cli.engine.scripted import ScriptedEngine
from gpiot_cli.errors import GpiotError
from gpiot_cli.knowledge.embedder import MiniLM
from gpiot_cli.knowledge.recipe import load_recipes
from gpiot_cli.synthesis.decompose import decompose, grammar
from gpiot_cli.synthesis.specification import Parameter
from gpiot_cli.training.dataset import read_dataset, without_near_duplicates
from gpiot_cli.training.tdd.build import build
from gpiot_cli.training.tdd.decomposition import data, decomposition, example, fault
from gpiot_cli.training.tdd.galleries import licence_of, mine_packages
from gpiot_cli.training.tdd.papers import sections
from gpiot_cli.training.tdd.relevance import Relevance
from gpiot_cli.training.tdd.sift import RELEVANT
from gpiot_cli.training.tdd.written import load_written

WRITTEN = load_written()
TASKS = [*load_code_tasks(), *load_decomposition_tasks()]


class Topics:
    """Stands in for an embedder: recipes, benchmark tasks and shops lie in directions of their own."""

    name = "topics"

    def __init__(self) -> None:
        self._recipes = {f"{r.topic}: {r.summary}" for r in load_recipes().values()}
        self._tasks = {protect(task).prose for task in TASKS}

    def __call__(self, texts: list[str]) -> list[list[float]]:
        return [self._direction(text) for text in texts]

    def _direction(self, text: str) -> list[float]:
        if text in self._recipes:
            return [1.0, 0.0, 0.0]
        if text in self._tasks or "paraphrase" in text:
            return [0.6, 0.8, 0.0]
        return [0.0, 0.0, -1.0] if "customer" in text else [0.6, 0.0, 0.8]


def silent(words: str) -> None:
    """Progress that nobody reads."""


def test_three_hundred_are_written_over_many_topics():
    assert len(WRITTEN) >= 300
    topics = {item.topic for item in WRITTEN.values()}
    assert len(topics) >= 15
    for item in WRITTEN.values():
        assert all([item.modality, item.representation, item.resources]), item.id
    problems = [item.problem for item in WRITTEN.values()]
    assert len(set(problems)) == len(problems)
    titles = [subtask.split(":")[0] for item in WRITTEN.values() for subtask in item.subtasks]
    assert len(set(titles)) > 0.8 * len(titles)  # thought of one by one, not filled in


def test_the_written_hold_nothing_of_iotbench():
    texts = {item.id: item.text for item in WRITTEN.values()}
    assert contamination([protect(task) for task in TASKS], texts) == []


def test_the_written_mean_nothing_of_iotbench():
    minilm = MiniLM(offline=True)
    try:
        minilm(["is it there?"])
    except GpiotError as error:
        pytest.skip(str(error))
    texts = {item.id: item.text for item in WRITTEN.values()}
    found = contamination([protect(task) for task in TASKS], texts, embedder=minilm)
    assert [finding for finding in found if finding.kind == "meaning"] == []


def test_the_written_are_no_near_duplicates():
    _, dropped = without_near_duplicates(example(item, "written") for item in WRITTEN.values())
    assert dropped == 0


GOAL = Parameter(name="result", type="float", meaning="what is asked for")


@pytest.mark.parametrize("id_", ["jump-height-flight", "csi-crowd-count"])
def test_stage_1_asks_and_answers_word_for_word_so(id_: str):
    item = WRITTEN[id_]
    system, user, answer = example(item, "written").messages
    engine = ScriptedEngine({"decompose": [answer.content]})

    def nearest_is_last(_task: str, subtask: str) -> float:
        return float(subtask == item.subtasks[-1])

    subtasks = decompose(
        item.problem,
        GOAL,
        data(item),
        [],
        lambda _: 1.0,
        nearest_is_last,
        engine.generate,
        seed=0,
    )
    (request,) = engine.requests
    assert (request.prompt.system, request.prompt.user) == (system.content, user.content)
    assert subtasks == list(item.subtasks)
    assert decomposition(example(item, "written")) == item


def test_data_are_told_as_stage_1_tells_them_or_not_at_all():
    item = WRITTEN["jump-height-flight"]
    _, user, _ = example(item, "written").messages
    told = f"data (numpy.ndarray), {item.modality}, {item.representation}."
    assert f"Data in memory: {told}\n" in user.content
    _, user, _ = example(replace(item, modality="", representation=""), "raw").messages
    assert "Data in memory" not in user.content


GOOD = [
    "Remove the mean: Subtract the moving mean over ten seconds.",
    "Find the peaks: Locate local maxima above three deviations.",
    "Count the peaks: Number the peaks of every minute.",
]


def changed(old: str, new: str) -> list[str]:
    return [subtask.replace(old, new) for subtask in GOOD]


@pytest.mark.parametrize(
    ("subtasks", "reason"),
    [
        (GOOD, ""),
        (GOOD[:2], "2 sub-tasks"),
        ([*GOOD, *(f"{s[:-1]} again." for s in GOOD)], "6 sub-tasks, not 3 to 4"),
        ([*GOOD, GOOD[0]], "stands there twice"),
        (changed("Remove", "Load"), "does this by itself"),
        (changed("ten seconds.", "ten seconds"), "grammar"),
        (changed("ten", "0.5"), "grammar"),
        (changed("Find the peaks", "find the peaks"), "grammar"),
        (changed("Find the peaks", "Find"), "grammar"),
        (changed("Subtract the moving mean over ten seconds", "Do it"), "grammar"),
        (changed("ten seconds", "ten" + " long" * 50 + " seconds"), "grammar"),
        (changed("mean: ", "mean:\n"), "grammar"),
    ],
)
def test_faults_are_told(subtasks: list[str], reason: str):
    found = fault("Count the steps of a walker from a phone.", subtasks)
    assert reason in found
    assert bool(found) == bool(reason)


def test_the_form_is_that_of_the_grammar():
    assert 'title ::= [A-Z] [a-z]{2,14} " " [A-Za-z0-9 /-]{3,64}' in grammar(7)
    assert 'sentence ::= [A-Z] [^\\n.]{20,200} "."' in grammar(7)


SCRIPT = '''
"""
================================
Cluster the days of a heat meter
================================

This example shows how to cluster daily profiles of a heat meter, so that unusual days of the sensor stand out.
"""
# Author: somebody
import numpy as np
x = np.ones((9, 24))

# %%
# Load the data
# -------------
# Compute nothing here at all.
y = np.load("profiles.npy")

# %%
# Normalise the profiles
# ----------------------
#
# First, we divide it. That is all.
z = x / x.sum()

# %%
# Scale each day
# --------------
#
# Now we scale each profile by its :class:`~numpy.ndarray` mean. Then it fits.
z = x / x.mean(axis=1)

#############################################################################
# Cluster the days
# ~~~~~~~~~~~~~~~~
# Apply ``k-means`` with three clusters to the profiles.
labels = z.argmax(axis=1)

# %%
# 4. Find odd days
# ----------------
# Next, compute the distance of every day to its `centre <https://example.org>`_.
far = np.sort(labels)

# %%
# Show the result
# ---------------
# Compute the picture of all the clusters and days.
plt.plot(far)
'''

NOTEBOOK = {
    "cells": [
        {
            "cell_type": "markdown",
            "source": [
                "# Vibration\n",
                "\n",
                "Detect faults of a pump early by its vibration sensor.",
            ],
        },
        {
            "cell_type": "markdown",
            "source": ["## Filter the signal\n", "We filter the signal from 10 to 100 Hz."],
        },
        {"cell_type": "code", "source": ["y = filtered(x)"]},
        {
            "cell_type": "markdown",
            "source": [
                "## Extract the features\n",
                "Compute the root mean square of every second.",
            ],
        },
        {"cell_type": "code", "source": ["f = rms(y)"]},
        {
            "cell_type": "markdown",
            "source": ["## Detect the faults\n", "Apply a threshold of three standard deviations."],
        },
        {"cell_type": "code", "source": ["hits = find(f > 3)"]},
    ]
}


def sdist(folder: Path, name: str, classifier: str, files: dict[str, str]) -> None:
    files = {
        "PKG-INFO": f"Name: {name}\nVersion: 1.2\nClassifier: License :: OSI Approved :: {classifier}\n",
        **files,
    }
    with tarfile.open(folder / f"{name}-1.2.tar.gz", "w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{name}-1.2/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


def test_galleries_give_what_is_tidy(tmp_path: Path):
    untidy = SCRIPT.replace("Apply ``k-means``", "What about ``k-means``")
    files = {
        "examples/heat.py": SCRIPT,
        "docs/examples/pump.ipynb": json.dumps(NOTEBOOK),
        "examples/untidy.py": untidy,
        "examples/broken.py": "def (",
        "fake/module.py": SCRIPT,
    }
    sdist(tmp_path, "fakepack", "BSD License", files)
    sdist(tmp_path, "gplpack", "GNU General Public License v3 (GPLv3)", files)
    said: list[str] = []
    mined = mine_packages(["fakepack", "gplpack"], tmp_path, said.append)
    pump, heat = mined.examples
    assert heat.source["problem"] == (
        "Cluster daily profiles of a heat meter, so that unusual days of the sensor stand out."
    )
    assert decomposition(heat).subtasks == (
        "Scale each day: Scale each profile by its ndarray mean.",
        "Cluster the days: Apply k-means with three clusters to the profiles.",
        "Find odd days: Compute the distance of every day to its centre.",
    )
    assert heat.source["object"] == "examples/heat.py"
    assert heat.source["licence"] == "BSD License"
    assert (heat.source["package"], heat.source["version"]) == ("fakepack", "1.2")
    assert decomposition(pump).subtasks[0] == (
        "Filter the signal: Filter the signal from 10 to 100 Hz."
    )
    assert mined.left_out == {"fewer than three steps": 1, "no prose": 1, "package failed": 1}
    assert "gplpack" in said[-1]
    assert "licence" in said[-1]


@pytest.mark.parametrize(
    ("headers", "licence"),
    [
        ({"License-Expression": "BSD-3-Clause"}, "BSD-3-Clause"),
        ({"License": "MIT"}, "MIT"),
        ({"License": "Apache License 2.0\nmore text"}, "Apache License 2.0"),
        ({"License": "LGPL"}, None),
        ({"License": "MIT", "Classifier": "License :: OSI Approved :: GNU GPL v2"}, None),
        ({}, None),
    ],
)
def test_only_permissive_licences_pass(headers: dict[str, str], licence: str | None):
    if licence is None:
        with pytest.raises(ValueError, match="licence"):
            licence_of(headers.items())
    else:
        assert licence_of(headers.items()) == licence


FILLER = "The module filters and segments the signal. " * 30
PAPER = f"""
1 Introduction
{FILLER}
2 System Design
2.1 Pulse Detection
{FILLER}
2.2 Short
Nothing.
3 Evaluation
3.1 Pulse Accuracy
{FILLER}
References
4 Not a Section
{FILLER}
"""


def test_papers_are_cut_into_technical_sections():
    assert [title for title, _ in sections(PAPER)] == ["Pulse Detection"]


MODULE = (
    "Sensor: optical pulse at the ear\nData: raw series at 50 Hz\nDevice: earbud with 64 KB\n"
    "Problem: Find the pulse of a walking person in the signal of an earbud."
)


def numbered(subtasks: list[str]) -> str:
    return "\n\n".join(f"{i}. {subtask}" for i, subtask in enumerate(subtasks, 1))


def test_papers_are_read_once_and_sifted(tmp_path: Path):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "paper.txt").write_text(PAPER)
    second = MODULE.replace("Find the pulse", "Find the customer")
    third = MODULE.replace("Find the pulse", "Explain et al, find the pulse")
    engine = ScriptedEngine(
        {
            "modules": ["\n\n".join([MODULE, second, third])],
            "subtasks": [numbered(GOOD), numbered(GOOD), numbered(GOOD)],
        }
    )
    out = tmp_path / "tdd"
    options = {"papers_folder": tmp_path / "papers", "engine": engine}
    report = build(out, Topics(), silent, **options)
    assert report.kept["raw, papers"] == 1
    assert report.left_out == {"papers: not IoT": 1, "papers: refers to the paper": 1}
    assert len(engine.requests) == 4
    found = [e for split in ("train", "validation") for e in read_dataset(out, split)]
    assert len(found) == len(WRITTEN) + 1
    (raw,) = [e for e in found if e.source["origin"] == "raw"]
    assert raw.source["object"] == "paper.txt: Pulse Detection"
    assert raw.source["modality"] == "optical pulse at the ear"
    assert decomposition(raw).subtasks == tuple(GOOD)

    again = build(out, Topics(), silent, **options)
    assert again == report
    assert len(engine.requests) == 4

    (tmp_path / "papers" / "paper.txt").write_text(PAPER.replace("segments", "divides"))
    assert build(out, Topics(), silent, **options) == report  # not also what the earlier paper gave
    assert len(engine.requests) == 8
    engine.info = replace(engine.info, sha256="another")
    with pytest.raises(GpiotError, match="another model"):
        build(out, Topics(), silent, **options)


def test_the_command_writes_a_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gpiot_cli.knowledge.embedder.MiniLM", Topics)
    out = tmp_path / "tdd"
    result = CliRunner().invoke(app, ["data", "tdd", "--out", str(out), "--no-galleries", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"kept": {"written": len(WRITTEN)}, "left out": {}}
    train, validation = read_dataset(out, "train"), read_dataset(out, "validation")
    assert len(train) + len(validation) == len(WRITTEN)
    assert 0.04 < len(validation) / len(WRITTEN) < 0.2
    assert re.search(
        rf"\| written \| {len(train)} \| {len(validation)} \|", (out / "README.md").read_text()
    )


def test_a_folder_without_papers_is_an_error(tmp_path: Path):
    for folder in (tmp_path / "missing", tmp_path):
        with pytest.raises(GpiotError, match=r"There is no folder|No paper in"):
            build(tmp_path / "out", Topics(), silent, papers_folder=folder, engine=ScriptedEngine())


def test_what_is_not_iot_is_told_from_what_is():
    minilm = MiniLM(offline=True)
    try:
        relevance = Relevance(minilm)
    except GpiotError as error:
        pytest.skip(str(error))
    near = relevance(
        [
            "Count the cars on a ramp by its vibration.\n\nFind the axles: Detect acceleration peaks.",
            "Tell from a plug's power when the dryer is done.\n\nFind the end: Apply a CUSUM test.",
        ]
    )
    far = relevance(
        [
            "Write a web shop with a cart.\n\nAdd up the cart: Sum the prices with their tax.",
            "Plan a party.\n\nList the guests: Count the adults and the children who come.",
            "Detect spam mails.\n\nClassify the mails: Apply naive Bayes to the word counts.",
        ]
    )
    assert max(far) < RELEVANT < min(near)
