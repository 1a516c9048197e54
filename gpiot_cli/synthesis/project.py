"""The project folder: everything in it that follows from the record of a run.

Nothing here runs the project's code. Every file is written atomically and can be written again,
so a run that was killed goes on by calling the same functions. Results appear in the README once
`main.py` has written them to `results/`.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ValidationError

from gpiot_cli.errors import GpiotError
from gpiot_cli.files import write_atomic
from gpiot_cli.synthesis.project_files.loader import results_name
from gpiot_cli.synthesis.record import RunRecord, StepRecord
from gpiot_cli.synthesis.requirements import requirements
from gpiot_cli.synthesis.ruff import ruff
from gpiot_cli.synthesis.trial import recipes_used

HERE = Path(__file__).parent
COPIED = tuple(
    sorted(p.name for p in (HERE / "project_files").glob("*.py") if p.stem != "__init__")
)
RESULTS = Path("results")
GITIGNORE = (
    "__pycache__/\n.pytest_cache/\n.venv/\n# outputs can be large; pictures are kept\n/results/*/\n"
)


@dataclass(frozen=True)
class _Step:
    """A step as the pages name it."""

    number: int
    record: StepRecord

    @property
    def name(self) -> str:
        specification = self.record.specification
        return specification.name if specification else "unspecified"

    @property
    def module(self) -> str:
        return f"step{self.number}_{self.name}"

    @property
    def page(self) -> str:
        return f"docs/{self.module}.md"

    @property
    def file(self) -> str:
        return f"steps/{self.module}.py"

    @property
    def target(self) -> str:
        specification = self.record.specification
        return _one_line(specification.target if specification else self.record.subtask)

    @property
    def warnings(self) -> list[str]:
        chosen = self.record.chosen
        return [] if chosen is None else self.record.candidates[chosen].warnings


def prepare(folder: Path) -> None:
    """Make the project's folder; `GpiotError` when it holds something already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GpiotError(f"{folder} exists already.", "Choose another folder with --out.")
    try:
        write_atomic(folder / ".gitignore", GITIGNORE)
    except OSError as error:
        raise GpiotError(
            f"{folder} cannot be written: {error.strerror}.", "Choose another folder with --out."
        ) from error


def write_step(folder: Path, record: RunRecord, index: int) -> None:
    """Write one step's module, its page and the recipes that it imports."""
    step = _Step(index + 1, record.steps[index])
    if step.record.code is not None:
        write_atomic(folder / "steps" / "__init__.py", '"""The steps of the pipeline."""\n')
        write_atomic(folder / step.file, _module(step, len(record.steps)))
    recipes = recipes_used(step.record.code or "")
    for recipe in recipes:
        _copy_recipe(folder, recipe.name, recipe.path)
    page = _render(
        "step.md.j2",
        number=step.number,
        name=step.name,
        step=step.record,
        file=step.file,
        approach=_docstring(step),
        recipes=recipes,
        warnings=step.warnings,
    )
    write_atomic(folder / step.page, page)


def write_project(folder: Path, record: RunRecord) -> None:
    """Write every file that follows from the record, and remove what no longer does."""
    steps = [_Step(number, step) for number, step in enumerate(record.steps, start=1)]
    for index in range(len(steps)):
        write_step(folder, record, index)
    working = [step for step in steps if step.record.code is not None]
    _remove_all_but(folder / "steps", {"__init__.py", *(f"{step.module}.py" for step in working)})
    _remove_all_but(folder / "docs", {f"{step.module}.md" for step in steps})
    _remove_all_but(
        folder / "recipes", {"__init__.py", *(f"{name}.py" for name in _imported(working))}
    )
    for name in COPIED:
        code = (HERE / "project_files" / name).read_text(encoding="utf-8")
        write_atomic(
            folder / name, code.replace("from gpiot_cli.synthesis.project_files.", "from ")
        )
    write_atomic(folder / "pipeline.py", _pipeline(record, steps, working))
    main = _render("main.py.j2", title=_title(record), data=_data_expression(record))
    write_atomic(folder / "main.py", _formatted(main))
    write_atomic(folder / "tests" / "test_project.py", _formatted(_render("test_project.py.j2")))
    data = folder / "data" if record.data_is_sample else Path(record.data)
    write_atomic(folder / "requirements.txt", requirements(folder, data))
    write_atomic(folder / "README.md", _readme(folder, record, steps, working))


def _pipeline(record: RunRecord, steps: list[_Step], working: list[_Step]) -> str:
    calls: list[dict[str, object]] = []
    types: dict[str, str] = {}
    meanings: dict[str, str] = {}
    for step in working:
        specification = step.record.specification
        assert specification is not None
        calls.append(
            {
                "number": step.number,
                "title": _one_line(specification.target),
                "module": step.module,
                "function": specification.name,
                "inputs": [p.name for p in specification.inputs],
                "outputs": [p.name for p in specification.outputs],
            }
        )
        types |= {p.name: p.type for p in specification.outputs}
        meanings |= {p.name: p.meaning for p in specification.outputs}
    text = _render(
        "pipeline.py.j2",
        title=_title(record),
        task=record.task,
        modules=[step.module for step in working],
        inputs=_inputs(working),
        results=_results(working),
        types=types,
        meanings=meanings,
        missing=_missing(steps),
        working=calls,
    )
    return _formatted(text)


def _inputs(working: list[_Step]) -> tuple[str, ...]:
    """What the steps need and no earlier step gives: the user's data."""
    given: set[str] = set()
    needed: dict[str, None] = {}
    for step in working:
        assert step.record.specification is not None
        needed |= {p.name: None for p in step.record.specification.inputs if p.name not in given}
        given |= {p.name for p in step.record.specification.outputs}
    return tuple(needed)


def _results(working: list[_Step]) -> tuple[str, ...]:
    last = working[-1].record.specification if working else None
    return tuple(p.name for p in last.outputs) if last else ()


def _missing(steps: list[_Step]) -> list[str]:
    return [
        f"Step {step.number} ({step.name}) has no working program: "
        f"{_one_line(step.record.reason).rstrip('.') or 'it was not tried'}."
        for step in steps
        if step.record.code is None
    ]


def _module(step: _Step, count: int) -> str:
    """The chosen program, opened by a docstring that says where it stands."""
    code = step.record.code or ""
    if ast.get_docstring(ast.parse(code)) is not None:
        return _formatted(code)
    return _formatted(f'"""Step {step.number} of {count}: {_quotable(step.target)}"""\n\n{code}')


def _docstring(step: _Step) -> str:
    """What the chosen program says about itself."""
    if step.record.code is None:
        return ""
    module = ast.parse(step.record.code)
    functions = [n for n in module.body if isinstance(n, ast.FunctionDef) and n.name == step.name]
    return next((ast.get_docstring(node) or "" for node in functions), "")


def _copy_recipe(folder: Path, name: str, source: Path) -> None:
    write_atomic(folder / "recipes" / "__init__.py", '"""Tested implementations."""\n')
    write_atomic(folder / "recipes" / f"{name}.py", source.read_text(encoding="utf-8"))


def _imported(working: list[_Step]) -> set[str]:
    return {recipe.name for step in working for recipe in recipes_used(step.record.code or "")}


def _remove_all_but(folder: Path, names: set[str]) -> None:
    """Remove files of an earlier writing, such as those of a step that got another name."""
    for path in folder.glob("*.*") if folder.is_dir() else ():
        if path.is_file() and path.name not in names:
            path.unlink()


def _data_expression(record: RunRecord) -> str:
    """Python for the default data: inside the project for a sample, else where the user's are."""
    if record.data_is_sample:
        return f'HERE / "data" / {Path(record.data).name!r}'
    return f"Path({record.data!r})"


def _readme(folder: Path, record: RunRecord, steps: list[_Step], working: list[_Step]) -> str:
    cases = _cases(folder)
    data = Path("data") / Path(record.data).name if record.data_is_sample else Path(record.data)
    return _render(
        "README.md.j2",
        title=_title(record),
        record=record,
        missing=_missing(steps),
        picture=_picture(folder, cases),
        cases=cases,
        scored=any(case["score"] for case in cases),
        steps=[
            {
                "number": step.number,
                "name": step.name,
                "page": step.page,
                "target": step.target,
                "failed": step.record.code is None,
                "tried": len(step.record.candidates),
                "passed": sum(c.verdict == "passed" for c in step.record.candidates),
                "verdict": _verdict(step),
            }
            for step in steps
        ],
        inputs=[f"`{name}`" for name in _inputs(working)],
        results=[f"`{name}`" for name in _results(working)],
        data_shown=data.as_posix(),
        sample_is_real=(folder / data / "README.md").exists(),
        warnings=[f"{step.name}: {warning}" for step in working for warning in step.warnings],
    )


def _verdict(step: _Step) -> str:
    if step.record.chosen is None:
        return f"none: {_one_line(step.record.reason) or 'not tried'}"
    origin = step.record.candidates[step.record.chosen].origin
    words = {
        "model": "a program by the model",
        "repair": "a program by the model, told how earlier ones failed",
        "recipe": "a recipe",
    }
    return f"{words[origin]}; {_one_line(step.record.reason)}".rstrip("; ")


class _Score(BaseModel):
    """How well the events found are those known to be true, 0 to 1."""

    accuracy: float
    precision: float
    recall: float


class _Case(BaseModel):
    """A recording as `main.py` sums it up."""

    name: str
    score: _Score | None = None
    results: dict[str, str] = {}
    error: str | None = None


class _Summary(BaseModel):
    """`results/summary.json`, which untrusted programs may have written."""

    cases: list[_Case]


def _cases(folder: Path) -> list[dict[str, str]]:
    """The recordings as `main.py` summed them up, for the README's table."""
    try:
        summary = _Summary.model_validate_json((folder / RESULTS / "summary.json").read_bytes())
    except (OSError, ValidationError):
        return []
    rows = []
    for case in summary.cases:
        score = case.score
        rates = [score.accuracy, score.precision, score.recall] if score else []
        results = ", ".join(f"{name}: {size}" for name, size in case.results.items())
        result = results if case.error is None else f"failed: {case.error}"
        scores = " | ".join(f"{rate:.1%}" for rate in rates)
        rows.append({"name": case.name, "score": scores, "result": result})
    return rows


def _picture(folder: Path, cases: list[dict[str, str]]) -> dict[str, str] | None:
    drawn = {file.name for file in (folder / RESULTS).glob("*.png")}
    for case in cases:
        name = f"{results_name(case['name'])}.png"
        if name in drawn:
            return {"case": case["name"], "file": (RESULTS / name).as_posix()}
    return None


def _title(record: RunRecord) -> str:
    """The task as a heading and a docstring, its first sentence when it is long."""
    task = _quotable(_one_line(record.task))
    first = task.split(". ")[0] if len(task) > 80 else task
    return first.rstrip(".")


def _quotable(text: str) -> str:
    """Text that cannot end the docstring that it stands in."""
    return text.replace("\\", "/").replace('"', "'")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _formatted(code: str) -> str:
    """Code as ruff formats it; as it is when ruff cannot read it."""
    done = ruff("format", code, "--line-length", "100")
    return done.stdout if done.returncode == 0 and done.stdout else code


def _render(template: str, **variables: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters["python"] = repr
    return environment.get_template(template).render(**variables)
