"""Decompositions mined from the example galleries that permissive packages ship in their sdists.

A gallery example is a script or notebook that explains itself: a title and what it is for, then
sections of prose, each followed by code. Title and first paragraph become the problem, headings and
first sentences the sub-tasks. Most examples are not that tidy. Only those are taken in which at least
three sections begin with an instruction and do something.
"""

import ast
import json
import re
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

from gpiot_cli.synthesis.decompose import MOST, PROVIDED
from gpiot_cli.training.dataset import Example
from gpiot_cli.training.licences import COPYLEFT
from gpiot_cli.training.tdd.decomposition import Decomposition, example, fault

PACKAGES = ("pvlib", "scikit-image", "scikit-learn", "statsmodels")
"""Permissive packages whose galleries solve problems. Those of aeon, control, sktime and tslearn teach
the package instead: of their 191 examples none passed."""

PERMISSIVE = re.compile(r"\b(BSD|MIT|ISC|Apache)\b", re.IGNORECASE)

FOLDERS = {"examples", "example", "gallery", "galleries", "tutorials", "auto_examples"}
ADDED = 3
"""Words by which a step's sentence is longer than its title: else it says nothing more."""
LARGEST = 400_000
"""Bytes. Notebooks above this are mostly pictures."""
DOWNLOAD_SECONDS = 1200
"""pip prepares an sdist's metadata, for which it may have to install its build tools."""

MARKER = re.compile(r"#\s?%%.*|#{20,}\s*")
UNDERLINE = re.compile(r"([=\-~*^\"'#+])\1{2,}")
MARKDOWN = re.compile(r"#{1,6}\s+(.+?)\s*#*")
ROLE = re.compile(r":[\w:+-]+:`~?(?:[^`<]*\.)?([^`<.]+?)(?:\s*<[^>]*>)?`")
LINK = re.compile(r"`([^`<]+?)\s*<[^>]*>`_{1,2}|\[([^\]]+)\]\([^)]*\)|\[[^\]]+\]_")
EMPHASIS = re.compile(r"\*\*|``|`_?|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
NUMBER = re.compile(r"^(?:step\s*)?\d+(?:\.\d+)*[.):]?\s*", re.IGNORECASE)
LEAD_IN = re.compile(
    r"^(?:(?:first|firstly|next|now|then|finally|here|below|afterwards|in this (?:section|example"
    r"|notebook|tutorial)|this (?:example|notebook|tutorial|script))[, ]\s*)*(?:we|let us|let's|you)?\s*"
    r"(?:(?:will|can|now|then|first|next|also|could|may|illustrates?|demonstrates?|shows?) "
    r"(?:how (?:to|we can) )?)*",
    re.IGNORECASE,
)
INSTRUCTION = re.compile(
    r"(?:Add|Align|Apply|Approximate|Assign|Average|Build|Calculate|Calibrate|Choose|Classify|Clean"
    r"|Cluster|Combine|Compare|Compress|Compute|Convert|Convolve|Correct|Correlate"
    r"|Cut|Decompose|Denoise|Derive|Design|Detect|Determine|Detrend|Difference|Discretize"
    r"|Encode|Estimate|Evaluate|Extract|Factor|Filter|Find|Fit|Forecast|Fuse|Group"
    r"|Identify|Impute|Infer|Integrate|Interpolate|Invert|Label|Linearize|Locate|Map|Match|Measure"
    r"|Merge|Minimi[sz]e|Model|Normali[sz]e|Optimi[sz]e|Partition|Predict|Preprocess|Project|Rank"
    r"|Reconstruct|Reduce|Regress|Remove|Resample|Rescale|Scale|Score|Search|Segment|Select"
    r"|Separate|Smooth|Solve|Split|Standardi[sz]e|Subtract|Threshold|Track|Train|Transform"
    r"|Tune|Use|Validate)\b"
)
OBJECT = re.compile(
    r"\w+(?: (?!(?:to|with|by|from|of|on|in|for|and|using|as|at|into|that|which)\b)[\w/-]+){1,5}"
)
TALK = re.compile(
    r"\b(?:plots?|plott\w+|figures?|visuali\w*|notebooks?|tutorials?|examples?|sections?|above|below"
    r"|see|we|our|you|import\w*|download\w*|datasets?|documentation|matplotlib|user guide)\b|[$|\\]",
    re.IGNORECASE,
)
"""What belongs to an example's telling, not to the steps of a program."""

Say = Callable[[str], None]


@dataclass
class Section:
    """A heading, the prose below it, and the code that follows."""

    title: str
    prose: str
    code: str = ""


@dataclass
class Mined:
    """What the galleries gave, and how many examples were left out for what reason."""

    examples: list[Example] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def mine_packages(packages: Iterable[str], cache: Path, say: Say) -> Mined:
    """Mine each package's sdist, downloaded to `cache` once. A package that fails is told of."""
    mined = Mined()
    for package in packages:
        try:
            archive = download(package, cache)
            before = len(mined.examples)
            mine(archive, mined)
        except (OSError, ValueError, tarfile.TarError, subprocess.SubprocessError) as error:
            mined.left_out["package failed"] += 1
            say(f"{package} is left out: {_last_line(error)}")
        else:
            say(f"{package}: {len(mined.examples) - before} decompositions from its gallery")
    return mined


def download(package: str, cache: Path) -> Path:
    """The package's sdist in `cache`, fetched by pip if it is not there."""
    wanted = re.compile(re.escape(package).replace(r"\-", "[-_]") + r"-\d.*\.tar\.gz", re.I)

    def there() -> list[Path]:
        return sorted(path for path in cache.glob("*.tar.gz") if wanted.fullmatch(path.name))

    if not there():
        cache.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        # Not ":all:": that would build the build tools from source as well.
        argv += ["--no-binary", package, "--dest", str(cache), package]
        subprocess.run(argv, check=True, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS)
    return there()[-1]


def mine(archive: Path, mined: Mined) -> None:
    """Add to `mined` what one sdist's gallery gives.

    Raises `ValueError` when its licence is not known to be permissive.
    """
    with tarfile.open(archive) as sdist:
        files = {member.name: member for member in sdist if member.isfile()}
        info = next((f for f in files if f.count("/") == 1 and f.endswith("/PKG-INFO")), None)
        if info is None:
            raise ValueError(f"{archive.name} has no PKG-INFO")
        headers = HeaderParser().parsestr(_content(sdist, files[info]))
        licence = licence_of(headers.items())
        package, version = headers["Name"], headers["Version"]
        for name in sorted(files):
            path = PurePosixPath(name)
            if not FOLDERS & set(path.parts[1:-1]) or files[name].size > LARGEST:
                continue
            if path.suffix == ".py":
                sections = read_script(_content(sdist, files[name]))
            elif path.suffix == ".ipynb":
                sections = read_notebook(_content(sdist, files[name]))
            else:
                continue
            found = decompose_example(sections, f"{package}/{path.stem}")
            if isinstance(found, str):
                mined.left_out[found] += 1
                continue
            where = PurePosixPath(*path.parts[1:])
            source = {"package": package, "version": version, "licence": licence}
            mined.examples.append(example(found, "raw", object=str(where), **source))


def licence_of(headers: Iterable[tuple[str, str]]) -> str:
    """The permissive licence that a package's metadata name; a `ValueError` if they do not."""
    lines = {
        "License-Expression": "",
        "License": "",
        "Classifier": "",
    }
    for key, value in headers:
        if key in lines and (key != "Classifier" or value.startswith("License ::")):
            lines[key] += value.splitlines()[0].rpartition(":: ")[2] + " " if value else ""
    licence = next((words.strip() for words in lines.values() if words.strip()), "")
    if COPYLEFT.search(" ".join(lines.values())) or not PERMISSIVE.search(licence):
        raise ValueError(f"its licence is {licence or 'not named'}, not a permissive one")
    return licence


def read_script(text: str) -> list[Section]:
    """The sections of a gallery script; the first holds its docstring's title and prose."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    docstring = ast.get_docstring(module)
    first = module.body[0].end_lineno or 0 if docstring is not None else 0
    sections = _headed((docstring or "").splitlines())
    comment: list[str] = []
    for line in [*text.splitlines()[first:], ""]:
        if MARKER.fullmatch(line):
            continue
        if line.startswith("#"):
            comment.append(line[1:].removeprefix(" "))
            continue
        if comment and line.strip():
            sections += _headed(comment)
            comment = []
        if sections and line.strip():
            sections[-1].code += line + "\n"
    return sections


def read_notebook(text: str) -> list[Section]:
    """The sections of a Jupyter notebook; the first holds its title and prose."""
    sections: list[Section] = []
    try:
        cells = json.loads(text)["cells"]
        for cell in cells:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                sections += _headed(source.splitlines())
            elif cell["cell_type"] == "code" and sections:
                sections[-1].code += source + "\n"
    except (ValueError, KeyError, TypeError):
        return []
    return sections


def decompose_example(sections: Sequence[Section], id_: str) -> Decomposition | str:
    """The decomposition that the sections tell, or the reason why they are none."""
    if not sections:
        return "no prose"
    problem = _problem(sections[0])
    if not problem:
        return "no problem stated"
    subtasks = []
    for section in sections[1:]:
        sentence = _instruction(section.prose)
        title = _title(section.title or _object(sentence))
        longer = len(sentence.split()) - len(title.split()) >= ADDED
        if title and longer and _calls(section.code):
            subtasks.append(f"{title}: {sentence}")
    subtasks = [subtask for subtask in subtasks if not PROVIDED.match(subtask)]
    if len(subtasks) < 3:
        return "fewer than three steps"
    if len(subtasks) > MOST:
        return f"more than {MOST} steps"
    if fault(problem, subtasks):
        return "not in the form of stage 1"
    return Decomposition(id_, problem, "", "", "", tuple(subtasks))


def _headed(lines: Sequence[str]) -> list[Section]:
    """The sections of one block of prose: RST underlines or Markdown's hashes mark headings.

    Prose before the first heading has an empty title; what comes before it in code is closed.
    """
    sections: list[Section] = []
    lines = [line.rstrip() for line in lines if not line.startswith(("..", "sphinx_gallery"))]
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if line and UNDERLINE.fullmatch(following):
            sections.append(Section(_plain(line), ""))
        elif match := MARKDOWN.fullmatch(line):
            sections.append(Section(_plain(match[1]), ""))
        elif not UNDERLINE.fullmatch(line):
            if not sections and line:
                sections.append(Section("", ""))
            if sections:
                sections[-1].prose += line.strip() + "\n"
    return sections


def _problem(first: Section) -> str:
    """Title and first paragraph as a request; empty if they do not state one."""
    paragraph = _plain(first.prose.strip().partition("\n\n")[0])
    text = LEAD_IN.sub("", paragraph)
    text = text[:1].upper() + text[1:]
    sentences = [s for s in _sentences(text) if not TALK.search(s)][:3]
    problem = " ".join(sentences)
    if INSTRUCTION.match(problem) and 6 <= len(problem.split()) <= 80:
        return problem
    words = len(first.title.split())
    return f"{first.title}." if 4 <= words <= 15 and not TALK.search(first.title) else ""


def _title(heading: str) -> str:
    title = re.sub(r"[^A-Za-z0-9 /-]+", " ", NUMBER.sub("", heading))
    title = " ".join(title.split())
    return "" if TALK.search(title) else title[:1].upper() + title[1:]


def _object(sentence: str) -> str:
    """The heading of a comment that has none: its verb and object, without what follows."""
    match = OBJECT.match(sentence)
    return match[0] if match else ""


def _instruction(prose: str) -> str:
    """The first sentence of the prose if it says what to do, without "now we"; else empty."""
    first = next(iter(_sentences(_plain(prose.strip().partition("\n\n")[0]))), "")
    sentence = LEAD_IN.sub("", first)
    sentence = (sentence[:1].upper() + sentence[1:]).removesuffix(":").removesuffix(".") + "."
    return sentence if INSTRUCTION.match(sentence) and not TALK.search(sentence) else ""


def _calls(code: str) -> bool:
    """Whether a section does something besides plotting and printing."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError):
        return False
    names = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    return any(not re.match(r"(plt|ax\w*|fig\w*|sns)\.|print$", name) for name in names)


def _plain(text: str) -> str:
    """Prose without the marks of RST and Markdown, on one line."""
    text = ROLE.sub(r"\1", text)
    text = LINK.sub(lambda match: match[1] or match[2] or "", text)
    return " ".join(EMPHASIS.sub("", text).split())


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?])\s+(?=[A-Z])", text) if part]


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = archive.extractfile(member)
    assert file is not None
    return file.read().decode(errors="replace")


def _last_line(error: Exception) -> str:
    words = getattr(error, "stderr", None) or str(error)
    return str(words).strip().splitlines()[-1] if str(words).strip() else type(error).__name__
