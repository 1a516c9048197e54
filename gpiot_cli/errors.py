"""Errors a user can act on: one sentence and the remedy, never a traceback."""


class GpiotError(Exception):
    """An expected failure. The command line prints it and exits with 1."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
