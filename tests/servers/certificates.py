"""A certificate authority for one test session, and certificates of its servers: good, expired, or of another name."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files."""

    certificate: Path
    key: Path


class Authority:
    """`ca_file` is what a client has to trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ca_file = folder / "ca.pem"
        self._key = folder / "ca.key"
        _openssl("req", "-x509", *_KEY, "-keyout", self._key, "-out", self.ca_file, "-days", 2, "-subj", "/CN=tests of homeward")

    def certificate(self, names: str = "DNS:localhost,IP:127.0.0.1,IP:::1", days: int = 2) -> Certificate:
        """`days` -1: it expired yesterday."""
        stem = self._folder / f"{len(list(self._folder.iterdir()))}"
        made = Certificate(stem.with_suffix(".pem"), stem.with_suffix(".key"))
        request, extension = stem.with_suffix(".csr"), stem.with_suffix(".ext")
        extension.write_text(f"subjectAltName={names}\n")
        _openssl("req", *_KEY, "-keyout", made.key, "-out", request, "-subj", "/CN=a server")
        _openssl(
            "x509", "-req", "-in", request, "-CA", self.ca_file, "-CAkey", self._key,
            "-days", days, "-out", made.certificate, "-extfile", extension,
        )  # fmt: skip
        return made


def _openssl(*arguments: object) -> None:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
