"""stdout carries the product, stderr the talk."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from gpiot_cli.fetch import OnProgress

talk = Console(stderr=True, highlight=False)
"""Where messages, progress and errors go."""


def say(words: str) -> None:
    """Print a line on stderr as it is, however long."""
    talk.print(words, markup=False, soft_wrap=True)


def print_json(data: Any) -> None:
    """Print `data` on stdout as indented JSON."""
    json.dump(data, sys.stdout, indent=2, ensure_ascii=False)
    print()


@contextmanager
def download_bar(name: str) -> Iterator[OnProgress]:
    """A progress bar on stderr for `gpiot_cli.fetch.fetch(progress=...)`."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=talk, transient=True) as progress:
        task = progress.add_task(name, total=None)

        def update(source: str, done: int, total: int) -> None:
            label = f"{name} from {source}"
            progress.update(task, description=label, completed=done, total=total or None)

        yield update
