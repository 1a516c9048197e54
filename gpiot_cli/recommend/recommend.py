"""The story of `devpiolt recommend`."""

from pathlib import Path

from gpiot_cli.errors import GpiotError
from gpiot_cli.recommend.records import BadLine, Operation, read_operations


def read_log(path: Path) -> list[Operation]:
    """The operations of a home, oldest first; lines that are none are left out.

    Raises `GpiotError` when there is no such file or nothing in it.
    """
    if not path.is_file():
        raise GpiotError(f"There is no file {path}.", "devpiolt import makes one from an export.")
    operations = [o for o in read_operations(path) if not isinstance(o, BadLine)]
    if not operations:
        raise GpiotError(f"{path} holds no operations.", "devpiolt import says why.")
    return sorted(operations, key=lambda operation: operation.time)
