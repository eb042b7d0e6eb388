"""What a test may have left running."""

import os
from pathlib import Path


def users(folder: Path) -> list[Path]:
    """The processes whose command lines name a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in words:
            found.append(process)
    return found
