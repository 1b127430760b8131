"""What Gmail's filters have to say so that they hold all mail but what always passes. A filter can only name what it takes, so
the exceptions stand in it negated; where they are too long for one filter, senders' domains are dealt out among several that
never meet the same message. Asks nobody anything."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from integrations.ports import Lease

MOST_CHARACTERS = 1400  # of one filter's criteria; Gmail refuses somewhat more
_MOST_FILTERS = 20
_ADDRESS = re.compile(r"[a-z0-9._%+'=/-]{1,64}@[a-z0-9.-]{1,190}\Z")
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+\Z")
_ANSWERS = "filename:ics"  # calendar replies; invitations pass with them, and are held by the next pass

Criteria = dict[str, str]


class Hold(Struct, frozen=True):
    """`filters` are the criteria of each; `left_out` are exceptions for which there was no room: what they let through is held at
    first."""

    filters: tuple[tuple[tuple[str, str], ...], ...]
    left_out: tuple[str, ...] = ()

    def criteria(self) -> list[Criteria]:
        return [dict(each) for each in self.filters]


def hold_filters(lease: Lease) -> Hold:
    """For the time in which the lease holds. Whether that is now is for the caller."""
    found = [term for each in lease.passes if (term := _sender(each))]
    senders = sorted(found, key=lambda term: "@" not in term)  # people before companies, where the room is short
    words = [*_urgent(lease), _ANSWERS, *(f'subject:"{word}"' for each in lease.pass_subjects if (word := _word(each)))]
    if _fits([*senders, *words], ""):
        return Hold((_criteria([*senders, *words], ""),))
    return _dealt_out(senders, words)


def _sender(entry: str) -> str:
    clean = entry.strip().lower()
    if clean.startswith("@"):
        return f"from:{clean[1:]}" if _DOMAIN.match(clean[1:]) else ""
    return f"from:{clean}" if _ADDRESS.match(clean) else ""


def from_any(addresses: Iterable[str]) -> str:
    """A search for what they wrote; "" (everything) where that would be too long for one."""
    terms = [_sender(each) for each in sorted(addresses)]
    return _any_of(terms) if all(terms) and _fits(terms, "") else ""


def _word(text: str) -> str:
    return " ".join(re.sub(r"[\"(){}\\\x00-\x1f\x7f]", " ", text).split())


def _urgent(lease: Lease) -> list[str]:
    word, senders = _word(lease.urgent_word), [term for each in lease.urgent_from if (term := _sender(each))]
    if not word or not senders:
        return []
    return [f'(subject:"{word}" {_any_of(senders)})']


def _criteria(terms: Sequence[str], domain: str) -> tuple[tuple[str, str], ...]:
    """A filter that takes all mail (of a domain) that none of the terms describes."""
    found = [("from", domain)] if domain else []
    return (*found, ("negatedQuery", _any_of(terms)))


def _any_of(terms: Sequence[str]) -> str:
    """`{from:{a b} subject:{"c" "d"} e}`: shorter than each term by itself."""
    parts: list[str] = []
    for field in ("from:", "subject:"):
        values = [term.removeprefix(field) for term in dict.fromkeys(terms) if term.startswith(field)]
        parts += [f"{field}{{{' '.join(values)}}}"] if values else []
    parts += [term for term in dict.fromkeys(terms) if not term.startswith(("from:", "subject:"))]
    return f"{{{' '.join(parts)}}}"


def _fits(terms: Sequence[str], domain: str) -> bool:
    return len(domain) + len(_any_of(terms)) <= MOST_CHARACTERS


def _dealt_out(senders: Sequence[str], words: Sequence[str]) -> Hold:
    """Domains of which several addresses pass get a filter of their own; the first filter leaves those domains to it."""
    crowds = _crowds(senders)
    apart = {address for addresses in crowds.values() for address in addresses}
    rest = [*(f"from:{domain}" for domain in crowds), *(term for term in senders if term not in apart)]
    left_out: list[str] = []
    filters = [_cut(rest, words, "", left_out)]
    filters += [_cut(addresses, words, domain, left_out) for domain, addresses in crowds.items()]
    return Hold(tuple(filters), tuple(dict.fromkeys(left_out)))


def _crowds(senders: Sequence[str]) -> dict[str, list[str]]:
    """Addresses by domain, where a domain has many and does not pass as a whole, the largest first."""
    whole = {term.removeprefix("from:") for term in senders if "@" not in term}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for term in senders:
        domain = term.rpartition("@")[2]
        if "@" in term and not any(domain == each or domain.endswith(f".{each}") for each in whole):
            found[domain].append(term)
    disjoint: dict[str, list[str]] = {}
    for domain, addresses in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        kin = any(domain.endswith(f".{each}") or each.endswith(f".{domain}") for each in (*disjoint, *whole))
        if len(addresses) > 2 and not kin and len(disjoint) < _MOST_FILTERS - 1:
            disjoint[domain] = addresses
    return disjoint


def _cut(senders: Sequence[str], words: Sequence[str], domain: str, left_out: list[str]) -> tuple[tuple[str, str], ...]:
    """As many terms as there is room for, people before words."""
    taken: list[str] = []
    for term in (*senders, *words):
        if _fits([*taken, term], domain):
            taken.append(term)
        else:
            left_out.append(term)
    return _criteria(taken, domain)
