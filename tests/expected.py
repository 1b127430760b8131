"""Texts that people read, kept in files that people can read: HOMEWARD_WRITE_EXPECTED=1 writes them anew."""

from __future__ import annotations

import os
from difflib import unified_diff
from pathlib import Path


def as_expected(path: Path, text: str) -> None:
    if os.environ.get("HOMEWARD_WRITE_EXPECTED"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    expected = path.read_text("utf-8")
    assert text == expected, "\n".join(unified_diff(expected.splitlines(), text.splitlines(), str(path), "now", lineterm=""))
