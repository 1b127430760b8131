"""Hears from the kernel that there is a way out again: a new default route (rtnetlink(7)). No other program is needed for it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator

_ROUTES = 0x40 | 0x400  # RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_ROUTE
_HEADER = struct.Struct("=LHHLL")  # nlmsghdr: length, type, flags, sequence, sender
_ROUTE = struct.Struct("=8B")  # the beginning of rtmsg: family, bits of the destination, ..., table, protocol, scope, type
_NEW_ROUTE, _MAIN, _UNICAST = 24, 254, 1


class NetworkWatch:
    """OSError where the kernel does not tell us."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
        try:
            self._socket.bind((0, _ROUTES))
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def events(self) -> Iterable[str]:
        """OSError where the kernel is heard no more."""
        found = False
        while True:
            try:
                found |= leads_out(self._socket.recv(65_536))
            except BlockingIOError:
                return ("network",) if found else ()
            except OSError as error:
                if error.errno != 105:  # ENOBUFS: so much has changed that some of it was lost
                    raise
                found = True


def leads_out(data: bytes) -> bool:
    """Whether the kernel tells of a new default route there."""
    return any(map(_is_new_default, _messages(data)))


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and content of each; what is cut off is left out."""
    while len(data) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(data)
        if not _HEADER.size <= length <= len(data):
            return
        yield kind, data[_HEADER.size : length]
        data = data[(length + 3) & ~3 :]


def _is_new_default(message: tuple[int, bytes]) -> bool:
    kind, content = message
    if kind != _NEW_ROUTE or len(content) < _ROUTE.size:
        return False
    _, bits, _, _, table, _, _, way = _ROUTE.unpack_from(content)
    return bool(bits == 0 and table == _MAIN and way == _UNICAST)
