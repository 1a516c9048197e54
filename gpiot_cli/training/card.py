"""The card of a set of adapters: what it is, from what, and how it was made."""

import json
from pathlib import Path
from typing import Any

from gpiot_cli.engine.adapters import CARD, README, Card
from gpiot_cli.files import write_atomic


def write_card(folder: Path, card: Card) -> None:
    """Write README.md for people, then card.json, which says that the set is complete."""
    write_atomic(folder / README, _readme(card))
    content = card.model_dump(mode="json")
    write_atomic(folder / CARD, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _readme(card: Card) -> str:
    adapters = [
        f"| `{file.file}` | {file.size / 1e6:.1f} MB | `{file.sha256}` |"
        for file in card.adapters.values()
    ]
    mixes = [
        f"- {role}: " + " + ".join(f"{scale:g} × {name}" for name, scale in mix.items())
        for role, mix in card.mixes.items()
    ]
    return f"""\
# {card.name}

LoRA adapters for `{card.base.name}` (SHA-256 `{card.base.sha256}`), and for no other file.
Method: {card.method}.

| file | size | SHA-256 |
|---|---|---|
{chr(10).join(adapters)}

{chr(10).join(mixes)}

## Data

{_table(card.data)}

## Training

{_list(card.training)}

{_list(card.hardware)}

Settings:

{_list(card.settings)}
{_results(card.results)}"""


def _results(results: dict[str, Any]) -> str:
    return f"\n## Results\n\n{_list(results)}\n" if results else ""


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "None recorded."
    keys = list(rows[0])
    lines = [f"| {' | '.join(keys)} |", "|---" * len(keys) + "|"]
    lines += ["| " + " | ".join(str(row.get(key, "")) for key in keys) + " |" for row in rows]
    return "\n".join(lines)


def _list(facts: dict[str, Any]) -> str:
    return "\n".join(f"- {key}: {value}" for key, value in facts.items())
