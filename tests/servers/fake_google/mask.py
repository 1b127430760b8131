"""Partial responses: what `fields=items(id,start/date),nextPageToken` leaves of an answer."""

from __future__ import annotations

import re
from typing import Any

from tests.servers.fake_google.refusal import invalid

Tree = dict[str, Any]


def apply_mask(text: str, value: Any) -> Any:
    tree, rest = _tree(re.findall(r"[A-Za-z0-9_.*-]+|[(),/]", text))
    if rest or not tree or re.sub(r"[A-Za-z0-9_.*(),/-]", "", text):
        raise invalid(f"Invalid field selection {text[:60]}", "invalidParameter")
    return _kept(tree, value)


def _tree(tokens: list[str]) -> tuple[Tree, list[str]]:
    tree: Tree = {}
    while tokens and tokens[0] != ")":
        name, tokens = tokens[0], tokens[1:]
        if name in "(,/":
            raise invalid("Invalid field selection", "invalidParameter")
        node = tree.setdefault(name, {})
        while tokens[:1] == ["/"]:
            if len(tokens) < 2:
                raise invalid("Invalid field selection", "invalidParameter")
            node, tokens = node.setdefault(tokens[1], {}), tokens[2:]
        if tokens[:1] == ["("]:
            inner, tokens = _tree(tokens[1:])
            node.update(inner)
            if tokens[:1] != [")"]:
                raise invalid("Invalid field selection", "invalidParameter")
            tokens = tokens[1:]
        if tokens[:1] == [","]:
            tokens = tokens[1:]
    return tree, tokens


def _kept(tree: Tree, value: Any) -> Any:
    if not tree or "*" in tree:
        return value
    if isinstance(value, list):
        return [_kept(tree, each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _kept(tree[name], each) for name, each in value.items() if name in tree}
