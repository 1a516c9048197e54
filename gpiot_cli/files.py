"""Writing files so that a kill at any moment leaves the old one or the new one."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from gpiot_cli.errors import GpiotError


def write_atomic(path: Path, content: str | bytes | Iterable[bytes]) -> None:
    """Write `content` to a temporary neighbour of `path`, then rename it into place.

    Pieces are written as they come and need not fit in memory. Who may read the file is what the
    process's umask says. A symbolic link is replaced, since untrusted programs may have left it.
    Raises `GpiotError` for a device or a pipe.
    """
    refuse_special(path)
    if isinstance(content, str):
        content = content.encode()
    pieces = (content,) if isinstance(content, bytes) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    # `tempfile` would close the file to all but its owner, whatever the umask.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with temporary.open("xb") as file:
        try:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def refuse_special(path: Path) -> None:
    """Raise `GpiotError` for a device, pipe or socket, which a rename would destroy."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise GpiotError(f"{path} is a device or a pipe, not a file.", "Name a file.")


def sha256_of(path: Path) -> str:
    """The hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
