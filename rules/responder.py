"""The autoreply: which text for which audience, and what no text to the outside may say. Words come from templates with five
variables, never from a calendar; a template that would leak is refused with the line that leaks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from rules.gazetteer import Gazetteer
from rules.items import ResponderItem, ResponderText, effect_id
from rules.meetings import internal_domains
from rules.model import Absence
from rules.phrases import PHRASES, contains, fill, fold, in_list, on_day, variables
from rules.plan import Skipped
from rules.policy import Language, MailConfig, Me, Person, Policy, ReplyText
from rules.workdays import Workdays

VARIABLES = ("name", "back_on", "deputy", "deputy_address", "team")
_BETWEEN_LANGUAGES = "\n\n—\n\n"


class Leak(Struct, frozen=True):
    """A line of a template that may not go out. `line` 0 is the subject, else the body's line from 1; `text` is that line."""

    line: int
    text: str
    because: str

    @property
    def words(self) -> str:
        where = "subject" if self.line == 0 else f"line {self.line}"
        return f"{where} “{self.text.strip()}”: {self.because}"


# --- privacy ----------------------------------------------------------------------------------------------------------

_PHONE = re.compile(r"(?<![\w@])(?:\+|00)?\(?\d(?:[\s()./-]{0,2}\d){6,}(?!\w)")
_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}"  # ISO
    r"|(?<![\d.])(?:0?[1-9]|[12]\d|3[01])\.\s?(?:0?[1-9]|1[0-2])\.(?!\d{5})"  # 3.5. and 03.05.2026, but not 3.5 hours
    r"|(?<![\d/])(?!24/7(?!\d))\d{1,2}/\d{1,2}(?:/\d{2,4})?(?![\d/])"  # 12/24, but not 24/7
    r"|(?<!\d)\d{1,2}-\d{1,2}-\d{4}"
    r"|\d{1,2}月\s?\d{1,2}日"
)
_KINDS = (
    ("family", "names family"),
    ("itinerary", "tells how you travel"),
    ("hierarchy", "tells who reports to whom"),
    ("phone", "gives a way to phone you"),
    ("abroad", "tells where you are"),
)


def leaks(text: ReplyText, places: Collection[str] = (), gazetteer: Gazetteer | None = None) -> tuple[Leak, ...]:
    """What is wrong with the template, line by line: unknown variables in any; and in one for the outside, places (those named in
    `places`, and any that `gazetteer` finds), dates other than {back_on}, family, itinerary, hierarchy, phone numbers."""
    found: list[Leak] = []
    for number, line in enumerate([text.subject, *text.body.split("\n")]):
        reasons = [f"unknown variable {{{name}}}; there are {_known()}" for name in variables(line) if name not in VARIABLES]
        if text.audience != "internal":
            reasons += _private(_without_variables(line), text.language, places, gazetteer)
        found += [Leak(number, line, reason) for reason in reasons]
    return tuple(found)


def _known() -> str:
    return " ".join(f"{{{name}}}" for name in VARIABLES)


def _without_variables(line: str) -> str:
    return re.sub(r"\{[^{}]*\}", " … ", line)


def _private(line: str, language: Language, places: Collection[str], gazetteer: Gazetteer | None) -> list[str]:
    reasons = []
    if _names_a_day(line, language):
        reasons.append("names a date; only {back_on} may")
    elif _PHONE.search(line):
        reasons.append("holds a phone number")
    for kind, reason in _KINDS:
        # English words turn up in every language's mail.
        if word := contains(line, (*getattr(PHRASES[language], kind), *getattr(PHRASES["en"], kind))):
            reasons.append(f"“{word}” {reason}")
    if place := _place_in(line, places, gazetteer):
        reasons.append(f"“{place}” is a place")
    return reasons


def _names_a_day(line: str, language: Language) -> bool:
    if _DATE.search(line):
        return True
    if language == "ja":
        return False
    months = "|".join(re.escape(fold(month)) for month in {*PHRASES[language].months, *PHRASES["en"].months})
    day = r"(?<![\d.,])(?:0?[1-9]|[12]\d|3[01])"
    beside = rf"{day}(?:st|nd|rd|th|er|º|o|\.)?\s*(?:de |of )?(?:{months})(?![a-z])|(?<![a-z])(?:{months})\s+{day}(?!\d)"
    return re.search(beside, fold(line)) is not None


def _place_in(line: str, places: Collection[str], gazetteer: Gazetteer | None) -> str:
    """Case counts: "a nice day" is not Nice."""
    named = (place for place in places if re.search(rf"(?<!\w){re.escape(place)}(?!\w)", line))
    found = gazetteer.find_in(line) if gazetteer else None
    return next(named, "") or (found.name if found else "")


def places_of(absence: Absence) -> tuple[str, ...]:
    """Names of everywhere this absence leads, for `leaks`. Codes are left out: MAN, CEO and API are words too."""
    stops = [absence.destination, *(stay.place for stay in absence.stays), *(leg.destination for leg in absence.legs)]
    names = (name for place in stops if place for name in (place.city, place.name))
    return tuple(dict.fromkeys(name for name in names if name))


# --- when -------------------------------------------------------------------------------------------------------------


def back_on(absence: Absence, me: Me, holidays: frozenset[date]) -> date:
    """The day that is told: the return in the home zone, padded by a day and moved to the next working day."""
    day = absence.span.end.astimezone(ZoneInfo(me.home_zone)).date() + timedelta(days=1)
    return Workdays.of(me, holidays).find_from(day) or day


# --- texts ------------------------------------------------------------------------------------------------------------


def default_text(language: Language, audience: str) -> ReplyText:
    """homeward's own words. KeyError never: there is one for each language and audience."""
    words = PHRASES[language]
    if audience == "internal":
        return ReplyText(language=language, audience="internal", subject=words.subject, body=words.internal)
    if audience == "known":
        return ReplyText(language=language, audience="known", subject=words.subject, body=words.known)
    return ReplyText(language=language, audience="unknown", subject=words.subject, body=words.unknown)


def templates(audience: str, policy: Policy) -> tuple[ReplyText, ...]:
    """The text of each of the leader's languages: their own where there is one, else homeward's."""
    own = {text.language: text for text in policy.responder.texts if text.audience == audience}
    return tuple(own.get(language) or default_text(language, audience) for language in _languages(policy.me))


def _languages(me: Me) -> tuple[Language, ...]:
    english: Language = "en"
    return tuple(dict.fromkeys(me.languages)) or (english,)


def audiences(policy: Policy) -> tuple[str, ...]:
    """Strangers get no reply unless the policy says so."""
    return ("internal", "known", "unknown") if policy.responder.reply_unknown else ("internal", "known")


def texts(
    absence: Absence, policy: Policy, deputy: Person | None, team: Sequence[Person] = (), holidays: frozenset[date] = frozenset()
) -> tuple[ResponderText, ...]:
    """One text per audience, all languages of the leader joined in it. Without a deputy the lines that name one are left out."""
    return tuple(_joined(audience, absence, policy, deputy, team, holidays) for audience in audiences(policy))


def _joined(
    audience: str, absence: Absence, policy: Policy, deputy: Person | None, team: Sequence[Person], holidays: frozenset[date]
) -> ResponderText:
    chosen = templates(audience, policy)
    day = back_on(absence, policy.me, holidays)
    filled = []
    for template in chosen:
        values = {
            "name": policy.me.name,
            "back_on": on_day(day, template.language),
            "deputy": deputy.name if deputy and deputy.addresses else "",
            "deputy_address": deputy.addresses[0] if deputy and deputy.addresses else "",
            "team": in_list((person.name for person in team), template.language),
        }
        # A subject that names a missing deputy would be empty.
        subject = fill(template.subject, values) or fill(PHRASES[template.language].subject, values)
        filled.append((subject, fill(template.body, values)))
    subject = " / ".join(dict.fromkeys(subject for subject, _ in filled))
    return ResponderText(chosen[0].audience, subject, _BETWEEN_LANGUAGES.join(body for _, body in filled))


# --- the item ---------------------------------------------------------------------------------------------------------

_ROBOTS = re.compile(
    r"^(?:no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?|notifications?)(?:[+._-]|@|$)", re.IGNORECASE
)


def item(
    absence: Absence,
    policy: Policy,
    mail: MailConfig,
    known: Sequence[str],
    excluded: Sequence[str],
    holidays: frozenset[date],
    deputy: Person | None = None,
    team: Sequence[Person] = (),
) -> ResponderItem | Skipped:
    """The autoreply of one mailbox. `known` are addresses the leader wrote to or met; `excluded` get none (direct reports under
    coaching). `deputy` is who is named unless the policy names somebody."""
    if reason := _not_wanted(absence, policy):
        return Skipped(f"autoreply of {mail.id}", reason, absence.id)
    own = tuple(sorted({address.lower() for address in policy.me.addresses}))
    never = tuple(sorted({address.lower() for address in excluded}))
    inside = internal_domains(policy.me)
    return ResponderItem(
        id=effect_id(absence.id, "responder", mail.id),
        absence_id=absence.id,
        mail_id=mail.id,
        span=absence.span,
        texts=texts(absence, policy, named_deputy(absence, policy, deputy), team, holidays),
        days=policy.responder.days,
        internal_domains=inside,
        known=_people(known, {*own, *never}, inside),
        never=never,
        own=own,
    )


def named_deputy(absence: Absence, policy: Policy, first_host: Person | None) -> Person | None:
    """Whom the reply names: the policy's choice, else who was named for this absence, else the first host, else nobody."""
    wanted = [policy.responder.deputy, *absence.cover]
    return next((person for one in wanted for person in policy.person if person.id == one), first_host)


def _not_wanted(absence: Absence, policy: Policy) -> str:
    if not policy.responder.enabled:
        return "the responder is switched off"
    if absence.kind not in policy.responder.kinds:
        return f"the responder is not used for {absence.kind}"
    places = places_of(absence)
    for text in policy.responder.texts:
        if found := leaks(text, places):
            return f"the {text.audience} text in {text.language} would leak, {found[0].words}"
    return ""


def _people(addresses: Iterable[str], without: Collection[str], inside: Collection[str]) -> tuple[str, ...]:
    """Known outsiders: neither own nor excluded nor internal (those have their own text) nor a robot."""
    lowered = {address.strip().lower() for address in addresses}
    return tuple(
        sorted(
            a for a in lowered if "@" in a and a not in without and a.rpartition("@")[2] not in inside and not _ROBOTS.match(a)
        )
    )
