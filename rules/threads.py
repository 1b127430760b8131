"""Mail as conversations: which messages belong together, which a deputy answered with the leader in copy, and which ask the
leader and wait for an answer. Letters between people only; nothing is answered here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from rules.interval import Interval
from rules.model import Envelope
from rules.phrases import fold
from rules.policy import Policy

_IDS = re.compile(r"<[^<>\s]{1,250}>")
_MOST_IDS = 50  # of one References header
_QUOTE = re.compile(
    r"^\s*(?:>|-{2,}\s*(?:original|forwarded|ursprüngliche|weitergeleitete)|_{10,}|begin forwarded)", re.IGNORECASE
)
_REPLY_PREFIX = re.compile(
    r"^\s*(?:re|aw|antw|sv|vs|fw|fwd|wg|tr|rif|rv|odp|res|r|i|ynt|返信|转发|転送)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE
)
_QUESTION = re.compile(r"[?？]")
# How a letter begins in these languages, before the name; matched in the first lines only.
_GREETINGS = (
    "hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "morning",
    "hallo", "liebe", "lieber", "guten tag", "guten morgen", "guten abend", "moin", "servus", "sehr geehrte", "sehr geehrter",
    "bonjour", "bonsoir", "salut", "chere", "cher", "coucou",
    "hola", "buenos dias", "buenas tardes", "buenas", "querida", "querido", "estimada", "estimado",
    "ciao", "buongiorno", "buonasera", "cara", "caro", "gentile", "salve",
    "hoi", "beste", "dag", "goedemorgen", "goedemiddag", "geachte",
    "ola", "bom dia", "boa tarde", "cara", "prezada", "prezado",
    "hej", "hejsan", "basta", "god morgon", "hei", "kaere",
    "czesc", "dzien dobry", "droga", "drogi", "witaj", "szanowna", "szanowny",
)  # fmt: skip
_TITLES = (
    r"(?:(?:mrs?|ms|miss|dr|prof|frau|herr|herrn|madame|monsieur|mme|m|senora?|sra?|signora?|mevrouw|meneer|pani|pan)\.?\s+){0,2}"
)
_HONORIFICS = ("さん", "様", "さま", "先生")  # Japanese: the name comes first
_GREETED_LINES = 3


class Asking(Struct, frozen=True):
    """A letter that waits for the leader. `because`: "by name" or "to you alone"."""

    mail: Envelope
    because: str


class Answered(Struct, frozen=True):
    """A deputy's answer that the leader had in copy. `others` are those whom it went to besides the leader."""

    mail: Envelope
    person_id: str
    others: tuple[str, ...]


def is_reply(subject: str) -> bool:
    """Whether a mail program wrote "Re:", or its like in another language."""
    return _REPLY_PREFIX.match(subject) is not None


def unquoted(text: str) -> str:
    """The lines before the first quotation."""
    kept: list[str] = []
    for line in text.splitlines():
        if _QUOTE.match(line):
            break
        kept.append(line)
    return "\n".join(kept)


def is_letter(mail: Envelope) -> bool:
    """From a person: no machine, no list, no calendar answer, nothing of ours."""
    headers = mail.headers
    if headers.get("auto-submitted", "no").split(";")[0].strip().lower() != "no" or is_circular(mail):
        return False
    return bool(mail.sender) and not any(name.startswith(("x-homeward", "x-auto", "feedback-id", "x-loop")) for name in headers)


def is_circular(mail: Envelope) -> bool:
    """A list or a circular."""
    bulk = mail.headers.get("precedence", "").strip().lower() in ("bulk", "list", "junk")
    return bulk or any(name.startswith("list-") for name in mail.headers)


# --- threads ----------------------------------------------------------------------------------------------------------


def threads(mails: Iterable[Envelope]) -> tuple[tuple[Envelope, ...], ...]:
    """Messages that name one another in Message-ID, In-Reply-To and References (RFC 5322 3.6.4), each group in order of delivery.
    The same message in two folders is there once."""
    once: dict[str, Envelope] = {}
    for mail in sorted(mails, key=lambda m: (m.received, m.subject, m.id)):
        once.setdefault(mail.message_id or f"/{mail.id}", mail)
    root: dict[str, str] = {}
    for name, mail in once.items():
        for other in _named(mail):
            root[_root(root, other)] = _root(root, name)
    groups: dict[str, list[Envelope]] = {}
    for name, mail in once.items():
        groups.setdefault(_root(root, name), []).append(mail)
    return tuple(tuple(group) for group in groups.values())


def _named(mail: Envelope) -> list[str]:
    return [i for header in ("in-reply-to", "references") for i in _IDS.findall(mail.headers.get(header, ""))[:_MOST_IDS]]


def _root(root: dict[str, str], name: str) -> str:
    while root.get(name, name) != name:
        root[name] = root.get(root[name], root[name])
        name = root[name]
    return name


# --- what the leader finds --------------------------------------------------------------------------------------------


def answered(found: Sequence[Sequence[Envelope]], policy: Policy, span: Interval) -> tuple[Answered, ...]:
    """The last answer of each deputy in each thread, where somebody else wrote first and the leader is among those who got it."""
    people = {address.lower(): p.id for p in policy.person if not p.family for address in p.addresses}
    own = _own(policy)
    last: dict[tuple[int, str], Answered] = {}
    for number, thread in enumerate(found):
        letters = [mail for mail in thread if is_letter(mail)]
        for mail in letters:
            person = people.get(mail.sender)
            if person is None or mail.received not in span or not own & {*mail.to, *mail.cc}:
                continue
            others = _answered_to(mail, letters, own, {a for a, p in people.items() if p == person})
            if others:
                last[number, person] = Answered(mail, person, others)
    return tuple(sorted(last.values(), key=lambda a: (a.mail.received, a.mail.subject, a.mail.id)))


def _answered_to(mail: Envelope, letters: Sequence[Envelope], own: frozenset[str], theirs: set[str]) -> tuple[str, ...]:
    """Whom it answers: those it went to who wrote before or, where their letter never reached the leader, all of them."""
    if not _named(mail):
        return ()
    others = [a for a in (*mail.to, *mail.cc) if a not in own | theirs]
    wrote = {each.sender for each in letters if each.received < mail.received}
    return tuple(dict.fromkeys([a for a in others if a in wrote] or others))


def waiting(found: Sequence[Sequence[Envelope]], policy: Policy, span: Interval) -> tuple[Asking, ...]:
    """The last letter of the absence of each thread that asks the leader, if neither they nor a deputy has written since."""
    return tuple(asking for thread in found if (asking := _waiting([m for m in thread if is_letter(m)], policy, span)))


def _waiting(letters: Sequence[Envelope], policy: Policy, span: Interval) -> Asking | None:
    family = {a.lower() for p in policy.person if p.family for a in p.addresses}
    colleagues = {a.lower(): p.id for p in policy.person if not p.family for a in p.addresses}
    own = _own(policy)
    for number in reversed(range(len(letters))):
        mail = letters[number]
        if mail.sender in own | family or mail.received not in span:
            continue
        because = _because(mail, policy)
        if because:
            author = colleagues.get(mail.sender, mail.sender)
            since = {colleagues.get(m.sender, m.sender) for m in letters[number + 1 :]}
            settled = since & {*own, *colleagues.values()} - {author}
            return None if settled else Asking(mail, because)
    return None


def _because(mail: Envelope, policy: Policy) -> str:
    """How it asks the leader, or ""."""
    text, own = unquoted(mail.text), _own(policy)
    if own & {*mail.to, *mail.cc} and named_in(text, policy.me.name):
        return "by name"
    alone = mail.to and own >= {*mail.to, *mail.cc}
    return "to you alone" if alone and _QUESTION.search(f"{mail.subject}\n{text}") else ""


def named_in(text: str, name: str) -> bool:
    """Whether a letter greets somebody by their first or last name, or says "@Name" anywhere."""
    words = [fold(word) for word in name.split() if len(word) > 1]
    if not words:
        return False
    names = "|".join(re.escape(word) for word in (fold(name), *words))
    folded = fold(text)
    if re.search(rf"(?<![\w@.])@(?:{names})(?!\w)", folded):
        return True
    return any(_greets(line, names) for line in [x for x in folded.splitlines() if x.strip()][:_GREETED_LINES])


def _greets(line: str, names: str) -> bool:
    greetings = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in _GREETINGS)
    before = rf"^\W*(?:(?:{greetings})[\s,!]+)?{_TITLES}(?:[^\W\d_]+(?:\s*(?:,|&|and|und|et|y|e|en|och|i)\s+))?(?:{names})"
    greeted = re.match(rf"{before}\s*(?:[,:!.–-]|$|{'|'.join(_HONORIFICS)})", line)
    plain = re.match(rf"^\W*(?:{greetings})[\s,]+{_TITLES}(?:\w+\s+)?(?:{names})(?!\w)", line)
    return bool(greeted or plain)


def _own(policy: Policy) -> frozenset[str]:
    return frozenset(address.lower() for address in policy.me.addresses)
