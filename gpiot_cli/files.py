"""Writing files so that a kill at any moment leaves the old one or the new one."""

import hashlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write `content` to a temporary neighbour of `path`, then rename it into place."""
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as temporary:
        try:
            temporary.write(data)
            temporary.flush()
            os.fsync(temporary.fileno())
        except BaseException:
            Path(temporary.name).unlink()
            raise
    Path(temporary.name).chmod(0o644)
    Path(temporary.name).replace(path)


def sha256_of(path: Path) -> str:
    """The hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
