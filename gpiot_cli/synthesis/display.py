"""What watches a run of `gpiot new`."""

from typing import Protocol

from gpiot_cli.synthesis.record import CandidateRecord


class Display(Protocol):
    """What watches a run: a terminal, or nothing."""

    def stage(self, title: str) -> None:
        """A stage begins."""

    def text(self, candidate: int, piece: str) -> None:
        """The model wrote a piece of a candidate's text."""

    def verdict(self, candidate: CandidateRecord) -> None:
        """A candidate was run."""

    def note(self, sentence: str) -> None:
        """Something worth knowing happened."""


class Silent:
    """Shows nothing."""

    def stage(self, title: str) -> None:
        """A stage begins."""

    def text(self, candidate: int, piece: str) -> None:
        """The model wrote a piece of a candidate's text."""

    def verdict(self, candidate: CandidateRecord) -> None:
        """A candidate was run."""

    def note(self, sentence: str) -> None:
        """Something worth knowing happened."""
