"""What filters of the user's own keep out of the inbox, as searches. At Gmail every filter acts on a message: beside one that
holds it, another may have filed it away, and what it filed away never belonged in the inbox. Asks nobody anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_INBOX = "INBOX"
_MOST_CHARACTERS = 1400  # of one search


def searches_for_filed(filters: Iterable[Mapping[str, Any]], held_label: str) -> Iterator[str]:
    """Queries that together find all that any filter but ours keeps out of the inbox. `filters` as Gmail lists them."""
    terms = (_query(each.get("criteria") or {}) for each in filters if _files_away(each.get("action") or {}, held_label))
    together: list[str] = []
    for term in dict.fromkeys(f"({term})" for term in terms if term):
        if together and sum(map(len, together)) + len(together) + len(term) > _MOST_CHARACTERS:
            yield f"{{{' '.join(together)}}}"
            together = []
        together.append(term)
    if together:
        yield f"{{{' '.join(together)}}}"


def _files_away(action: Mapping[str, Any], held_label: str) -> bool:
    return _INBOX in action.get("removeLabelIds", ()) and held_label not in action.get("addLabelIds", ())


def _query(criteria: Mapping[str, Any]) -> str:
    """Criteria as the words of a search. "" where they only exclude: that may be a filter of ours from before the label had
    another name, and mail is rather shown than filed."""
    words = [f"{name}:({criteria[name]})" for name in ("from", "to", "subject") if criteria.get(name)]
    words += [f"({criteria['query']})"] if criteria.get("query") else []
    words += ["has:attachment"] if criteria.get("hasAttachment") else []
    if criteria.get("size") and criteria.get("sizeComparison") in ("larger", "smaller"):
        words.append(f"{criteria['sizeComparison']}:{criteria['size']}")
    if words and criteria.get("negatedQuery"):
        words.append(f"-({criteria['negatedQuery']})")
    return " ".join(words)
