"""Building blocks for GBNF grammars (llama.cpp's grammars/README.md)."""

import json
from collections.abc import Iterable


def literal(text: str) -> str:
    """A GBNF terminal that matches `text` exactly."""
    return json.dumps(text, ensure_ascii=False)


def one_of(texts: Iterable[str]) -> str:
    """A group that matches exactly one of the texts."""
    return "(" + " | ".join(literal(text) for text in texts) + ")"
