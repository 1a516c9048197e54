"""What gpiot knows: the shipped recipes and the user's documents, in one Chroma collection.

Chroma keeps its index in memory and reads what another process wrote only when it is opened. So
every operation opens it anew, under a lock on the folder, and closes it: 20 ms, and two processes
never work on one index. Embedding, which takes longer, happens outside the lock.

Layout of the folder: `chroma/` the collection, `checksums.json` those of its vector index,
`roots.json` the paths that the user added (so that a damaged collection can be built again), `lock`,
and two files that only a kill leaves: `open`, of a collection that was not closed, which is built
again if its index is not the one that was closed last (even a search writes it), and `rebuilding`,
of a collection that was not filled to the end.
"""

import fcntl
import hashlib
import json
import logging
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

from gpiot_cli import paths
from gpiot_cli.errors import GpiotError
from gpiot_cli.fetch import OnProgress
from gpiot_cli.files import sha256_of, write_atomic
from gpiot_cli.knowledge.documents import UnreadableError, files_under, read_passages
from gpiot_cli.knowledge.embedder import Embedder, open_embedder
from gpiot_cli.knowledge.recipe import Recipe, load_recipes

_log = logging.getLogger(__name__)  # its warnings go to stderr

Kind = Literal["recipe", "document"]
COLLECTION = "passages"
BATCH = 256
"""Passages embedded and written at a time: what a kill can lose."""
GENERIC = "generic"
"""The modality of what fits any signal; it passes every modality filter."""


@dataclass(frozen=True)
class Passage:
    """One search result, the nearest first."""

    text: str
    source: str
    """A document's path, or the paper that a recipe implements."""
    kind: Kind
    recipe: str | None
    """The recipe's name for `load_recipes()`; None for a document."""
    topic: str
    modality: str
    similarity: float
    """Cosine of the angle between query and passage."""


@dataclass(frozen=True)
class Source:
    """One thing that the store knows: a recipe, or a path that the user added."""

    source: str
    kind: Kind
    topic: str
    modality: str
    files: int
    passages: int


@dataclass
class Added:
    """What `add` took in and what it left out, with the reasons."""

    files: int = 0
    passages: int = 0
    skipped: list[tuple[Path, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """One vector: what is embedded, what is stored, and what filters see."""

    id: str
    embedded: str
    text: str
    metadata: dict[str, str | bool]


class Knowledge:
    """The store in `folder` (`GPIOT_HOME/knowledge`). Use `Knowledge.open()`."""

    def __init__(
        self,
        folder: Path | None = None,
        embedder: Embedder | None = None,
        *,
        progress: OnProgress | None = None,
    ) -> None:
        self.folder = folder or paths.home() / "knowledge"
        self._embedder = embedder or open_embedder()
        # A task is compared with many texts, and each of those is searched for as well.
        self._vector = lru_cache(maxsize=256)(lambda text: self._embedder([text])[0])
        self._progress = progress or _silent

    @classmethod
    def open(
        cls,
        folder: Path | None = None,
        embedder: Embedder | None = None,
        *,
        progress: OnProgress | None = None,
    ) -> "Knowledge":
        """The store, up to date with the shipped recipes. See `update`."""
        knowledge = cls(folder, embedder, progress=progress)
        knowledge.update()
        return knowledge

    def update(self) -> None:
        """Embed the recipes that are new or changed since the last time.

        A store made with another embedder is built again. A damaged one is a `GpiotError`.
        """
        with self._collection() as collection:
            made_with = collection.metadata["embedder"]
        if made_with != self._embedder.name:
            self.rebuild()
        elif (self.folder / "rebuilding").exists():
            self._fill()
        else:
            self._index_recipes()

    def search(
        self,
        query: str,
        k: int = 5,
        *,
        kind: Kind | None = None,
        modality: str | None = None,
        topic: str | None = None,
    ) -> list[Passage]:
        """The `k` passages nearest to `query`.

        `topic` and `modality` choose among recipes (generic ones always fit a modality); the
        user's documents have neither and are left out by `kind="recipe"` only.
        """
        if not query.strip():
            raise GpiotError("The query is empty.", "Say what you are looking for.")
        recipes = load_recipes().values()
        _refuse_unknown("topic", topic, (recipe.topic for recipe in recipes))
        _refuse_unknown("modality", modality, (m for r in recipes for m in r.modalities))
        vector = self._vector(query)
        with self._collection() as collection:
            found = collection.query(
                query_embeddings=[vector],
                n_results=k,
                where=_where(kind, modality, topic),
                include=["documents", "metadatas", "distances"],
            )
        columns = (found[key][0] for key in ("documents", "metadatas", "distances"))
        return [
            Passage(
                text=text,
                source=metadata["source"],
                kind=metadata["kind"],
                recipe=metadata.get("recipe"),
                topic=metadata["topic"],
                modality=metadata["modality"],
                similarity=1 - distance,
            )
            for text, metadata, distance in zip(*columns, strict=True)
        ]

    def likeness(self, one: str, other: str) -> float:
        """Cosine of the angle between two texts."""
        return sum(x * y for x, y in zip(self._vector(one), self._vector(other), strict=True))

    def add(self, path: Path) -> Added:
        """Take in a file or folder; what is unchanged stays, what is gone from it is removed.

        A path that gives nothing is not remembered.
        """
        path = path.expanduser().resolve()
        if not path.exists():
            raise GpiotError(f"{path} does not exist.", "Give the path of a file or a folder.")
        known = self._documents_under(path)
        added = Added()
        files = list(files_under(path))
        pending: list[Entry] = []
        for number, file in enumerate(files):
            self._progress(file.name, number, len(files))
            try:
                entries = _document_entries(file)
            except UnreadableError as reason:
                added.skipped.append((file, str(reason)))
                continue
            if not added.files:
                self._change_roots(lambda roots: roots | {str(path)})
            added.files += 1
            added.passages += len(entries)
            if known.pop(str(file), None) == (entries[0].metadata["sha256"], len(entries)):
                continue
            pending += entries
            if len(pending) >= BATCH:
                self._replace(pending)
                pending = []
        self._replace(pending)
        self._forget(known)
        return added

    def sources(self) -> list[Source]:
        """All recipes, then all paths that the user added."""
        with self._collection() as collection:
            metadatas = collection.get(include=["metadatas"])["metadatas"]
        recipes = {m["recipe"]: m for m in metadatas if m["kind"] == "recipe"}
        documents = [m["source"] for m in metadatas if m["kind"] == "document"]
        sources = [
            Source(name, "recipe", m["topic"], m["modality"], files=1, passages=1)
            for name, m in sorted(recipes.items(), key=lambda item: (item[1]["topic"], item[0]))
        ]
        for root in self._roots():
            inside = [source for source in documents if _is_under(source, root)]
            sources.append(Source(root, "document", "", "", len(set(inside)), len(inside)))
        return sources

    def remove(self, source: str | Path) -> int:
        """Forget a path that was added, or a file or folder in it; how many files that were.

        What lies in a folder that was added comes back when that folder is added again.
        """
        path = str(Path(source).expanduser().resolve())
        known = self._documents_under(Path(path))
        if not known and path not in self._roots():
            raise GpiotError(
                f"Nothing from {path} is known.", "`gpiot knowledge list` shows what is."
            )
        self._forget(known)
        self._change_roots(lambda roots: roots - {path})
        return len(known)

    def rebuild(self) -> Added:
        """Make the collection anew from the recipes and the paths that the user added.

        For a damaged store, which `open` refuses: `Knowledge().rebuild()`.
        """
        with _locked(self.folder):
            self._wipe()
        return self._fill()

    def _wipe(self) -> None:
        (self.folder / "open").touch()  # a kill now leaves half an index
        (self.folder / "rebuilding").touch()
        shutil.rmtree(self.folder / "chroma", ignore_errors=True)
        (self.folder / "checksums.json").unlink(missing_ok=True)

    def _fill(self) -> Added:
        """Put in what the collection lacks of the recipes and the paths that the user added."""
        self._index_recipes()
        total = Added()
        for root in self._roots():
            try:
                added = self.add(Path(root))
            except GpiotError as error:
                total.skipped.append((Path(root), error.message))
                continue
            total.files += added.files
            total.passages += added.passages
            total.skipped += added.skipped
        (self.folder / "rebuilding").unlink(missing_ok=True)
        return total

    def _index_recipes(self) -> None:
        entries = {recipe.name: _recipe_entry(recipe) for recipe in load_recipes().values()}
        with self._collection() as collection:
            stored = collection.get(where={"kind": "recipe"}, include=["metadatas"])["metadatas"]
        known = {m["recipe"]: m["sha256"] for m in stored}
        wanted = {name: entry.metadata["sha256"] for name, entry in entries.items()}
        stale = [name for name in known if wanted.get(name) != known[name]]
        fresh = [entry for name, entry in entries.items() if wanted[name] != known.get(name)]
        if stale:
            with self._collection() as collection:
                collection.delete(where={"recipe": {"$in": stale}})
        self._upsert(fresh, "recipes")

    def _documents_under(self, path: Path) -> dict[str, tuple[str, int]]:
        """SHA-256 and number of passages of each known document that is `path` or lies in it.

        A kill while a document is written leaves fewer passages than it has.
        """
        with self._collection() as collection:
            stored = collection.get(where={"kind": "document"}, include=["metadatas"])["metadatas"]
        passages = Counter(
            (m["source"], m["sha256"]) for m in stored if _is_under(m["source"], str(path))
        )
        return {source: (sha256, count) for (source, sha256), count in passages.items()}

    def _replace(self, entries: Sequence[Entry]) -> None:
        self._forget({str(entry.metadata["source"]) for entry in entries})
        self._upsert(entries, "passages")

    def _forget(self, documents: Iterable[str]) -> None:
        for batch in _batches(list(documents)):
            with self._collection() as collection:
                collection.delete(where={"source": {"$in": batch}})

    def _upsert(self, entries: Sequence[Entry], name: str) -> None:
        done = 0
        for batch in _batches(entries):
            vectors = []
            for entry in batch:
                self._progress(name, done, len(entries))
                vectors += self._embedder([entry.embedded])
                done += 1
            with self._collection() as collection:
                collection.upsert(
                    ids=[e.id for e in batch],
                    embeddings=vectors,
                    documents=[e.text for e in batch],
                    metadatas=[e.metadata for e in batch],
                )

    def _roots(self) -> list[str]:
        try:
            roots: list[str] = json.loads((self.folder / "roots.json").read_text())
        except FileNotFoundError:
            return []
        except ValueError as error:
            raise GpiotError(
                f"{self.folder / 'roots.json'} is damaged.", "Remove it and add your paths again."
            ) from error
        return roots

    def _change_roots(self, change: Callable[[set[str]], set[str]]) -> None:
        with _locked(self.folder):
            roots = sorted(change(set(self._roots())))
            write_atomic(self.folder / "roots.json", json.dumps(roots, indent=2) + "\n")

    @contextmanager
    def _collection(self) -> Iterator[Any]:
        """Open the collection, alone; whatever Chroma cannot do is a sentence with the remedy."""
        self._mend_after_kill()
        with _locked(self.folder):
            import chromadb
            from chromadb.api.shared_system_client import SharedSystemClient
            from chromadb.config import Settings

            if self._index_checksums() != self._read_checksums():
                raise self._damaged("its index was not written by gpiot, or not completely")
            (self.folder / "open").touch()
            try:
                client: Any = chromadb.PersistentClient(
                    str(self.folder / "chroma"), settings=Settings(anonymized_telemetry=False)
                )
                try:
                    yield client.get_or_create_collection(
                        COLLECTION,
                        embedding_function=None,  # else Chroma fetches a model of its own
                        configuration={"hnsw": {"space": "cosine"}},
                        metadata={"embedder": self._embedder.name},
                    )
                finally:
                    client.close()
            except BaseException as error:
                if _is_from_chroma(error):
                    # Chroma keeps a client that failed to open, and would hand it out again.
                    SharedSystemClient.clear_system_cache()
                    raise self._damaged(str(error)) from error
                self._write_checksums()
                raise
            else:
                self._write_checksums()
            finally:
                (self.folder / "open").unlink(missing_ok=True)

    def _mend_after_kill(self) -> None:
        """Build the collection again where a kill left an index that does not fit its checksums.

        Nothing of that index is read, for it might be anybody's. Who holds the lock is alone, so
        `open` can only be what a kill left.
        """
        with _locked(self.folder):
            killed = (self.folder / "open").exists()
            torn = killed and self._index_checksums() != self._read_checksums()
            if torn:
                self._wipe()
        if torn:
            _log.warning("A kill left the knowledge store unfinished; it is built again.")
            self._fill()

    def _damaged(self, reason: str) -> GpiotError:
        return GpiotError(
            f"The knowledge store in {self.folder} is damaged ({reason}).",
            "Run `gpiot knowledge rebuild`.",
        )

    def _index_checksums(self) -> dict[str, int]:
        """CRC-32 of Chroma's vector index: from a damaged one it gives nonsense or crashes."""
        files = sorted((self.folder / "chroma").glob("*/*"))
        return {f"{file.parent.name}/{file.name}": crc32(file.read_bytes()) for file in files}

    def _read_checksums(self) -> dict[str, int]:
        try:
            checksums: dict[str, int] = json.loads((self.folder / "checksums.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return checksums

    def _write_checksums(self) -> None:
        checksums = self._index_checksums()
        if checksums != self._read_checksums():
            write_atomic(self.folder / "checksums.json", json.dumps(checksums, indent=2) + "\n")


def _is_from_chroma(error: BaseException) -> bool:
    from chromadb.errors import ChromaError, InvalidArgumentError

    # PanicException, of Chroma's Rust part, is not an Exception and cannot be imported.
    panic = type(error).__name__ == "PanicException"
    return panic or (isinstance(error, ChromaError) and not isinstance(error, InvalidArgumentError))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Be the only one, of threads and processes, who works in `folder`; a kill lets go."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("w")
    except OSError as error:
        raise GpiotError(
            f"The knowledge store in {folder} cannot be written ({error.strerror}).",
            "Set GPIOT_HOME to a folder that you own.",
        ) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _recipe_entry(recipe: Recipe) -> Entry:
    """A recipe's one vector.

    Name, summary and keywords find as much as further vectors of prose and interface do: those
    bring in as many wrong recipes as right ones (tests/test_knowledge.py measures recall).
    """
    text = f"{recipe.name.replace('_', ' ')}. {recipe.summary} {', '.join(recipe.keywords)}"
    metadata: dict[str, str | bool] = {
        "kind": "recipe",
        "recipe": recipe.name,
        "source": recipe.source,
        "topic": recipe.topic,
        "modality": ", ".join(recipe.modalities),
        **{f"modality:{modality}": True for modality in recipe.modalities},
    }
    fingerprint = hashlib.sha256(repr((text, recipe.prose, metadata)).encode()).hexdigest()
    return Entry(f"recipe:{recipe.name}", text, recipe.prose, metadata | {"sha256": fingerprint})


def _document_entries(file: Path) -> list[Entry]:
    passages = read_passages(file)
    metadata: dict[str, str | bool] = {
        "kind": "document",
        "source": str(file),
        "topic": "",
        "modality": "",
        f"modality:{GENERIC}": True,
        "sha256": sha256_of(file),
    }
    return [Entry(f"{file}#{i}", text, text, metadata) for i, text in enumerate(passages)]


def _refuse_unknown(what: str, wanted: str | None, known: Iterable[str]) -> None:
    if wanted is not None and wanted not in (there := set(known)):
        choice = ", ".join(sorted(there))
        raise GpiotError(f"No recipe has the {what} {wanted!r}.", f"Give one of these: {choice}.")


def _where(kind: Kind | None, modality: str | None, topic: str | None) -> dict[str, Any] | None:
    """Chroma's filter for what `search` promises."""
    clauses: list[dict[str, Any]] = []
    if kind:
        clauses.append({"kind": kind})
    if topic:
        clauses.append({"topic": {"$in": [topic, ""]}})
    if modality:
        clauses.append({"$or": [{f"modality:{m}": True} for m in (modality, GENERIC)]})
    return {"$and": clauses} if len(clauses) > 1 else (clauses[0] if clauses else None)


def _is_under(path: str, root: str) -> bool:
    return Path(path).is_relative_to(root)


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _silent(_name: str, _done: int, _total: int) -> None:
    pass
