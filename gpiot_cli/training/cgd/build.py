"""`gpiot data cgd`: packages → environment → documented objects → what runs → pairs → data set.

Everything that took long is kept in `OUT/work`: the environment, the lists of objects, and one line
for each object that was tried. The same command goes on from there.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from gpiot_cli.bench.contamination import near_iotbench
from gpiot_cli.files import write_atomic
from gpiot_cli.knowledge.embedder import Embedder
from gpiot_cli.training.cgd.documentation import read
from gpiot_cli.training.cgd.environment import Environment, Say, prepare
from gpiot_cli.training.cgd.execute import Job, Verdict, execute, key_of
from gpiot_cli.training.cgd.mine import mine
from gpiot_cli.training.cgd.packages import Package
from gpiot_cli.training.cgd.pairs import STUB, Source, code_pairs, description_pair
from gpiot_cli.training.cgd.tasks import task_of
from gpiot_cli.training.dataset import Example, without_near_duplicates, write_dataset

REPORT = "report.json"
CARD = """\
# Code generation data set

Question and answer pairs on Python packages for IoT work, after GPIoT (section 4.1.2), made by
`gpiot data cgd` from the documentation of installed packages. What a pair says of its verification
(`source.strength`) was found by running it:

- output checked: the example ran, and every output that its documentation shows came out, at least
  one; a function that was cut out of it gives the same on the example's data;
- runs: it ran without an error, but no output was compared, or one differed;
- runs on stub data: the function has no example; called on a synthetic signal it gives the same
  result twice, which says nothing about its sense;
- documentation: a description, nothing was run.

Kinds (`source.kind`): D1 module description, D2 module implementation, D3 example implementation
with its structured specification. `source.origin` is "raw" for what the packages document and
"written" for examples on loopbacks that were written for communication packages. `source.core`
tells whether an object belongs to IoT work by the catalog of packages.

The texts are those of the packages, each under its licence (`source.licence`). Split by function.
What is near a task of IoTBench by {compared} is left out."""

KIND_ORDER = ("D3", "D2", "D1")
STRENGTH_ORDER = ("output checked", "runs", STUB, "documentation")

OnProgress = Callable[[str, int, int], None]
"""Called with what is done, how many it has been done with, and how many there are."""


class PackageReport(BaseModel):
    """What came of a package."""

    model_config = ConfigDict(frozen=True)

    version: str
    licence: str
    objects: int
    """Documented ones."""
    tried: int
    """Those with examples that could be run."""
    verdicts: dict[str, int]
    pairs: dict[str, int]
    """By kind, in the data set."""


class Report(BaseModel):
    """How many of what."""

    model_config = ConfigDict(frozen=True)

    packages: dict[str, PackageReport]
    not_installed: dict[str, str]
    pairs: int
    by_kind: dict[str, int]
    by_strength: dict[str, int]
    by_topic: dict[str, int]
    by_origin: dict[str, int]
    core: dict[str, int]
    """Of IoT work and under no copyleft: pairs whose code ran, those with checked output, and the
    objects that they are about."""
    near_duplicates: int
    """Left out."""
    contaminated: dict[str, int]
    """Left out for being near a task of IoTBench, by how that shows."""
    failures: dict[str, int]
    """The commonest reasons why examples did not run."""
    versions: dict[str, str]
    """Everything that was installed."""


@dataclass(frozen=True)
class Tried:
    """An object, its source, and the job that tries it, if it can be tried."""

    source: Source
    job: Job | None
    stub: bool


def build(
    out: Path,
    packages: Sequence[Package],
    *,
    workers: int,
    embedder: Embedder | None = None,
    say: Say,
    on_progress: OnProgress,
) -> Report:
    """Build the data set in `out` and report on it.

    With an `embedder`, pairs whose meaning is near a task of IoTBench are left out as well. The card
    tells whether they were.
    """
    work = out / "work"
    work.mkdir(parents=True, exist_ok=True)
    environment = prepare(work / "environment", packages, say)
    present = [package for package in packages if package.name not in environment.faults]
    objects = {p.name: _objects(p, environment, work, say) for p in present}

    jobs = [[tried.job for tried in objects[p.name] if tried.job] for p in present]
    total, done = sum(map(len, jobs)), 0

    def on_done(count: int) -> None:
        nonlocal done
        done += count
        on_progress("Running examples", done, total)

    verdicts = execute(jobs, environment, work, workers=workers, on_done=on_done)
    say("Making pairs")
    distinct, near = without_near_duplicates(_pairs(objects, verdicts))
    wanted = _with_few_descriptions(distinct)
    watched = _Watched(embedder, on_progress) if embedder else None
    leaked = near_iotbench({example.id: example.text for example in wanted}, watched)
    examples = [example for example in wanted if example.id not in leaked]
    contaminated = Counter[str](kind for kinds in leaked.values() for kind in kinds)
    compared = "its names, words, code or meaning" if embedder else "its names, words or code"
    write_dataset(out, examples, CARD.format(compared=compared))
    report = _report(examples, objects, verdicts, environment, near, contaminated)
    write_atomic(out / REPORT, report.model_dump_json(indent=1) + "\n")
    return report


class _Watched:
    """An embedder that tells how far it has come: thousands of texts take it many minutes."""

    def __init__(self, embedder: Embedder, on_progress: OnProgress) -> None:
        self._embedder = embedder
        self._on_progress = on_progress
        self.name = embedder.name

    def __call__(self, texts: list[str]) -> list[list[float]]:
        """One vector of length 1 for each text."""
        vectors = []
        for number, text in enumerate(texts, start=1):
            vectors += self._embedder([text])
            self._on_progress("Comparing with IoTBench", number, len(texts))
        return vectors


def _objects(package: Package, environment: Environment, work: Path, say: Say) -> list[Tried]:
    """The package's documented objects, each with its task."""
    fingerprint = environment.fingerprint(package)
    read_ones = [(d, read(d.docstring)) for d in mine(package, environment, work, say)]
    catalog = {d.path: (d, t) for d, t in read_ones}
    version = environment.version(package)
    found = []
    for documented, documentation in read_ones:
        task = task_of(documented, documentation, package, catalog)
        job = Job(task, key_of(task, fingerprint)) if task else None
        source = Source(package, version, documented, documentation, catalog)
        found.append(Tried(source, job, stub=not documentation.blocks))
    return found


def _pairs(
    objects: Mapping[str, Sequence[Tried]], verdicts: Mapping[str, Verdict]
) -> list[Example]:
    """All pairs, the best first, so that of near-duplicates the best one stays."""
    pairs: dict[str, Example] = {}
    for tried in (t for package in objects.values() for t in package):
        verdict = verdicts[tried.job.key] if tried.job else None
        found = (
            code_pairs(tried.source, verdict, stub=tried.stub) if verdict and verdict.ran else []
        )
        described = description_pair(tried.source)
        for pair in [*found, *([described] if described else [])]:
            pairs.setdefault(pair.id, pair)
    return sorted(
        pairs.values(),
        key=lambda p: (
            KIND_ORDER.index(p.source["kind"]),
            STRENGTH_ORDER.index(p.source["strength"]),
            p.source["core"] != "yes",
            p.id,
        ),
    )


def _with_few_descriptions(examples: Sequence[Example]) -> list[Example]:
    """At most as many descriptions (D1) as pairs with code, first of the objects that have those."""
    code = [example for example in examples if example.source["kind"] != "D1"]
    groups = {example.group for example in code}
    described = [
        example
        for example in examples
        if example.source["kind"] == "D1" and example.source["core"] == "yes"
    ]
    described.sort(key=lambda example: (example.group not in groups, example.id[-8:]))
    return code + described[: len(code)]


def _report(
    examples: Sequence[Example],
    objects: Mapping[str, Sequence[Tried]],
    verdicts: Mapping[str, Verdict],
    environment: Environment,
    near: int,
    contaminated: dict[str, int],
) -> Report:
    def count(key: str) -> dict[str, int]:
        return dict(Counter(example.source[key] for example in examples).most_common())

    packages, failures = {}, Counter[str]()
    for name, found in objects.items():
        own = [verdicts[t.job.key] for t in found if t.job]
        failures.update(v.reason.split(":")[0][:60] for v in own if not v.ran)
        package = found[0].source.package if found else None
        packages[name] = PackageReport(
            version=environment.version(package) if package else "",
            licence=package.licence if package else "",
            objects=len(found),
            tried=len(own),
            verdicts=dict(Counter(v.verdict for v in own)),
            pairs=dict(Counter(e.source["kind"] for e in examples if e.source["package"] == name)),
        )
    free = {
        t.source.package.name for f in objects.values() for t in f if not t.source.package.copyleft
    }
    core = [
        e
        for e in examples
        if e.source["core"] == "yes" and e.source["kind"] != "D1" and e.source["package"] in free
    ]
    checked = [e for e in core if e.source["strength"] == "output checked"]
    return Report(
        packages=packages,
        not_installed=environment.faults,
        pairs=len(examples),
        by_kind=count("kind"),
        by_strength=count("strength"),
        by_topic=count("topic"),
        by_origin=count("origin"),
        core={
            "pairs that ran": len(core),
            "pairs with checked output": len(checked),
            "objects that ran": len({e.group for e in core}),
            "objects with checked output": len({e.group for e in checked}),
        },
        near_duplicates=near,
        contaminated=contaminated,
        failures=dict(failures.most_common(12)),
        versions=environment.versions,
    )
