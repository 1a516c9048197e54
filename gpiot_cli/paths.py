"""Where things are kept: the user's data directory and the files this package ships."""

import os
from pathlib import Path

from platformdirs import user_data_path

PACKAGE = Path(__file__).parent


def home() -> Path:
    """The directory for models, adapters and knowledge; `GPIOT_HOME` overrides it."""
    override = os.environ.get("GPIOT_HOME")
    return Path(override).expanduser() if override else user_data_path("gpiot")


def shipped(kind: str) -> Path:
    """The directory `kind` ("prompts", "adapters") as shipped: inside a wheel, else the checkout."""
    packaged = PACKAGE / kind
    return packaged if packaged.is_dir() else PACKAGE.parent / kind
