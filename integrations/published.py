"""Calendar files that others subscribe to: written whole, only where they say something new, and never over a file that is not
homeward's."""

from __future__ import annotations

import re
from pathlib import Path

from integrations.disk import replace_whole, told
from integrations.errors import Permanent

_OURS = b"PRODID:-//homeward//"
_STAMPS = re.compile(rb"^DTSTAMP:[^\r\n]*\r?\n", re.MULTILINE)  # when it was written: no news (RFC 5545 3.8.7.2)
_MOST = 4 * 1024 * 1024  # bytes; what is larger is not ours


def publish(path: Path, text: str) -> bool:
    """Whether it was written. A new file is made only where there is an event to tell; the folder has to be there. Readable by
    whoever may enter that. Permanent or Temporary where it cannot be written."""
    content = text.encode()
    with told(f"publish the coverage as {path}"):
        before = _read(path)
        if before is None and b"BEGIN:VEVENT" not in content:
            return False
        if before is not None and _OURS not in before:
            raise Permanent(f"{path} is not homeward's, and stays as it is. Name another folder in [brief].")
        if before is not None and _STAMPS.sub(b"", before) == _STAMPS.sub(b"", content):
            return False
        replace_whole(path, content)
        path.chmod(0o644)  # whatever the umask is: others are to read it
    return True


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(_MOST)
    except FileNotFoundError:
        return None
