"""Packages that only some commands need: they come with an extra of `gpiot-cli`."""

from importlib.util import find_spec

from gpiot_cli.errors import GpiotError

EXTRAS = {
    "train": ("torch", "transformers", "peft", "accelerate", "gguf"),
    "data": ("docstring_parser", "datasketch"),
    "bench": ("sacrebleu", "bandit"),
}
"""What of an extra is imported or run."""


def need(extra: str) -> None:
    """Raise `GpiotError` unless what the extra brings is installed."""
    if missing := [name for name in EXTRAS[extra] if find_spec(name) is None]:
        raise GpiotError(
            f"This needs packages that are not installed: {', '.join(missing)}.",
            f"Install them with `pip install 'gpiot-cli[{extra}]'`.",
        )
