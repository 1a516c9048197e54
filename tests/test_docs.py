"""The documentation says what the programs do: names, options, outputs and versions agree."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from gpiot_cli import __version__

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = [README, *sorted(path for path in DOCS.glob("*.md") if path.name != "cli.md")]

BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)")


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_cli", DOCS / "generate_cli.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def helps() -> dict[str, str]:
    module = generator()
    found: dict[str, str] = module.helps(module.gpiot, "gpiot")
    found.update(module.helps(module.devpiolt, "devpiolt"))
    return found


def commands(page: Path) -> Iterator[list[str]]:
    """The calls of gpiot and devpiolt in a page's code blocks, word by word."""
    for _, language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language not in ("sh", "console"):
            continue
        for line in text.splitlines():
            if language == "console" and not line.startswith("$ "):
                continue
            words = shlex.split(line.removeprefix("$ "), comments=True)
            for call in " ".join(map(shlex.quote, words)).replace("'|'", "|").split(" | "):
                found = shlex.split(call)
                if found and Path(found[0]).name in ("gpiot", "devpiolt"):
                    yield [Path(found[0]).name, *found[1:]]


def test_cli_page_is_what_the_programs_say() -> None:
    written = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert written == generator().page(), "docs/cli.md has drifted: run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands_and_options_in_pages_exist(page: Path) -> None:
    for words in commands(page):
        known = [n for n in range(1, len(words) + 1) if " ".join(words[:n]) in helps()]
        text = helps()[" ".join(words[: known[-1]])]
        rest = words[known[-1] :]
        assert "COMMAND [ARGS]" not in text or rest == ["--help"], f"no such command: {words}"
        for word in rest:
            if word.startswith("-"):
                assert re.search(rf"(?<!\S){re.escape(word)}\b", text), f"no {word}: {words}"


def test_readme_names_commands() -> None:
    named = {" ".join(words[:2]) for words in commands(README)}
    assert {"gpiot new", "gpiot generate", "devpiolt recommend", "devpiolt import"} <= named


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [*LINK.findall(text), *((source, "") for source in re.findall(r'src="(.*?)"', text))]
    for target, anchor in targets:
        file = page.parent / target if target else page
        assert file.exists(), f"{page.name} links to {target}, which is not there"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}
            assert anchor[1:] in slugs, f"{page.name} links to {anchor}, which is not there"


def test_recommendations_in_readme_come_out_as_printed(tmp_path: Path) -> None:
    blocks = [text for _, _, text in BLOCK.findall(README.read_text(encoding="utf-8"))]
    printed = [text for text in blocks if text.startswith("$ devpiolt recommend")]
    assert printed
    for text in printed:
        command, _, expected = text.partition("\n")
        done = subprocess.run(
            [sys.executable, "-m", "gpiot_cli.cli.devpiolt", *shlex.split(command)[2:]],
            cwd=ROOT,
            env={**os.environ, "GPIOT_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        # Another version of scikit-learn may move a percentage by a little.
        assert re.sub(r"\d+%", "…%", done.stdout) == re.sub(r"\d+%", "…%", expected)


def test_changelog_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[?(\d+\.\d+\.\d+)", text, re.MULTILINE)
    assert versions[0] == __version__


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    names = {re.split(r"[^\w.-]", wanted)[0] for group in groups for wanted in group}
    explained = set(re.findall(r"`([\w.-]+)`", (DOCS / "dependencies.md").read_text("utf-8")))
    assert names - explained == set()
