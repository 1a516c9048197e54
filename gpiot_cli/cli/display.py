"""What a person sees of a run, on stderr."""

import sys

from rich.console import Console

from gpiot_cli.synthesis.record import CandidateRecord


class Lines:
    """Plain lines of stages, verdicts and notes: for a log file."""

    def stage(self, title: str) -> None:
        """A stage begins."""
        self._line(title)

    def text(self, candidate: int, piece: str) -> None:
        """Nothing: half-written text is of no use in a log."""

    def verdict(self, candidate: CandidateRecord) -> None:
        """A candidate was run."""
        self._line(f"  {describe(candidate)}")

    def note(self, sentence: str) -> None:
        """Something worth knowing happened."""
        self._line(f"  {sentence}")

    def _line(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class Terminal:
    """Stages and verdicts, and the first candidate's text while the model writes it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._in_text = False

    def stage(self, title: str) -> None:
        """A stage begins."""
        self._line(f"\n{title}", "bold")

    def text(self, candidate: int, piece: str) -> None:
        """The first candidate's text; the others are written at the same time."""
        if candidate == 0:
            self._in_text = not piece.endswith("\n")
            self._console.out(piece, end="", style="dim", highlight=False)

    def verdict(self, candidate: CandidateRecord) -> None:
        """A candidate was run."""
        passed = candidate.verdict == "passed"
        mark, style = ("✓", "green") if passed else ("✗", "red")
        self._line(f"  {mark} {describe(candidate)}", style)

    def note(self, sentence: str) -> None:
        """Something worth knowing happened."""
        self._line(f"  {sentence}", "cyan")

    def _line(self, text: str, style: str) -> None:
        if self._in_text:
            self._console.out()
            self._in_text = False
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def describe(candidate: CandidateRecord) -> str:
    """A candidate and its verdict in one line."""
    time = f" ({candidate.seconds:.1f} s)" if candidate.seconds else ""
    warnings = f"; warnings: {'; '.join(candidate.warnings)}" if candidate.warnings else ""
    return f"{candidate.origin}: {candidate.verdict}{time}{warnings}"
