"""Headless Chromium (Debian) on a page of ours: the document as the browser understood it, and what one would see."""

from __future__ import annotations

import struct
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path

_BROWSER = "chromium-headless-shell"


def document(page: Path) -> str:
    """What the browser made of the page, once every script that it let run has run."""
    return _run(page, "--dump-dom").stdout


def screenshot(page: Path, out: Path, wide: int, high: int) -> Sequence[bytes]:
    """Rows of RGB triples; the picture is at `out`, too."""
    _run(page, "--hide-scrollbars", "--force-color-profile=srgb", f"--window-size={wide},{high}", f"--screenshot={out}")
    return pixels(out.read_bytes())


def _run(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    own = page.parent / "browser"
    own.mkdir(exist_ok=True)
    # root has no sandbox of its own to run it in; the page is a file of ours.
    command = [_BROWSER, "--no-sandbox", "--disable-gpu", f"--user-data-dir={own}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=True)


def pixels(png: bytes) -> list[bytes]:
    """An 8-bit RGB or RGBA picture without interlacing (ISO 15948), as Chromium writes it."""
    chunks, place = b"", 8
    wide = high = size = 0
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        data = png[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            wide, high, depth, colour = struct.unpack(">IIBB", data[:10])
            assert depth == 8 and colour in (2, 6) and not data[12]
            size = 3 if colour == 2 else 4
        chunks += data if kind == b"IDAT" else b""
        place += length + 12
    return _rows(zlib.decompress(chunks), wide, high, size)


def _rows(raw: bytes, wide: int, high: int, size: int) -> list[bytes]:
    rows, above, stride = [], bytearray(wide * size), wide * size
    for number in range(high):
        start = number * (stride + 1)
        row = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), above, size)
        rows.append(b"".join(bytes(row[at : at + 3]) for at in range(0, stride, size)))
        above = row
    return rows


def _unfiltered(kind: int, row: bytearray, above: bytearray, size: int) -> bytearray:
    for at in range(len(row)):
        left = row[at - size] if at >= size else 0
        up, corner = above[at], above[at - size] if at >= size else 0
        row[at] = (row[at] + (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]) & 255
    return row


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda near: abs(guess - near))
