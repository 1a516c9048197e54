"""The user's own documents, cut into passages that an embedder can take in one piece.

Markdown is cut at headings, Python at functions and classes, PDF at pages, everything else at
blank lines. Each passage starts with a line that says where it is from.
"""

import ast
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

PASSAGE = 1000
"""Characters in a passage, about the 256 tokens that the embedder reads."""
TEXT_LIMIT = 2_000_000
PDF_LIMIT = 100_000_000
MARKDOWN = {".md", ".markdown"}
TEXT = {".txt", ".rst", ".tex", ".yaml", ".yml", ".toml"}
CODE = {".py", ".c", ".h", ".cpp", ".cc", ".hpp", ".ino", ".rs", ".go", ".java", ".js", ".ts"}
CODE |= {".m", ".jl", ".r", ".sh", ".lua", ".swift", ".kt"}
FENCE = re.compile(r"^\s*(```|~~~)")
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
IGNORED = {"__pycache__", "node_modules", "build", "dist", "venv", "site-packages"}


class UnreadableError(Exception):
    """Why a file is left out, in words for the user."""


def files_under(path: Path) -> Iterator[Path]:
    """The files to read: `path` itself, or what lies under it; hidden and built things left out."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in IGNORED)
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def read_passages(path: Path) -> list[str]:
    """The passages of one file; `UnreadableError` says why there are none."""
    kind = path.suffix.lower()
    try:
        if not path.is_file():
            raise UnreadableError("not a regular file")
        if kind == ".pdf":
            passages = _pdf(path)
        elif kind in MARKDOWN | TEXT | CODE:
            passages = _text(path, kind)
        else:
            raise UnreadableError("not Markdown, text, PDF or code")
    except OSError as error:
        raise UnreadableError(error.strerror or "cannot be read") from error
    if not passages:
        raise UnreadableError("holds no text")
    return passages


def _text(path: Path, kind: str) -> list[str]:
    if path.stat().st_size > TEXT_LIMIT:
        raise UnreadableError(f"larger than {TEXT_LIMIT // 1_000_000} MB")
    data = path.read_bytes()
    if b"\0" in data:
        raise UnreadableError("binary")
    text = data.decode(errors="replace")
    if kind in MARKDOWN:
        sections = markdown_sections(text)
    elif kind == ".py":
        sections = python_sections(text)
    else:
        sections = [("", text)]
    return _passages(path, sections)


def _pdf(path: Path) -> list[str]:
    if path.stat().st_size > PDF_LIMIT:
        raise UnreadableError(f"larger than {PDF_LIMIT // 1_000_000} MB")
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(path)
        pages = [
            (f"page {number}", page.extract_text()) for number, page in enumerate(reader.pages, 1)
        ]
    except Exception as error:  # a damaged file makes pypdf raise whatever comes
        raise UnreadableError(f"a damaged or locked PDF ({error})") from error
    return _passages(path, pages)


def markdown_sections(text: str) -> list[tuple[str, str]]:
    """(headings above it joined by " > ", text) for each section; fenced code has no headings."""
    sections: list[tuple[str, str]] = []
    titles: list[str] = []
    levels: list[int] = []
    body: list[str] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= bool(FENCE.match(line))
        if not fenced and (match := HEADING.match(line)):
            sections.append((" > ".join(titles), "\n".join(body)))
            body = []
            while levels and levels[-1] >= len(match[1]):
                levels.pop()
                titles.pop()
            levels.append(len(match[1]))
            titles.append(match[2])
        else:
            body.append(line)
    return [*sections, (" > ".join(titles), "\n".join(body))]


def python_sections(text: str) -> list[tuple[str, str]]:
    """(name, source) for each function and class of a module, and ("", what stands between)."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return [("", text)]
    lines = text.splitlines()
    sections: list[tuple[str, str]] = []
    done = 0
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            start = min(n.lineno for n in (node, *node.decorator_list)) - 1
            sections.append(("", "\n".join(lines[done:start])))
            sections.append((node.name, "\n".join(lines[start : node.end_lineno])))
            done = node.end_lineno or start
    return [*sections, ("", "\n".join(lines[done:]))]


def _passages(path: Path, sections: list[tuple[str, str]]) -> list[str]:
    return [
        f"{path.name}{' > ' if title else ''}{title}\n{piece}"
        for title, text in sections
        for piece in _pieces(text)
    ]


def _pieces(text: str) -> list[str]:
    """Cut a text into pieces of at most PASSAGE characters: at blank lines, lines, then anywhere."""
    pieces: list[str] = []
    for part in _parts(text.strip(), ("\n\n", "\n")):
        if pieces and len(pieces[-1]) + len(part) <= PASSAGE:
            pieces[-1] += part
        else:
            pieces.append(part)
    return [piece.strip() for piece in pieces if piece.strip()]


def _parts(text: str, separators: tuple[str, ...]) -> Iterator[str]:
    if len(text) <= PASSAGE:
        yield text
    elif not separators:
        yield from (text[i : i + PASSAGE] for i in range(0, len(text), PASSAGE))
    else:
        separator, *finer = separators
        for part in text.split(separator):
            yield from _parts(part + separator, tuple(finer))
