"""Which message always passes while the inbox is held, and why. Nothing is moved here, and in doubt nothing passes: a held
message is only late. The sender is the From address; a display name proves nothing, and an address that the receiving server
found forged (RFC 8601: `dmarc=fail`) proves nothing either."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from rules.meetings import internal_domains
from rules.model import Absence, Envelope, Evidence, EvidenceKind
from rules.phrases import contains, fold
from rules.policy import InboxPolicy, Language, Me, Person

CALENDAR_METHOD = "x-homeward-calendar-method"  # set by our own reader of messages: METHOD of a calendar part (RFC 5546)

# --- who and what is known --------------------------------------------------------------------------------------------

# Subjects that senders of codes use. Whole words, blind to case and accents.
_CODES: Mapping[Language, tuple[str, ...]] = {
    "en": (
        "verification code", "verify code", "security code", "login code", "log-in code", "sign-in code", "access code",
        "authentication code", "confirmation code", "one-time code", "one time code", "one-time password", "one time password",
        "one-time passcode", "single-use code", "passcode", "2fa code", "otp",
    ),
    "de": (
        "bestätigungscode", "verifizierungscode", "sicherheitscode", "anmeldecode", "einmalcode", "zugangscode", "prüfcode",
        "einmalpasswort", "einmalkennwort", "login-code", "authentifizierungscode", "aktivierungscode", "mtan", "tan-nummer",
    ),
    "fr": (
        "code de vérification", "code de sécurité", "code de connexion", "code de confirmation", "code d'authentification",
        "code à usage unique", "mot de passe à usage unique", "code d'accès", "code d'activation",
    ),
    "es": (
        "código de verificación", "código de seguridad", "código de acceso", "código de confirmación", "código de un solo uso",
        "contraseña de un solo uso", "código de inicio de sesión", "código de autenticación",
    ),
    "it": (
        "codice di verifica", "codice di sicurezza", "codice di accesso", "codice di conferma", "codice monouso",
        "password monouso", "codice di autenticazione", "codice usa e getta",
    ),
    "nl": (
        "verificatiecode", "beveiligingscode", "inlogcode", "bevestigingscode", "eenmalige code", "eenmalig wachtwoord",
        "toegangscode", "authenticatiecode",
    ),
    "pt": (
        "código de verificação", "código de segurança", "código de acesso", "código de confirmação", "código de uso único",
        "senha de uso único", "palavra-passe de utilização única", "código de autenticação",
    ),
    "sv": (
        "verifieringskod", "säkerhetskod", "inloggningskod", "bekräftelsekod", "engångskod", "engångslösenord", "åtkomstkod",
    ),
    "pl": (
        "kod weryfikacyjny", "kod bezpieczeństwa", "kod logowania", "kod potwierdzający", "kod jednorazowy",
        "hasło jednorazowe", "jednorazowy kod", "jednorazowe hasło", "kod dostępu", "kod autoryzacyjny",
    ),
    "ja": (
        "認証コード", "確認コード", "セキュリティコード", "ログインコード", "ワンタイムパスワード", "検証コード", "認証番号",
        "パスコード",
    ),
}  # fmt: skip

_ALERTS: Mapping[Language, tuple[str, ...]] = {
    "en": (
        "security alert", "security notification", "new sign-in", "new login", "new device", "unusual sign-in",
        "suspicious login", "unusual activity", "suspicious activity", "password reset", "reset your password",
        "password was changed", "password changed", "account recovery", "fraud alert", "suspicious transaction",
        "verify your email", "confirm your email",
    ),
    "de": (
        "sicherheitswarnung", "sicherheitshinweis", "sicherheitsbenachrichtigung", "neue anmeldung", "neuer login",
        "neues gerät", "ungewöhnliche anmeldung", "ungewöhnliche aktivität", "verdächtige aktivität", "passwort zurücksetzen",
        "kennwort zurücksetzen", "passwort geändert", "kennwort geändert", "passwort wurde geändert",
    ),
    "fr": (
        "alerte de sécurité", "nouvelle connexion", "nouvel appareil", "connexion inhabituelle", "activité inhabituelle",
        "activité suspecte", "réinitialisation du mot de passe", "réinitialiser votre mot de passe", "mot de passe modifié",
    ),
    "es": (
        "alerta de seguridad", "nuevo inicio de sesión", "nuevo dispositivo", "actividad inusual", "actividad sospechosa",
        "restablecer la contraseña", "restablecer tu contraseña", "restablecimiento de contraseña", "contraseña cambiada",
    ),
    "it": (
        "avviso di sicurezza", "nuovo accesso", "nuovo dispositivo", "attività insolita", "attività sospetta",
        "reimpostazione della password", "reimposta la password", "password modificata",
    ),
    "nl": (
        "beveiligingsmelding", "beveiligingswaarschuwing", "nieuwe aanmelding", "nieuw apparaat", "ongebruikelijke activiteit",
        "verdachte activiteit", "wachtwoord opnieuw instellen", "wachtwoord gewijzigd", "wachtwoord herstellen",
    ),
    "pt": (
        "alerta de segurança", "novo início de sessão", "novo login", "novo dispositivo", "atividade incomum",
        "atividade suspeita", "redefinir a senha", "redefinição de senha", "repor a palavra-passe", "senha alterada",
    ),
    "sv": (
        "säkerhetsvarning", "säkerhetsmeddelande", "ny inloggning", "ny enhet", "ovanlig aktivitet", "misstänkt aktivitet",
        "återställ ditt lösenord", "återställning av lösenord", "lösenordet har ändrats",
    ),
    "pl": (
        "alert bezpieczeństwa", "alert dotyczący bezpieczeństwa", "nowe logowanie", "nowe urządzenie", "nietypowa aktywność",
        "podejrzana aktywność", "resetowanie hasła", "reset hasła", "zmiana hasła", "hasło zostało zmienione",
    ),
    "ja": (
        "セキュリティ通知", "セキュリティ警告", "新しいログイン", "ログイン通知", "不審なアクティビティ", "不正アクセス",
        "パスワードの再設定", "パスワードの変更", "パスワードリセット",
    ),
}  # fmt: skip

# "G-123456", "123 456" or "123456", but no year, beside the bare word for a code.
_NUMBER = re.compile(r"(?<![\w-])(?!(?:19|20)\d\d(?!\d))(?:[A-Z]-)?\d{3}[ -]?\d{1,5}(?![\w-])")
_CODE_WORDS = ("code", "codes", "pin", "tan", "código", "codice", "kod", "コード")

# Header → what its value contains, in lower case, as the big senders of account notices write it.
_ALERT_HEADERS = (
    ("x-github-reason", "security_alert"),
    ("feedback-id", "account-notifier"),
    ("x-account-notification-type", ""),
)

# How calendar programs begin the subject of an answer, where the method of the calendar part is not to be seen.
_ANSWERS = (
    "accepted", "declined", "tentative", "tentatively accepted", "zugesagt", "abgelehnt", "mit vorbehalt", "vorläufig zugesagt",
    "accepté", "refusé", "provisoire", "aceptado", "aceptada", "rechazado", "rechazada", "provisional", "accettato", "rifiutato",
    "provvisorio", "geaccepteerd", "afgewezen", "voorlopig", "aceite", "aceito", "recusado", "provisório", "accepterat",
    "accepterad", "avböjt", "preliminärt", "zaakceptowano", "zaakceptowane", "odrzucono", "odrzucone", "承諾", "辞退", "仮承諾",
)  # fmt: skip

_AIRLINES: Mapping[str, tuple[str, str]] = {
    "LH": ("lufthansa", "lufthansa.com lufthansa-group.com"), "LX": ("swiss", "swiss.com"), "OS": ("austrian", "austrian.com"),
    "SN": ("brussels airlines", "brusselsairlines.com"), "EW": ("eurowings", "eurowings.com"), "DE": ("condor", "condor.com"),
    "4Y": ("discover airlines", "discover-airlines.com"), "BA": ("british airways", "ba.com britishairways.com"),
    "AF": ("air france", "airfrance.com airfrance.fr service-airfrance.com"), "KL": ("klm", "klm.com klm.nl"),
    "IB": ("iberia", "iberia.com iberia.es"), "VY": ("vueling", "vueling.com"), "UX": ("air europa", "aireuropa.com"),
    "TP": ("tap", "flytap.com tap.pt"), "FR": ("ryanair", "ryanair.com"), "U2": ("easyjet", "easyjet.com"),
    "W6": ("wizz", "wizzair.com"), "AY": ("finnair", "finnair.com"), "SK": ("sas", "flysas.com sas.se sas.dk sas.no"),
    "DY": ("norwegian", "norwegian.com norwegian.no"), "LO": ("lot", "lot.com lot.pl"),
    "TK": ("turkish", "thy.com turkishairlines.com"),
    "LG": ("luxair", "luxair.lu"), "AZ": ("ita airways", "ita-airways.com"), "A3": ("aegean", "aegeanair.com"),
    "EI": ("aer lingus", "aerlingus.com"), "BT": ("airbaltic", "airbaltic.com"), "HV": ("transavia", "transavia.com"),
    "PC": ("pegasus", "flypgs.com"), "LY": ("el al", "elal.com elal.co.il"), "MS": ("egyptair", "egyptair.com"),
    "AA": ("american airlines", "aa.com"), "UA": ("united", "united.com"), "DL": ("delta", "delta.com"),
    "AS": ("alaska airlines", "alaskaair.com"), "B6": ("jetblue", "jetblue.com"), "WN": ("southwest", "southwest.com"),
    "AC": ("air canada", "aircanada.com aircanada.ca"), "WS": ("westjet", "westjet.com"), "F9": ("frontier", "flyfrontier.com"),
    "HA": ("hawaiian", "hawaiianairlines.com"), "LA": ("latam", "latam.com"), "AV": ("avianca", "avianca.com"),
    "CM": ("copa", "copaair.com"), "AM": ("aeromexico", "aeromexico.com"), "G3": ("gol", "voegol.com.br"),
    "AD": ("azul", "voeazul.com.br"), "EK": ("emirates", "emirates.com emirates.email"),
    "QR": ("qatar airways", "qatarairways.com qatarairways.com.qa"),
    "EY": ("etihad", "etihad.com"), "SV": ("saudia", "saudia.com"),
    "RJ": ("royal jordanian", "rj.com"), "AI": ("air india", "airindia.com airindia.in"), "6E": ("indigo", "goindigo.in"),
    "SQ": ("singapore airlines", "singaporeair.com"), "CX": ("cathay", "cathaypacific.com"), "NH": ("ana", "ana.co.jp"),
    "JL": ("jal", "jal.com jal.co.jp"), "KE": ("korean air", "koreanair.com"), "OZ": ("asiana", "flyasiana.com"),
    "TG": ("thai airways", "thaiairways.com"), "MH": ("malaysia airlines", "malaysiaairlines.com"),
    "GA": ("garuda", "garuda-indonesia.com"), "VN": ("vietnam airlines", "vietnamairlines.com"),
    "CA": ("air china", "airchina.com"),
    "MU": ("china eastern", "ceair.com"), "CZ": ("china southern", "csair.com"), "BR": ("eva air", "evaair.com"),
    "CI": ("china airlines", "china-airlines.com"), "QF": ("qantas", "qantas.com qantas.com.au"),
    "VA": ("virgin australia", "virginaustralia.com"), "NZ": ("air new zealand", "airnz.co.nz airnewzealand.com"),
    "VS": ("virgin atlantic", "virginatlantic.com fly.virgin.com"), "ET": ("ethiopian", "ethiopianairlines.com"),
    "KQ": ("kenya airways", "kenya-airways.com"), "SA": ("south african airways", "flysaa.com"),
    "AT": ("royal air maroc", "royalairmaroc.com"), "FI": ("icelandair", "icelandair.is icelandair.com"),
    "JU": ("air serbia", "airserbia.com"), "RO": ("tarom", "tarom.ro"), "OU": ("croatia airlines", "croatiaairlines.hr"),
}  # fmt: skip

# Word in the evidence → domains. Chains are found by the names of their houses.
_COMPANIES: Mapping[str, str] = {
    "marriott": "marriott.com", "sheraton": "marriott.com", "westin": "marriott.com", "moxy": "marriott.com",
    "hilton": "hilton.com", "hampton": "hilton.com", "doubletree": "hilton.com", "hyatt": "hyatt.com",
    "holiday inn": "ihg.com", "intercontinental": "ihg.com", "crowne plaza": "ihg.com", "ibis": "accor.com",
    "novotel": "accor.com", "mercure": "accor.com", "sofitel": "accor.com", "pullman": "accor.com",
    "25hours": "25hours-hotels.com",
    "nh": "nh-hotels.com", "melia": "melia.com", "radisson": "radissonhotels.com", "best western": "bestwestern.com",
    "scandic": "scandichotels.com", "premier inn": "premierinn.com", "wyndham": "wyndham.com", "motel one": "motel-one.com",
    "citizenm": "citizenm.com", "kempinski": "kempinski.com", "steigenberger": "steigenberger.com", "maritim": "maritim.de",
    "leonardo": "leonardo-hotels.com", "toyoko inn": "toyoko-inn.com", "apa": "apahotel.com", "airbnb": "airbnb.com",
    "bahn": "bahn.de deutschebahn.com", "ice": "bahn.de deutschebahn.com", "sncf": "sncf.com sncf-connect.com sncf.fr",
    "tgv": "sncf.com sncf-connect.com sncf.fr", "eurostar": "eurostar.com", "öbb": "oebb.at", "nightjet": "oebb.at",
    "sbb": "sbb.ch", "trenitalia": "trenitalia.it trenitalia.com", "italo": "italotreno.it", "renfe": "renfe.es renfe.com",
    "ave": "renfe.es renfe.com", "amtrak": "amtrak.com", "lner": "lner.co.uk", "flixbus": "flixbus.com flixbus.de",
    "stena": "stenaline.com", "dfds": "dfds.com", "tallink": "tallink.com tallinksilja.com", "viking line": "vikingline.com",
    "scandlines": "scandlines.com scandlines.de", "sixt": "sixt.com sixt.de", "hertz": "hertz.com", "avis": "avis.com",
    "europcar": "europcar.com",
}  # fmt: skip

_BOOKING = (
    "booking.com", "airbnb.com", "expedia.com", "expediamail.com", "hotels.com", "hrs.com", "hrs.de", "trip.com", "agoda.com",
    "tripit.com", "opodo.com", "edreams.com", "travelperk.com", "concursolutions.com", "egencia.com", "navan.com", "check24.de",
    "amadeus.com", "flightaware.com", "omio.com", "thetrainline.com", "trainline.com", "trainline.eu", "directferries.com",
    "sj.se", "vr.fi", "dsb.dk", "ns.nl", "nsinternational.com", "intercity.pl", "cd.cz", "regiojet.cz", "cp.pt", "vy.no",
)  # fmt: skip

_TRAVEL = frozenset({EvidenceKind.FLIGHT, EvidenceKind.RAIL, EvidenceKind.FERRY, EvidenceKind.CAR, EvidenceKind.LODGING})
_FLIGHT_NUMBER = re.compile(r"(?<![A-Z0-9])([A-Z]{2}|[A-Z]\d|\d[A-Z])\s?-?\d{1,4}(?![A-Z0-9])")
_REPLY = re.compile(r"^\s*(re|aw|sv|vs|antw|odp|rif|res|fwd?|wg|tr|rv|enc|vb|doorst|i)\s*(\[\d+\])?\s*[:\uff1a]", re.IGNORECASE)
_GENERIC = frozenset({
    "hotel", "hotels", "hostel", "reservation", "booking", "buchung", "stay", "check", "checkin", "checkout", "in", "out",
    "at", "the", "your", "for", "and", "im", "am", "an", "der", "die", "das", "le", "la", "les", "de", "du", "do", "da",
    "del", "di", "el", "los", "il", "aufenthalt", "reserva", "prenotazione", "sejour", "bei", "chez",
})  # fmt: skip
_LONG_ENOUGH = 8  # letters: two words of a hotel's name in a domain that are no coincidence


# --- the decision -----------------------------------------------------------------------------------------------------


def passes(
    envelope: Envelope,
    policy: InboxPolicy,
    me: Me,
    people: Sequence[Person],
    absence: Absence | None,
    *,
    plus_proved: bool = False,
) -> str | None:
    """Why this message is never held, in words for the user, or None. `plus_proved`: mail to `name+urgent@` is known to
    arrive."""
    found = (
        *([] if _forged(envelope) else _by_sender(envelope, policy, me, people, absence)),
        *_by_content(envelope, people),
        *(["it was sent to your urgent address"] if plus_proved and _to_plus(envelope, me) else []),
    )
    return found[0] if found else None


def _forged(envelope: Envelope) -> bool:
    """The first such header is that of the last server, the own one; a forged `fail` harms only who forged it."""
    return "dmarc=fail" in envelope.headers.get("authentication-results", "").lower().replace(" ", "")


def _by_sender(
    envelope: Envelope, policy: InboxPolicy, me: Me, people: Sequence[Person], absence: Absence | None
) -> Iterator[str]:
    sender = envelope.sender.lower()
    if sender in _lowered(me.addresses):
        yield "it is from one of your own addresses"
    if person := _person(sender, people):
        if person.family:
            yield f"{person.name} is family"
        if person.vip:
            yield f"{person.name} always passes"
    if entry := next((e for e in policy.always_pass if _covers(e, sender)), None):
        yield f"{entry} always passes"
    if domain := _carrier(envelope, absence):
        yield f"{domain} may be about this trip"
    if _says(envelope, policy.urgent_word) and (person or any(_covers(f"@{d}", sender) for d in internal_domains(me))):
        yield f"{policy.urgent_word.strip()} from your team"


def _by_content(envelope: Envelope, people: Sequence[Person]) -> Iterator[str]:
    """What machines send. Anybody can write such a subject, and gains no more by it than not to wait for the next window."""
    if _is_answer(envelope):
        yield "it answers an invitation"
    if any(name in envelope.headers and part in envelope.headers[name].lower() for name, part in _ALERT_HEADERS):
        yield "it is a security alert"
    if _person(envelope.sender.lower(), people) or _REPLY.match(envelope.subject):
        return  # people talk about codes and alerts; machines send them
    if contains(envelope.subject, _all(_CODES)) or (_NUMBER.search(envelope.subject) and contains(envelope.subject, _CODE_WORDS)):
        yield "it is a one-time code"
    if not _is_list(envelope) and contains(envelope.subject, _all(_ALERTS)):
        yield "it is a security alert"


# --- the sender -------------------------------------------------------------------------------------------------------


def _lowered(addresses: Iterable[str]) -> frozenset[str]:
    return frozenset(address.strip().lower() for address in addresses)


def _person(sender: str, people: Sequence[Person]) -> Person | None:
    return next((p for p in people if sender and sender in _lowered(p.addresses)), None)


def _covers(entry: str, sender: str) -> bool:
    """An address exactly; `@domain` with its subdomains, which belong to the same owner."""
    entry = entry.strip().lower()
    if not entry.startswith("@"):
        return bool(entry) and entry == sender
    domain = sender.rpartition("@")[2]
    return len(entry) > 1 and (domain == entry[1:] or domain.endswith(f".{entry[1:]}"))


def _says(envelope: Envelope, word: str) -> bool:
    return bool(word.strip()) and fold(word.strip()) in fold(envelope.subject)


def _to_plus(envelope: Envelope, me: Me) -> bool:
    """Recipients as the message names them, and as the server noted them."""
    noted = (envelope.headers.get(name, "").strip().lower() for name in ("delivered-to", "x-original-to"))
    return bool(set(urgent_addresses(me)) & {*_lowered(envelope.to), *_lowered(envelope.cc), *noted})


def urgent_addresses(me: Me) -> tuple[str, ...]:
    """`name+urgent@domain` (RFC 5233) for each own address that has no such detail yet."""
    parts = (address.lower().rpartition("@") for address in me.addresses)
    return tuple(f"{local}+urgent@{domain}" for local, _, domain in parts if "+" not in local)


# --- the trip's own companies -----------------------------------------------------------------------------------------


def _carrier(envelope: Envelope, absence: Absence | None) -> str:
    """The sender's domain where it belongs to a company of this trip, or to any of the trade and the mail is no circular."""
    if absence is None:
        return ""
    sender = envelope.sender.lower()
    named = carrier_domains(absence)
    general = _trade() if _travels(absence) and not _is_circular(envelope) else ()
    known = any(_covers(f"@{domain}", sender) for domain in (*named, *general))
    domain = sender.rpartition("@")[2]
    return domain if known or _is_hotel(domain, absence) else ""


def carrier_domains(absence: Absence) -> tuple[str, ...]:
    """Domains of the airlines, railways, ferries, hotels and rental cars that the evidence names, sorted."""
    return _named_in(tuple(e.summary for e in absence.evidence))


@lru_cache(maxsize=32)  # asked for every message, and the same for the whole trip
def _named_in(texts: tuple[str, ...]) -> tuple[str, ...]:
    codes = {code for text in texts for code in _FLIGHT_NUMBER.findall(text.upper())}
    found = [domains for code, (name, domains) in _AIRLINES.items() if code in codes or any(contains(t, [name]) for t in texts)]
    found += [domains for word, domains in _COMPANIES.items() if any(contains(t, [word]) for t in texts)]
    return tuple(sorted({domain for domains in found for domain in domains.split()}))


@lru_cache(maxsize=1)
def _trade() -> tuple[str, ...]:
    listed = [*(domains for _, domains in _AIRLINES.values()), *_COMPANIES.values(), *_BOOKING]
    return tuple(sorted({domain for domains in listed for domain in domains.split()}))


def _travels(absence: Absence) -> bool:
    return bool(absence.legs) or absence.kind == "trip" or any(e.kind in _TRAVEL for e in absence.evidence)


def _is_hotel(domain: str, absence: Absence) -> bool:
    """Two neighbouring words of a lodging's name stand together in the domain: "Casa Amora" in `hotel-casaamora.pt`."""
    labels = fold(domain).rpartition(".")[0].replace("-", "").replace(".", " ")
    lodgings = (e for e in absence.evidence if e.kind is EvidenceKind.LODGING)
    return any(len(pair) >= _LONG_ENOUGH and pair in labels for e in lodgings for pair in _pairs(e))


def _pairs(lodging: Evidence) -> Iterator[str]:
    places = (p for p in (lodging.origin, lodging.destination) if p)
    left_out = _GENERIC.union(*(fold(f"{p.name} {p.city}").split() for p in places))
    words = [w for w in re.findall(r"\w+", fold(lodging.summary)) if w not in left_out]
    return (a + b for a, b in pairwise(words))


# --- the content ------------------------------------------------------------------------------------------------------


def _is_answer(envelope: Envelope) -> bool:
    """METHOD=REPLY (RFC 5546 3.2.3), or a calendar program's mail whose subject begins as an answer does."""
    headers = envelope.headers
    kind = headers.get("content-type", "").lower()
    if headers.get(CALENDAR_METHOD, "").upper() == "REPLY" or (
        "text/calendar" in kind and "method=reply" in kind.replace('"', "")
    ):
        return True
    machine = "calendarmessage" in headers.get("content-class", "").lower() or envelope.message_id.startswith("<calendar-")
    begins = fold(envelope.subject).partition(":")[0].strip()
    return machine and begins in {fold(word) for word in _ANSWERS}


def _is_list(envelope: Envelope) -> bool:
    return "list-post" in envelope.headers or envelope.headers.get("precedence", "").lower() == "list"


def _is_circular(envelope: Envelope) -> bool:
    return "list-unsubscribe" in envelope.headers or envelope.headers.get("precedence", "").lower() in ("bulk", "list", "junk")


def _all(words: Mapping[Language, tuple[str, ...]]) -> Iterator[str]:
    """A code comes in the language of whoever sends it, not in the leader's."""
    return (word for language in words.values() for word in language)


# --- for a filter on the server ---------------------------------------------------------------------------------------


def pass_addresses(policy: InboxPolicy, me: Me, people: Sequence[Person], absence: Absence | None) -> tuple[str, ...]:
    """Addresses, and domains as `@domain` with their subdomains, that a server's filter lets through, sorted, lower case."""
    close = [address for person in people if person.family or person.vip for address in person.addresses]
    trip = [f"@{domain}" for domain in (*carrier_domains(absence), *(_BOOKING if _travels(absence) else ()))] if absence else []
    entries = _lowered([*me.addresses, *close, *policy.always_pass, *trip])
    return tuple(sorted(entry for entry in entries if entry not in ("", "@")))


def pass_subjects(me: Me) -> tuple[str, ...]:
    """Words in the subject by which a server's filter lets codes and alerts through, in the leader's languages and English.
    `[urgent]` is not among them: a filter that looks at the subject alone would let anybody through (`urgent_senders`)."""
    languages = dict.fromkeys((*me.languages, "en"))
    return tuple(word for language in languages for word in (*_CODES[language], *_ALERTS[language]))


def urgent_senders(me: Me, people: Sequence[Person]) -> tuple[str, ...]:
    """Addresses and `@domain`s whose `[urgent]` counts, sorted, lower case."""
    known = _lowered(address for person in people for address in person.addresses)
    return tuple(sorted(known | {f"@{domain}" for domain in internal_domains(me)}))
