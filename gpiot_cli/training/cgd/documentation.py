"""Reads a docstring: summary, parameters, results, and the examples as statements with outputs."""

import ast
import doctest
import re
from collections.abc import Callable, Iterator

import docstring_parser
from pydantic import BaseModel, ConfigDict

EXAMPLES = re.compile(
    r"^Examples?:?\s*\n(?:[-=~]{3,}\s*\n)?(.*?)(?=^\S[^\n]*\n[-=~]{3,}\s*$|\Z)", re.M | re.S
)
CODE_BLOCK = re.compile(
    r"^[ \t]*\.\. (?:ipython|code-block|code):: *[Pp]ython\d?[ \t]*\n((?:[ \t]*\n|[ \t]+\S[^\n]*\n?)+)",
    re.M,
)
DIRECTIVE = re.compile(r"^[ \t]*\.\. [\w:-]+::.*\n(?:[ \t]*:\w[^\n]*\n|[ \t]*\n)*", re.M)
ROLE = re.compile(r":[\w:+-]+:`~?([^`<]+?)(?:\s*<[^>`]*>)?`")
LINK = re.compile(r"`([^`<]+?)\s*<[^>`]*>`_+")
CITATION = re.compile(r"\s*\[[\w*]+\]_")
FIRST_LINE_SIGNATURE = re.compile(r"[\w.]+\(.*\)(?:\s*->.*)?")


class Field(BaseModel):
    """A documented parameter or result; name and type may be empty."""

    model_config = ConfigDict(frozen=True)

    name: str
    type: str
    meaning: str


class Block(BaseModel):
    """A part of an example: what is said before it, its code, and the output that is documented."""

    model_config = ConfigDict(frozen=True)

    prose: str
    source: str
    want: str = ""
    error: str = ""
    """The documented exception's last line."""


class Documentation(BaseModel):
    """A docstring's parts, as plain text."""

    model_config = ConfigDict(frozen=True)

    summary: str
    """One line that ends with a full stop."""
    description: str
    parameters: tuple[Field, ...] = ()
    returns: tuple[Field, ...] = ()
    blocks: tuple[Block, ...] = ()
    fault: str = ""
    """Why its examples cannot be run; empty where they can or where there are none."""


def read(docstring: str) -> Documentation:
    """Read a docstring in numpydoc's, Google's or Sphinx's style; what cannot be read is left out."""
    lines = docstring.strip().splitlines()
    if lines and FIRST_LINE_SIGNATURE.fullmatch(lines[0].strip()):  # compiled functions have it
        docstring = "\n".join(lines[1:]).strip()
    blocks, fault = _examples(docstring)
    try:
        parsed = _parser(docstring)(docstring)
    except Exception:  # the library raises whatever a malformed section makes it stumble over
        parsed = docstring_parser.Docstring()
    paragraphs = _prose(docstring)
    summary, _, more = " ".join(paragraphs[0].split()).partition(". ") if paragraphs else ("",) * 3
    description = "\n\n".join(filter(None, [more, *paragraphs[1:]]))
    returns = parsed.many_returns or ([parsed.returns] if parsed.returns else [])
    return Documentation(
        summary=summary.rstrip(".: ") + "." if summary else "",
        description=description,
        parameters=tuple(
            Field(
                name=name.strip().lstrip("*"),
                type=plain(p.type_name or ""),
                meaning=plain(p.description or ""),
            )
            for p in parsed.params
            if p.args[:1] == ["param"]
            for name in p.arg_name.split(",")
            if name.strip().lstrip("*").isidentifier()
        ),
        returns=tuple(
            Field(
                name=name if (name := r.return_name or "").isidentifier() else "",
                type=plain(r.type_name or ""),
                meaning=plain(r.description or ""),
            )
            for r in returns
        ),
        blocks=tuple(blocks),
        fault=fault,
    )


def plain(text: str) -> str:
    """Text without the marks of reStructuredText, paragraphs as they are."""
    text = DIRECTIVE.sub("", text)
    text = ROLE.sub(r"\1", text)
    text = LINK.sub(r"\1", text)
    text = CITATION.sub("", text)
    text = text.replace("``", "`").replace("::\n", ":\n")
    return re.sub(r"[ \t]+\n", "\n", text).strip()


def sentence(text: str, most: int = 160) -> str:
    """The first sentence of a text, in one line, cut at a word."""
    line = " ".join(text.split("\n\n")[0].split())
    first = re.split(r"(?<=[a-z\d)`'\]])\. ", line, maxsplit=1)[0].rstrip(".: ")
    return first if len(first) <= most else first[:most].rpartition(" ")[0].rstrip(",;:( ") + " …"


def _prose(docstring: str) -> list[str]:
    """The paragraphs before the first section and the first code."""
    text = re.split(
        r"^\S[^\n]*\n[-=~]{3,}\s*$|^\s*[A-Z]\w+:\s*$|^\s*:\w|^\s*>>>", docstring, flags=re.M
    )[0]
    return [p.strip() for p in re.split(r"\n\s*\n", plain(text)) if p.strip()]


def _parser(docstring: str) -> Callable[[str], docstring_parser.Docstring]:
    """The parser for the style that a docstring is written in."""
    if re.search(r"^-{3,}\s*$", docstring, re.M):
        return docstring_parser.numpydoc.parse
    if re.search(r"^\s*(?:Args|Arguments|Parameters):\s*$", docstring, re.M):
        return docstring_parser.google.parse
    return docstring_parser.rest.parse


def _examples(docstring: str) -> tuple[list[Block], str]:
    """The blocks of the section on examples, or of the whole docstring where it has none."""
    found = EXAMPLES.search(docstring)
    text = found[1] if found else docstring
    if ">>>" not in text:
        return _scripts(text), ""
    blocks, prose = [], ""
    try:
        pieces = doctest.DocTestParser().parse(text)
    except ValueError as fault:
        return [], f"its examples are malformed: {fault}"[:200]
    for piece in pieces:
        if isinstance(piece, str):
            prose = _comment(piece)
            continue
        if piece.options.get(doctest.SKIP):
            return [], "its examples are marked not to be run"
        error = (piece.exc_msg or "").strip()
        source = piece.source.rstrip("\n")
        if source.strip():
            blocks.append(Block(prose=prose, source=source, want=piece.want, error=error))
            prose = ""
    return blocks, ""


def _scripts(text: str) -> list[Block]:
    """The statements of blocks of code without prompts and outputs, as IPython's directive has them."""
    blocks = []
    before = 0
    for match in CODE_BLOCK.finditer(text):
        prose, before = _comment(text[before : match.start()]), match.end()
        lines = [line for line in match[1].splitlines() if not line.lstrip().startswith(("@", ":"))]
        margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        for source in _statements("\n".join(line[margin:] for line in lines)):
            blocks.append(Block(prose=prose, source=source))
            prose = ""
    return blocks


def _statements(code: str) -> Iterator[str]:
    try:
        nodes = ast.parse(code).body
    except SyntaxError:
        return
    for node in nodes:
        if source := ast.get_source_segment(code, node):
            yield source


def _comment(text: str) -> str:
    """The last paragraphs of prose before code, as a comment of at most three lines."""
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", plain(text)) if p.strip()]
    return sentence(paragraphs[-1], most=200) if paragraphs else ""
