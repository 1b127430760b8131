"""The words per language: what homeward writes to people, how a date is written, and the words it recognises in mail. Data and
matching only; who gets which words is decided elsewhere."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from rules.interval import Interval
from rules.policy import Language, Me, Person
from rules.telling import printable

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_UNDECOMPOSED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "’": "'"})


class Phrases(Struct, frozen=True, kw_only=True):
    """One language. `date` takes {weekday} {day} {month} {year}. `levels` are the five decision levels in words. Tuples of words
    are matched whole, blind to case and accents; the three reply texts have no variables but those of the responder."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    date: str
    first: str = "1"  # how the first of a month is written
    joiner: str  # between the last two of a list
    subject: str
    internal: str
    known: str
    unknown: str
    coaching: str
    ask_subject: str
    ask: str
    withdrawn_subject: str
    withdrawn: str
    levels: tuple[str, str, str, str, str]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    asks: tuple[str, ...]  # asks for help or a decision
    urgent: tuple[str, ...]
    sensitive: tuple[str, ...]  # personnel, health, safety: no automatic word, ever
    family: tuple[str, ...]
    itinerary: tuple[str, ...]
    hierarchy: tuple[str, ...]
    phone: tuple[str, ...]
    abroad: tuple[str, ...]


# --- matching ---------------------------------------------------------------------------------------------------------


def fold(text: str) -> str:
    """Case, accents and width removed. Japanese voicing marks are letters, not accents, and stay."""
    spread = unicodedata.normalize("NFKD", text.casefold().translate(_UNDECOMPOSED))
    bare = "".join(c for c in spread if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", bare)


def contains(text: str, words: Iterable[str]) -> str:
    """The first of `words` that stands in `text` as a whole word or phrase, else "". Scripts without spaces match anywhere."""
    folded = fold(text)
    return next((word for word in words if _whole(fold(word)).search(folded)), "")


@functools.lru_cache(maxsize=4096)
def _whole(word: str) -> re.Pattern[str]:
    """Neighbours that are Latin letters or digits make it another word; `\\w` would count Japanese neighbours too."""
    gaps = r"\s+".join(re.escape(part) for part in word.split())
    return re.compile(gaps if not word.isascii() else rf"(?<![a-z0-9]){gaps}(?![a-z0-9])")


# --- writing ----------------------------------------------------------------------------------------------------------


def on_day(day: date, language: Language) -> str:
    """The date as this language writes it in a sentence: "Monday 7 December 2026", "lundi 1er juin 2026"."""
    words = PHRASES[language]
    values = {
        "weekday": words.weekdays[day.weekday()],
        "day": words.first if day.day == 1 else str(day.day),
        "month": words.months[day.month - 1],
        "year": str(day.year),
    }
    return _VARIABLE.sub(lambda m: values[m[1]], words.date)


def at_time(span: Interval, zone: str, language: Language) -> str:
    """Date and time of day on the wall clock of `zone`, which is named. An end on a later day has its date."""
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (span.start, span.end))
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{on_day(end.date(), language)} {end:%H:%M}"
    return f"{on_day(start.date(), language)}, {start:%H:%M}–{until} ({zone})"


def at_moment(moment: datetime, zone: str, language: Language) -> str:
    """Date and time of day on the wall clock of `zone`, which is named."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{on_day(local.date(), language)}, {local:%H:%M} ({zone})"


def in_list(names: Iterable[str], language: Language) -> str:
    """ "Ana, Ben and Cem"."""
    listed = [printable(name) for name in names]
    if len(listed) < 2:
        return "".join(listed)
    comma = "、" if language == "ja" else ", "
    return comma.join(listed[:-1]) + PHRASES[language].joiner + listed[-1]


def fill(template: str, values: Mapping[str, str]) -> str:
    """The text with its variables replaced, once: braces in a value stay braces. A line with an empty variable is left
    out, and so are the blank lines this makes. KeyError for a variable that `values` lacks."""
    lines = [_filled(line, values) for line in template.strip("\n").split("\n")]
    kept = "\n".join(line for line in lines if line is not None)
    return re.sub(r"\n{3,}", "\n\n", kept).strip("\n")


def _filled(line: str, values: Mapping[str, str]) -> str | None:
    if any(not values[m[1]] for m in _VARIABLE.finditer(line)):
        return None
    return _VARIABLE.sub(lambda m: printable(values[m[1]], 500), line)


def variables(template: str) -> tuple[str, ...]:
    """Every {name} in the text, in order, known or not."""
    return tuple(m[1] for m in _VARIABLE.finditer(template))


def language_for(reader: Person | None, me: Me) -> Language:
    """The language to write in: the reader's, else the leader's first."""
    own: Language = me.languages[0] if me.languages else "en"
    return reader.language or own if reader else own


# --- the languages ----------------------------------------------------------------------------------------------------

# fmt: off
_EN = Phrases(
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ),
    date="{weekday} {day} {month} {year}",
    joiner=" and ",
    subject="Away, back on {back_on}",
    internal="""
Thank you for your message. I am away and back on {back_on}.

{deputy} covers for me: {deputy_address}

What can wait is safe with me until then.

{name}
""",
    known="""
Thank you for your message. I am away and back on {back_on}.

In the meantime {deputy} will be happy to help: {deputy_address}

Everything else I answer once I am back.

Kind regards
{name}
""",
    unknown="""
Thank you for your message. I am away and back on {back_on}, and will read it then.

Kind regards
{name}
""",
    coaching="""
Hello {person},

this is an automated answer. I am away, and your message has arrived safely.

To get you moving sooner, would you add:
1. the problem in one sentence
2. three options
3. the one you recommend

{deputy} can help you in the meantime: {deputy_address}

No options yet? Send it anyway. And if it is urgent, put {urgent} in the subject: then it comes straight through.

{name}
""",
    ask_subject="Would you host “{title}” for me?",
    ask="""
Hello {deputy},

I will be away. Would you host this meeting for me?

{title}
{when}

What you may decide: {level}
Please do not decide: {limits}
If it gets stuck: {escalate}
Together with: {pair}

To answer, accept or decline the meeting in your calendar, or reply to this mail with one word: yes or no.
A no is fine, then somebody else is asked. Until you say yes, the meeting stays mine.
If I hear nothing by {until}, I ask somebody else.

Thank you
{name}
""",
    withdrawn_subject="No longer needed: hosting “{title}”",
    withdrawn="""
Hello {deputy},

you need not host this meeting for me any more:

{title}
{when}

There is nothing to do. Thank you for being there.
{name}
""",
    levels=("do exactly what is written", "look into it and report", "recommend, I decide", "decide, then tell me", "decide"),
    yes=(
        "yes", "yep", "yeah", "sure", "ok", "okay", "accept", "accepted", "i accept", "will do", "happy to", "gladly",
        "no problem", "of course", "i'll do it", "i will do it", "count me in",
    ),
    no=(
        "no", "no thanks", "no thank you", "sorry no", "nope", "decline", "declined",
        "i decline", "sorry, no", "i can't", "i cannot", "can't", "cannot", "unable to",
    ),
    asks=(
        "help", "can you decide", "could you decide", "decision", "decide", "what should", "should i", "should we", "how should",
        "what do you think", "your input", "your opinion", "please advise", "advice", "approve", "approval", "sign off",
        "your call", "i am stuck", "i'm stuck", "we are stuck", "blocked", "not sure how", "not sure what", "not sure whether",
        "how do i", "how do we", "which option", "guidance",
    ),
    urgent=(
        "urgent", "urgently", "asap", "emergency", "immediately", "right now", "critical", "outage", "incident", "is down",
        "data breach", "security breach",
    ),
    sensitive=(
        "sick", "ill", "illness", "doctor", "hospital", "surgery", "accident", "injury", "injured", "burnout", "burn-out",
        "burned out", "burnt out", "depressed", "depression", "anxiety", "mental health", "pregnant", "pregnancy", "maternity",
        "paternity", "parental leave", "harassment", "harassed", "bullying", "bullied", "discrimination", "assault", "abuse",
        "threat", "threatened", "resign", "resignation", "quit", "quitting", "notice period", "salary", "pay rise", "raise",
        "promotion", "my contract", "fired", "lay off", "layoff", "layoffs", "dismissal", "termination", "complaint", "grievance",
        "conflict with", "human resources", "hr", "works council", "warning letter", "safety", "unsafe", "evacuation",
        "fire alarm", "police", "death", "died", "dying", "funeral", "passed away", "suicide", "suicidal", "divorce", "cancer",
        "personal matter", "personal issue", "confidential", "whistleblower",
    ),
    family=(
        "family", "wife", "husband", "kids", "kid", "children", "child", "son", "daughter", "baby", "mother", "father", "parents",
        "honeymoon", "wedding", "parental leave", "maternity", "paternity", "school holidays", "school break",
    ),
    itinerary=(
        "flight", "flights", "flying", "airport", "hotel", "airbnb", "cruise", "itinerary", "layover", "boarding", "resort",
        "road trip", "train", "landing", "jet lag", "time zone",
    ),
    hierarchy=(
        "boss", "manager", "line manager", "supervisor", "superior", "subordinate", "subordinates", "direct report",
        "direct reports", "reports to", "ceo", "cfo", "cto", "coo", "vice president", "vp",
    ),
    phone=("mobile", "cell", "cell phone", "cellphone", "phone", "telephone", "whatsapp", "sms", "text me", "call me"),
    abroad=("abroad", "overseas", "out of the country", "out of town"),
)

_DE = Phrases(
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember",
    ),
    date="{weekday}, {day}. {month} {year}",
    joiner=" und ",
    subject="Abwesend, zurück ab {back_on}",
    internal="""
Danke für die Nachricht. Ich bin abwesend und ab {back_on} wieder da.

Meine Vertretung: {deputy}, {deputy_address}

Was warten kann, ist bis dahin gut bei mir aufgehoben.

{name}
""",
    known="""
Vielen Dank für Ihre Nachricht. Ich bin abwesend und ab {back_on} wieder da.

In der Zwischenzeit hilft Ihnen gerne {deputy}: {deputy_address}

Alles andere beantworte ich nach meiner Rückkehr.

Herzliche Grüße
{name}
""",
    unknown="""
Vielen Dank für Ihre Nachricht. Ich bin abwesend, ab {back_on} wieder da und lese sie dann.

Herzliche Grüße
{name}
""",
    coaching="""
Hallo {person},

dies ist eine automatische Antwort. Ich bin abwesend, die Nachricht ist gut angekommen.

Damit es schneller weitergeht, hilft eine kurze Ergänzung:
1. das Problem in einem Satz
2. drei Möglichkeiten
3. die eigene Empfehlung

In der Zwischenzeit hilft {deputy}: {deputy_address}

Noch keine Möglichkeiten? Trotzdem schicken. Und wenn es dringend ist: {urgent} in den Betreff, dann kommt es sofort durch.

{name}
""",
    ask_subject="Bitte um Vertretung: „{title}“",
    ask="""
Hallo {deputy},

ich bin abwesend und suche für diese Besprechung eine Vertretung, die sie leitet:

{title}
{when}

Entscheidungsrahmen: {level}
Bitte nicht entscheiden: {limits}
Wenn es klemmt: {escalate}
Gemeinsam mit: {pair}

Zum Antworten den Termin im Kalender annehmen oder ablehnen, oder auf diese Mail mit einem Wort antworten: ja oder nein.
Ein Nein ist in Ordnung, dann wird jemand anders gefragt. Bis zum Ja bleibt die Besprechung bei mir.
Wenn bis {until} keine Antwort kommt, frage ich jemand anders.

Danke
{name}
""",
    withdrawn_subject="Nicht mehr nötig: Vertretung für „{title}“",
    withdrawn="""
Hallo {deputy},

für diese Besprechung wird keine Vertretung mehr gebraucht:

{title}
{when}

Es ist nichts zu tun. Danke für die Bereitschaft.
{name}
""",
    levels=(
        "genau das tun, was vereinbart ist", "klären und berichten", "empfehlen, ich entscheide",
        "entscheiden und mir dann berichten", "entscheiden",
    ),
    yes=(
        "ja", "gern", "gerne", "klar", "sicher", "einverstanden", "zugesagt", "ich sage zu", "mache ich", "mach ich",
        "übernehme ich", "ich übernehme", "kein problem", "passt",
    ),
    no=(
        "nein", "nein danke", "nee", "leider nein", "leider nicht",
        "abgesagt", "ich sage ab", "kann nicht", "ich kann nicht", "geht nicht",
    ),
    asks=(
        "hilfe", "helfen", "hilf mir", "entscheidung", "entscheiden", "entscheide", "was soll ich", "soll ich", "sollen wir",
        "wie soll", "was meinst du", "was meinen sie", "deine meinung", "ihre meinung", "rat", "ratschlag", "freigabe",
        "freigeben", "genehmigung", "genehmigen", "ich komme nicht weiter", "wir kommen nicht weiter", "weiß nicht wie",
        "weiß nicht, wie", "weiß nicht ob", "weiß nicht, ob", "blockiert", "welche option", "welche variante", "was tun",
    ),
    urgent=("dringend", "eilt", "eilig", "sofort", "notfall", "unverzüglich", "kritisch", "ausfall", "störung", "datenleck"),
    sensitive=(
        "krank", "krankheit", "krankgemeldet", "krankschreibung", "arzt", "ärztin", "krankenhaus", "operiert", "unfall",
        "verletzt", "verletzung", "überlastet", "depression", "depressiv", "psychisch", "schwanger", "schwangerschaft",
        "mutterschutz", "elternzeit", "mobbing", "gemobbt", "belästigung", "belästigt", "diskriminierung", "übergriff", "bedroht",
        "bedrohung", "kündigung", "kündigen", "kündige", "gekündigt", "gehalt", "gehaltserhöhung", "beförderung", "mein vertrag",
        "entlassung", "entlassen", "beschwerde", "konflikt mit", "streit", "personalabteilung", "betriebsrat", "abmahnung",
        "arbeitsschutz", "arbeitssicherheit", "sicherheit", "evakuierung", "feueralarm", "polizei", "tod", "gestorben",
        "verstorben", "beerdigung", "suizid", "scheidung", "krebs", "vertraulich", "persönlich", "privat",
    ),
    family=(
        "familie", "frau", "ehefrau", "ehemann", "mein mann", "kinder", "kind", "sohn", "tochter", "baby", "mutter", "vater",
        "eltern", "flitterwochen", "hochzeit", "elternzeit", "mutterschutz", "schulferien",
    ),
    itinerary=(
        "flug", "flüge", "fliege", "flughafen", "hotel", "kreuzfahrt", "reiseroute", "reiseplan", "zwischenstopp", "zug", "bahn",
        "ferienwohnung", "landung", "zeitzone",
    ),
    hierarchy=(
        "chef", "chefin", "vorgesetzter", "vorgesetzte", "vorgesetzten", "vorgesetzter von", "mitarbeiter von", "untergebene",
        "abteilungsleiter", "abteilungsleiterin", "bereichsleiter", "bereichsleiterin", "geschäftsführer", "geschäftsführerin",
        "berichtet an",
    ),
    phone=("handy", "handynummer", "mobil", "mobilnummer", "telefon", "telefonisch", "rufnummer", "anrufen"),
    abroad=("ausland", "im ausland", "übersee", "verreist"),
)

_FR = Phrases(
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    date="{weekday} {day} {month} {year}",
    first="1er",
    joiner=" et ",
    subject="En absence, de retour le {back_on}",
    internal="""
Merci pour ce message. Je suis en absence, de retour le {back_on}.

Pendant ce temps, {deputy} me remplace : {deputy_address}

Ce qui peut attendre m'attend tranquillement.

{name}
""",
    known="""
Merci pour votre message. Je suis en absence, de retour le {back_on}.

Entre-temps, {deputy} vous aidera volontiers : {deputy_address}

Je répondrai au reste à mon retour.

Bien cordialement
{name}
""",
    unknown="""
Merci pour votre message. Je suis en absence, de retour le {back_on}, et le lirai à ce moment-là.

Bien cordialement
{name}
""",
    coaching="""
Bonjour {person},

ceci est une réponse automatique. Je suis en absence, et le message est bien arrivé.

Pour avancer plus vite, il serait utile d'ajouter :
1. le problème en une phrase
2. trois options
3. celle qui est recommandée

Entre-temps, {deputy} peut aider : {deputy_address}

Pas encore d'options ? Il suffit de l'envoyer quand même. Et si c'est urgent, {urgent} dans l'objet le fait passer tout de suite.

{name}
""",
    ask_subject="Animer « {title} » à ma place ?",
    ask="""
Bonjour {deputy},

je serai en absence. Serait-il possible d'animer cette réunion à ma place ?

{title}
{when}

Marge de décision : {level}
À ne pas décider : {limits}
En cas de blocage : {escalate}
Ensemble avec : {pair}

Pour répondre, accepter ou refuser la réunion dans le calendrier, ou répondre à ce message par un seul mot : oui ou non.
Un non ne pose aucun souci, quelqu'un d'autre sera sollicité. Jusqu'au oui, la réunion reste la mienne.
Sans réponse d'ici au {until}, quelqu'un d'autre sera sollicité.

Merci
{name}
""",
    withdrawn_subject="Plus nécessaire : animer « {title} »",
    withdrawn="""
Bonjour {deputy},

il n'est plus nécessaire d'animer cette réunion à ma place :

{title}
{when}

Il n'y a rien à faire. Merci d'avoir été disponible.
{name}
""",
    levels=(
        "faire exactement ce qui est écrit", "étudier et rendre compte", "recommander, je décide", "décider, puis m'informer",
        "décider",
    ),
    yes=("oui", "d'accord", "volontiers", "avec plaisir", "bien sûr", "j'accepte", "accepté", "pas de problème", "entendu"),
    no=(
        "non", "non merci", "je refuse", "refusé",
        "je ne peux pas", "impossible", "malheureusement non", "désolé, non", "désolée, non",
    ),
    asks=(
        "aide", "aider", "décision", "décider", "que dois-je", "que faire", "dois-je", "devons-nous", "devrions-nous", "faut-il",
        "qu'en penses-tu", "qu'en pensez-vous", "ton avis", "votre avis", "conseil", "valider", "validation", "approuver",
        "approbation", "accord", "je suis bloqué", "je suis bloquée", "nous sommes bloqués", "bloqué", "je ne sais pas comment",
        "je ne sais pas si", "quelle option", "arbitrage", "trancher",
    ),
    urgent=("urgent", "urgente", "urgence", "immédiatement", "tout de suite", "au plus vite", "critique", "panne", "incident"),
    sensitive=(
        "malade", "maladie", "médecin", "hôpital", "opération", "accident", "blessé", "blessée", "blessure", "épuisement",
        "dépression", "déprimé", "déprimée", "santé", "enceinte", "grossesse", "congé maternité", "congé parental", "harcèlement",
        "harcelé", "harcelée", "discrimination", "agression", "menace", "menacé", "menacée", "démission", "démissionner",
        "salaire", "augmentation", "promotion", "mon contrat", "licenciement", "licencié", "licenciée", "plainte", "conflit avec",
        "ressources humaines", "rh", "syndicat", "avertissement", "sécurité", "évacuation", "alarme incendie", "police", "décès",
        "décédé", "décédée", "enterrement", "obsèques", "suicide", "divorce", "confidentiel", "confidentielle", "personnel",
    ),
    family=(
        "famille", "femme", "épouse", "mari", "époux", "enfants", "enfant", "fils", "fille", "bébé", "mère", "père", "parents",
        "lune de miel", "mariage", "congé parental", "congé maternité", "vacances scolaires",
    ),
    itinerary=(
        "vol", "aéroport", "hôtel", "croisière", "itinéraire", "escale", "train", "embarquement", "atterrissage",
        "fuseau horaire", "décalage horaire",
    ),
    hierarchy=(
        "patron", "patronne", "mon chef", "ma cheffe", "supérieur", "supérieure", "supérieur hiérarchique", "subordonné",
        "subordonnée", "responsable hiérarchique", "directeur général", "directrice générale", "pdg",
    ),
    phone=("portable", "mobile", "téléphone", "numéro de téléphone", "appelez-moi", "me joindre au"),
    abroad=("à l'étranger", "l'étranger", "outre-mer"),
)

_ES = Phrases(
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    months=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ),
    date="{weekday} {day} de {month} de {year}",
    joiner=" y ",
    subject="Fuera de la oficina, de vuelta el {back_on}",
    internal="""
Gracias por el mensaje. Estoy fuera y vuelvo el {back_on}.

Mientras tanto me sustituye {deputy}: {deputy_address}

Lo que puede esperar queda en buenas manos hasta entonces.

{name}
""",
    known="""
Gracias por su mensaje. Estoy fuera y vuelvo el {back_on}.

Mientras tanto {deputy} le ayudará con mucho gusto: {deputy_address}

Responderé a todo lo demás a mi vuelta.

Un cordial saludo
{name}
""",
    unknown="""
Gracias por su mensaje. Estoy fuera, vuelvo el {back_on} y lo leeré entonces.

Un cordial saludo
{name}
""",
    coaching="""
Hola, {person}:

Esta es una respuesta automática. Estoy fuera, y el mensaje ha llegado bien.

Para avanzar antes, ayuda añadir:
1. el problema en una frase
2. tres opciones
3. la opción recomendada

Mientras tanto puede ayudar {deputy}: {deputy_address}

¿Aún no hay opciones? Basta con enviarlo igualmente. Y si es urgente, con {urgent} en el asunto pasa directamente.

{name}
""",
    ask_subject="¿Dirigir «{title}» en mi lugar?",
    ask="""
Hola, {deputy}:

Estaré fuera. ¿Sería posible dirigir esta reunión en mi lugar?

{title}
{when}

Margen de decisión: {level}
Por favor, no decidir: {limits}
Si se atasca: {escalate}
Junto con: {pair}

Para responder, aceptar o rechazar la reunión en el calendario, o contestar a este correo con una sola palabra: sí o no.
Un no está bien, entonces se pregunta a otra persona. Hasta el sí, la reunión sigue siendo mía.
Si no hay respuesta hasta el {until}, preguntaré a otra persona.

Gracias
{name}
""",
    withdrawn_subject="Ya no hace falta: dirigir «{title}»",
    withdrawn="""
Hola, {deputy}:

Ya no hace falta dirigir esta reunión en mi lugar:

{title}
{when}

No hay nada que hacer. Gracias por la disposición.
{name}
""",
    levels=(
        "hacer exactamente lo escrito", "investigar e informar", "recomendar, decido yo", "decidir y luego contármelo", "decidir",
    ),
    yes=(
        "sí", "claro", "vale", "por supuesto", "con gusto", "de acuerdo", "acepto", "aceptado", "sin problema", "cuenta conmigo",
    ),
    no=("no", "no gracias", "no puedo", "rechazo", "rechazado", "imposible", "lo siento, no", "lamentablemente no"),
    asks=(
        "ayuda", "ayudar", "ayúdame", "decisión", "decidir", "decides", "qué hago", "qué debo", "qué hacemos", "debo", "debemos",
        "deberíamos", "qué opinas", "qué opina", "tu opinión", "su opinión", "consejo", "aprobar", "aprobación", "visto bueno",
        "no sé cómo", "no sé si", "no sé qué", "bloqueado", "bloqueada", "atascado", "atascada", "qué opción", "orientación",
    ),
    urgent=(
        "urgente", "urgentemente", "urgencia", "inmediatamente", "ahora mismo", "cuanto antes", "crítico", "caída", "incidente",
    ),
    sensitive=(
        "enfermo", "enferma", "enfermedad", "médico", "médica", "hospital", "operación", "accidente", "herido", "herida",
        "lesión", "agotamiento", "depresión", "ansiedad", "salud", "embarazada", "embarazo", "maternidad", "paternidad", "acoso",
        "acosado", "acosada", "discriminación", "agresión", "amenaza", "amenazado", "amenazada", "renuncia", "renunciar",
        "dimisión", "dimitir", "sueldo", "salario", "aumento", "ascenso", "mi contrato", "despido", "despedido", "despedida",
        "queja", "denuncia", "conflicto con", "recursos humanos", "rrhh", "sindicato", "seguridad", "evacuación",
        "alarma de incendio", "policía", "muerte", "fallecido", "fallecida", "falleció", "funeral", "suicidio", "divorcio",
        "cáncer", "confidencial", "personal",
    ),
    family=(
        "familia", "mujer", "esposa", "marido", "esposo", "hijos", "hijas", "hijo", "hija", "niños", "bebé", "madre", "padre",
        "padres", "luna de miel", "boda", "maternidad", "paternidad", "vacaciones escolares",
    ),
    itinerary=("vuelo", "vuelos", "aeropuerto", "hotel", "crucero", "itinerario", "escala", "tren", "embarque", "huso horario"),
    hierarchy=("jefe", "jefa", "superior", "subordinado", "subordinada", "director general", "directora general", "depende de"),
    phone=("móvil", "celular", "teléfono", "llámame", "llámeme", "whatsapp"),
    abroad=("extranjero", "en el extranjero", "ultramar", "fuera del país"),
)

_IT = Phrases(
    weekdays=("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
    months=(
        "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre",
        "dicembre",
    ),
    date="{weekday} {day} {month} {year}",
    first="1º",
    joiner=" e ",
    subject="Fuori ufficio, di ritorno {back_on}",
    internal="""
Grazie per il messaggio. Sono fuori ufficio, di ritorno {back_on}.

Nel frattempo mi sostituisce {deputy}: {deputy_address}

Quello che può aspettare è al sicuro fino ad allora.

{name}
""",
    known="""
Grazie per il Suo messaggio. Sono fuori ufficio, di ritorno {back_on}.

Nel frattempo {deputy} sarà felice di aiutarLa: {deputy_address}

A tutto il resto risponderò al mio ritorno.

Cordiali saluti
{name}
""",
    unknown="""
Grazie per il Suo messaggio. Sono fuori ufficio, di ritorno {back_on}, e lo leggerò allora.

Cordiali saluti
{name}
""",
    coaching="""
Ciao {person},

questa è una risposta automatica. Sono fuori ufficio, e il messaggio è arrivato bene.

Per andare avanti prima, aiuta aggiungere:
1. il problema in una frase
2. tre opzioni
3. quella consigliata

Nel frattempo può aiutare {deputy}: {deputy_address}

Ancora nessuna opzione? Va bene inviarlo lo stesso. E se è urgente, con {urgent} nell'oggetto passa subito.

{name}
""",
    ask_subject="Condurre «{title}» al posto mio?",
    ask="""
Ciao {deputy},

sarò fuori ufficio. Sarebbe possibile condurre questa riunione al posto mio?

{title}
{when}

Margine di decisione: {level}
Da non decidere: {limits}
Se si blocca: {escalate}
Insieme a: {pair}

Per rispondere, accettare o rifiutare la riunione nel calendario, o rispondere a questa mail con una sola parola: sì o no.
Un no va bene, si chiederà a qualcun altro. Fino al sì la riunione resta mia.
Senza risposta entro {until}, chiederò a qualcun altro.

Grazie
{name}
""",
    withdrawn_subject="Non serve più: condurre «{title}»",
    withdrawn="""
Ciao {deputy},

non serve più condurre questa riunione al posto mio:

{title}
{when}

Non c'è nulla da fare. Grazie per la disponibilità.
{name}
""",
    levels=(
        "fare esattamente ciò che è scritto", "approfondire e riferire", "consigliare, decido io", "decidere, poi informarmi",
        "decidere",
    ),
    yes=("sì", "certo", "volentieri", "va bene", "d'accordo", "accetto", "accettato", "nessun problema", "con piacere"),
    no=("no", "no grazie", "non posso", "rifiuto", "rifiutato", "impossibile", "purtroppo no", "mi dispiace, no"),
    asks=(
        "aiuto", "aiutare", "aiutarmi", "decisione", "decidere", "cosa devo", "che faccio", "devo", "dobbiamo", "dovremmo",
        "cosa ne pensi", "cosa ne pensa", "il tuo parere", "il suo parere", "consiglio", "approvare", "approvazione", "benestare",
        "non so come", "non so se", "non so cosa", "bloccato", "bloccata", "quale opzione",
    ),
    urgent=("urgente", "urgentemente", "urgenza", "emergenza", "immediatamente", "subito", "critico", "guasto", "incidente"),
    sensitive=(
        "malato", "malata", "malattia", "medico", "ospedale", "operazione", "infortunio", "ferito", "ferita", "esaurimento",
        "depressione", "ansia", "salute", "incinta", "gravidanza", "maternità", "paternità", "molestie", "mobbing",
        "discriminazione", "aggressione", "minaccia", "minacciato", "minacciata", "dimissioni", "dimettermi", "stipendio",
        "aumento", "promozione", "il mio contratto", "licenziamento", "licenziato", "licenziata", "reclamo", "conflitto con",
        "risorse umane", "sindacato", "sicurezza", "evacuazione", "allarme antincendio", "polizia", "morte", "morto", "morta",
        "deceduto", "deceduta", "funerale", "suicidio", "divorzio", "cancro", "riservato", "confidenziale", "personale",
    ),
    family=(
        "famiglia", "moglie", "marito", "figli", "figlio", "figlia", "bambini", "bambino", "bambina", "madre", "padre",
        "genitori", "luna di miele", "matrimonio", "maternità", "paternità", "vacanze scolastiche",
    ),
    itinerary=(
        "volo", "voli", "aeroporto", "hotel", "albergo", "crociera", "itinerario", "scalo", "treno", "imbarco", "fuso orario",
    ),
    hierarchy=(
        "capo", "superiore", "subordinato", "subordinata", "amministratore delegato", "amministratrice delegata", "dirigente",
    ),
    phone=("cellulare", "telefonino", "telefono", "chiamami", "mi chiami", "whatsapp"),
    abroad=("all'estero", "estero", "oltremare"),
)

_NL = Phrases(
    weekdays=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    months=(
        "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
        "december",
    ),
    date="{weekday} {day} {month} {year}",
    joiner=" en ",
    subject="Afwezig, terug op {back_on}",
    internal="""
Bedankt voor het bericht. Ik ben afwezig en terug op {back_on}.

Ondertussen neemt {deputy} voor mij waar: {deputy_address}

Wat kan wachten, ligt tot dan veilig bij mij.

{name}
""",
    known="""
Bedankt voor uw bericht. Ik ben afwezig en terug op {back_on}.

Ondertussen helpt {deputy} u graag: {deputy_address}

Al het andere beantwoord ik na mijn terugkeer.

Met vriendelijke groet
{name}
""",
    unknown="""
Bedankt voor uw bericht. Ik ben afwezig, terug op {back_on} en lees het dan.

Met vriendelijke groet
{name}
""",
    coaching="""
Hallo {person},

dit is een automatisch antwoord. Ik ben afwezig, en je bericht is goed aangekomen.

Om sneller verder te komen helpt het om toe te voegen:
1. het probleem in één zin
2. drie opties
3. welke je aanraadt

Ondertussen kan {deputy} helpen: {deputy_address}

Nog geen opties? Stuur het gerust toch. En als het dringend is: {urgent} in het onderwerp, dan komt het meteen door.

{name}
""",
    ask_subject="Wil je “{title}” voor mij leiden?",
    ask="""
Hallo {deputy},

ik ben afwezig. Wil je deze vergadering voor mij leiden?

{title}
{when}

Wat je mag beslissen: {level}
Graag niet beslissen: {limits}
Als het vastloopt: {escalate}
Samen met: {pair}

Antwoorden kan door de vergadering in je agenda te accepteren of af te wijzen, of met één woord op deze mail: ja of nee.
Een nee is prima, dan wordt iemand anders gevraagd. Tot je ja zegt, blijft de vergadering van mij.
Hoor ik niets tot {until}, dan vraag ik iemand anders.

Dank je wel
{name}
""",
    withdrawn_subject="Niet meer nodig: “{title}” leiden",
    withdrawn="""
Hallo {deputy},

je hoeft deze vergadering niet meer voor mij te leiden:

{title}
{when}

Je hoeft niets te doen. Bedankt dat je klaarstond.
{name}
""",
    levels=(
        "precies doen wat er staat", "uitzoeken en melden", "aanbevelen, ik beslis", "beslissen en het mij daarna vertellen",
        "beslissen",
    ),
    yes=("ja", "graag", "prima", "akkoord", "natuurlijk", "doe ik", "ik accepteer", "geaccepteerd", "geen probleem", "komt goed"),
    no=("nee", "nee bedankt", "neen", "helaas niet", "ik kan niet", "kan niet", "afgewezen", "lukt niet", "het lukt niet"),
    asks=(
        "hulp", "helpen", "beslissing", "beslissen", "besluit", "wat moet ik", "moet ik", "moeten we", "zullen we", "hoe moet",
        "wat vind je", "wat vindt u", "jouw mening", "uw mening", "advies", "goedkeuring", "goedkeuren", "akkoord nodig",
        "ik kom er niet uit", "we komen er niet uit", "weet niet hoe", "weet niet of", "vastgelopen", "geblokkeerd",
        "welke optie",
    ),
    urgent=("dringend", "spoed", "urgent", "noodgeval", "onmiddellijk", "direct nodig", "kritiek", "storing", "datalek"),
    sensitive=(
        "ziek", "ziekte", "ziekmelding", "huisarts", "dokter", "ziekenhuis", "operatie", "ongeluk", "ongeval", "gewond",
        "overspannen", "burn-out", "depressie", "depressief", "gezondheid", "zwanger", "zwangerschap", "zwangerschapsverlof",
        "ouderschapsverlof", "intimidatie", "pesten", "gepest", "discriminatie", "geweld", "bedreiging", "bedreigd", "ontslag",
        "opzeggen", "salaris", "loonsverhoging", "promotie", "mijn contract", "ontslagen", "klacht", "conflict met",
        "personeelszaken", "ondernemingsraad", "veiligheid", "onveilig", "evacuatie", "brandalarm", "politie", "overleden",
        "overlijden", "begrafenis", "zelfmoord", "scheiding", "kanker", "vertrouwelijk", "persoonlijk",
    ),
    family=(
        "familie", "gezin", "vrouw", "echtgenote", "echtgenoot", "mijn man", "kinderen", "kind", "zoon", "dochter", "baby",
        "moeder", "vader", "ouders", "huwelijksreis", "bruiloft", "ouderschapsverlof", "zwangerschapsverlof", "schoolvakantie",
    ),
    itinerary=(
        "vlucht", "vluchten", "vlieg", "vliegveld", "luchthaven", "hotel", "cruise", "reisschema", "tussenstop", "trein",
        "tijdzone",
    ),
    hierarchy=("baas", "leidinggevende", "chef", "manager", "ondergeschikte", "algemeen directeur", "rapporteert aan"),
    phone=("mobiel", "gsm", "telefoon", "telefonisch", "bel me", "bel mij", "whatsapp"),
    abroad=("buitenland", "in het buitenland", "overzee"),
)

_PT = Phrases(
    weekdays=("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"),
    months=(
        "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro",
        "dezembro",
    ),
    date="{weekday}, {day} de {month} de {year}",
    first="1º",
    joiner=" e ",
    subject="Em ausência, de volta a partir de {back_on}",
    internal="""
Agradeço a mensagem. Estou em ausência e de volta a partir de {back_on}.

Entretanto, {deputy} fica no meu lugar: {deputy_address}

O que pode esperar fica bem guardado até lá.

{name}
""",
    known="""
Agradeço a sua mensagem. Estou em ausência e de volta a partir de {back_on}.

Entretanto, {deputy} terá todo o gosto em ajudar: {deputy_address}

A tudo o resto respondo quando voltar.

Com os melhores cumprimentos
{name}
""",
    unknown="""
Agradeço a sua mensagem. Estou em ausência, de volta a partir de {back_on}, e vou lê-la nessa altura.

Com os melhores cumprimentos
{name}
""",
    coaching="""
Olá {person},

esta é uma resposta automática. Estou em ausência, e a mensagem chegou bem.

Para avançar mais depressa, ajuda acrescentar:
1. o problema numa frase
2. três opções
3. a opção recomendada

Entretanto, {deputy} pode ajudar: {deputy_address}

Ainda sem opções? Pode enviar na mesma. E se for urgente, com {urgent} no assunto passa de imediato.

{name}
""",
    ask_subject="Conduzir “{title}” no meu lugar?",
    ask="""
Olá {deputy},

vou estar em ausência. Seria possível conduzir esta reunião no meu lugar?

{title}
{when}

Margem de decisão: {level}
Por favor, não decidir: {limits}
Se encravar: {escalate}
Em conjunto com: {pair}

Para responder, aceitar ou recusar a reunião no calendário, ou responder a esta mensagem com uma só palavra: sim ou não.
Um não está bem, pergunta-se a outra pessoa. Até ao sim, a reunião continua a ser minha.
Se não houver resposta até {until}, pergunto a outra pessoa.

Muito agradeço
{name}
""",
    withdrawn_subject="Já não é preciso: conduzir “{title}”",
    withdrawn="""
Olá {deputy},

já não é preciso conduzir esta reunião no meu lugar:

{title}
{when}

Não há nada a fazer. Agradeço a disponibilidade.
{name}
""",
    levels=(
        "fazer exatamente o que está escrito", "analisar e informar", "recomendar, decido eu", "decidir e depois informar-me",
        "decidir",
    ),
    yes=("sim", "claro", "com gosto", "com prazer", "de acordo", "aceito", "aceite", "sem problema", "combinado", "pode ser"),
    no=(
        "não", "não obrigado", "não obrigada", "não posso",
        "recuso", "recusado", "impossível", "infelizmente não", "lamento, não",
    ),
    asks=(
        "ajuda", "ajudar", "decisão", "decidir", "o que devo", "o que faço", "devo", "devemos", "deveríamos", "o que achas",
        "o que acha", "a tua opinião", "a sua opinião", "sua opinião", "conselho", "aprovar", "aprovação", "não sei como",
        "não sei se", "não sei o que", "bloqueado", "bloqueada", "que opção", "qual opção", "orientação",
    ),
    urgent=(
        "urgente", "urgência", "emergência", "imediatamente", "agora mesmo", "o mais rápido", "crítico", "avaria", "incidente",
    ),
    sensitive=(
        "doente", "doença", "médico", "médica", "hospital", "cirurgia", "operação", "acidente", "ferido", "ferida", "lesão",
        "esgotamento", "depressão", "ansiedade", "saúde", "grávida", "gravidez", "maternidade", "paternidade", "assédio",
        "discriminação", "agressão", "ameaça", "ameaçado", "ameaçada", "demissão", "demitir", "salário", "aumento", "promoção",
        "meu contrato", "despedimento", "despedido", "despedida", "queixa", "conflito com", "recursos humanos", "rh", "sindicato",
        "segurança", "evacuação", "alarme de incêndio", "polícia", "morte", "faleceu", "falecimento", "funeral", "suicídio",
        "divórcio", "cancro", "câncer", "confidencial", "pessoal",
    ),
    family=(
        "família", "mulher", "esposa", "marido", "filhos", "filho", "filha", "crianças", "bebé", "bebê", "mãe", "pai", "pais",
        "lua de mel", "casamento", "maternidade", "paternidade", "férias escolares",
    ),
    itinerary=(
        "voo", "voos", "aeroporto", "hotel", "cruzeiro", "itinerário", "escala", "comboio", "trem", "embarque", "fuso horário",
    ),
    hierarchy=("chefe", "patrão", "patroa", "superior", "subordinado", "subordinada", "diretor-geral", "diretora-geral"),
    phone=("telemóvel", "celular", "telefone", "ligue-me", "me ligue", "whatsapp"),
    abroad=("estrangeiro", "no estrangeiro", "no exterior", "ultramar"),
)

_SV = Phrases(
    weekdays=("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    months=(
        "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december",
    ),
    date="{weekday} {day} {month} {year}",
    joiner=" och ",
    subject="Borta, tillbaka {back_on}",
    internal="""
Tack för ditt meddelande. Jag är borta och tillbaka {back_on}.

Under tiden vikarierar {deputy} för mig: {deputy_address}

Det som kan vänta ligger tryggt hos mig så länge.

{name}
""",
    known="""
Tack för ditt meddelande. Jag är borta och tillbaka {back_on}.

Under tiden hjälper {deputy} dig gärna: {deputy_address}

Allt annat svarar jag på när jag är tillbaka.

Vänliga hälsningar
{name}
""",
    unknown="""
Tack för ditt meddelande. Jag är borta, tillbaka {back_on} och läser det då.

Vänliga hälsningar
{name}
""",
    coaching="""
Hej {person},

det här är ett automatiskt svar. Jag är borta, och ditt meddelande har kommit fram.

För att komma vidare snabbare, lägg gärna till:
1. problemet i en mening
2. tre alternativ
3. det du rekommenderar

Under tiden kan {deputy} hjälpa till: {deputy_address}

Inga alternativ ännu? Skicka det ändå. Och om det är brådskande, skriv {urgent} i ämnesraden: då kommer det fram direkt.

{name}
""",
    ask_subject="Kan du leda ”{title}” åt mig?",
    ask="""
Hej {deputy},

jag är borta. Kan du leda det här mötet åt mig?

{title}
{when}

Det här får du besluta: {level}
Besluta helst inte om: {limits}
Om det kör fast: {escalate}
Tillsammans med: {pair}

Svara genom att acceptera eller avböja mötet i kalendern, eller svara på det här mejlet med ett ord: ja eller nej.
Ett nej går bra, då tillfrågas någon annan. Tills du säger ja är mötet mitt.
Om jag inte har hört något senast {until} frågar jag någon annan.

Tack
{name}
""",
    withdrawn_subject="Behövs inte längre: leda ”{title}”",
    withdrawn="""
Hej {deputy},

du behöver inte längre leda det här mötet åt mig:

{title}
{when}

Du behöver inte göra något. Tack för att du ställde upp.
{name}
""",
    levels=(
        "gör exakt det som står", "undersök och rapportera", "rekommendera, jag beslutar", "besluta och berätta sedan", "besluta",
    ),
    yes=("ja", "japp", "gärna", "absolut", "självklart", "visst", "jag accepterar", "inga problem", "det gör jag", "jag tar det"),
    no=("nej", "nej tack", "tyvärr inte", "tyvärr nej", "jag kan inte", "kan inte", "avböjer", "jag avböjer", "går inte"),
    asks=(
        "hjälp", "hjälpa", "beslut", "besluta", "bestämma", "vad ska jag", "ska jag", "ska vi", "bör vi", "hur ska",
        "vad tycker du", "din åsikt", "råd", "godkänna", "godkännande", "jag har kört fast", "vi har kört fast", "vet inte hur",
        "vet inte om", "vet inte vad", "blockerad", "vilket alternativ", "vägledning",
    ),
    urgent=("brådskande", "akut", "omedelbart", "genast", "nödläge", "kritiskt", "avbrott", "driftstopp", "incident"),
    sensitive=(
        "sjuk", "sjukdom", "sjukskriven", "läkare", "sjukhus", "opereras", "olycka", "skadad", "skada", "utbränd", "utmattning",
        "depression", "deprimerad", "ångest", "hälsa", "psykisk", "gravid", "graviditet", "föräldraledig", "föräldraledighet",
        "trakasserier", "mobbning", "mobbad", "diskriminering", "övergrepp", "hotelse", "hotad", "uppsägning", "säga upp", "lön",
        "löneförhöjning", "befordran", "mitt kontrakt", "avskedad", "klagomål", "konflikt med", "personalavdelningen", "facket",
        "säkerhet", "arbetsmiljö", "evakuering", "brandlarm", "polis", "död", "dött", "begravning", "självmord", "skilsmässa",
        "cancer", "konfidentiellt", "personligt",
    ),
    family=(
        "familj", "familjen", "fru", "hustru", "min man", "barn", "barnen", "son", "dotter", "bebis", "mamma", "pappa", "mor",
        "far", "föräldrar", "smekmånad", "bröllop", "föräldraledig", "skollov",
    ),
    itinerary=(
        "flyg", "flyget", "flygplats", "flygplatsen", "hotell", "hotellet", "kryssning", "resplan", "mellanlandning", "tåg",
        "tidszon",
    ),
    hierarchy=("chef", "min chef", "överordnad", "underordnad", "vd", "verkställande direktör", "rapporterar till"),
    phone=("mobil", "mobilnummer", "telefon", "ring mig", "whatsapp"),
    abroad=("utomlands", "utlandet"),
)

_PL = Phrases(
    weekdays=("poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"),
    months=(
        "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października",
        "listopada", "grudnia",
    ),
    date="{day} {month} {year} r.",
    joiner=" i ",
    subject="Poza biurem, powrót {back_on}",
    internal="""
Dziękuję za wiadomość. Jestem poza biurem, wracam {back_on}

W tym czasie zastępstwo: {deputy}, {deputy_address}

To, co może poczekać, jest do tego czasu bezpieczne.

{name}
""",
    known="""
Dziękuję za wiadomość. Jestem poza biurem, wracam {back_on}

W tym czasie chętnie pomoże {deputy}: {deputy_address}

Na pozostałe wiadomości odpowiem po powrocie.

Z serdecznymi pozdrowieniami
{name}
""",
    unknown="""
Dziękuję za wiadomość. Jestem poza biurem i przeczytam ją po powrocie, {back_on}

Z serdecznymi pozdrowieniami
{name}
""",
    coaching="""
Dzień dobry, {person},

to jest odpowiedź automatyczna. Jestem poza biurem, a wiadomość dotarła.

Żeby sprawa szybciej ruszyła, warto dopisać:
1. problem w jednym zdaniu
2. trzy możliwości
3. tę polecaną

W tym czasie może pomóc {deputy}: {deputy_address}

Nie ma jeszcze możliwości? Proszę wysłać mimo to. A jeśli to pilne, dopisek {urgent} w temacie przepuści wiadomość od razu.

{name}
""",
    ask_subject="Prośba o poprowadzenie „{title}”",
    ask="""
Dzień dobry, {deputy},

nie będzie mnie w biurze. Proszę o poprowadzenie tego spotkania w moim zastępstwie:

{title}
{when}

Zakres decyzji: {level}
Proszę nie decydować: {limits}
Gdyby coś utknęło: {escalate}
Razem z: {pair}

Odpowiedzieć można, przyjmując lub odrzucając spotkanie w kalendarzu, albo jednym słowem na tę wiadomość: tak lub nie.
Odmowa to nic złego, poproszę wtedy kogoś innego. Do czasu zgody spotkanie pozostaje moje.
Termin odpowiedzi: {until}. Bez odpowiedzi poproszę kogoś innego.

Dziękuję
{name}
""",
    withdrawn_subject="Już niepotrzebne: prowadzenie „{title}”",
    withdrawn="""
Dzień dobry, {deputy},

nie trzeba już prowadzić tego spotkania w moim zastępstwie:

{title}
{when}

Nic nie trzeba robić. Dziękuję za gotowość.
{name}
""",
    levels=(
        "zrobić dokładnie to, co zapisano", "zbadać i zdać sprawę", "polecić, ja decyduję", "zdecydować i potem mi powiedzieć",
        "zdecydować",
    ),
    yes=("tak", "jasne", "oczywiście", "chętnie", "zgoda", "zgadzam się", "akceptuję", "nie ma problemu", "dobrze"),
    no=("nie", "nie dziękuję", "niestety nie", "nie mogę", "odmawiam", "nie dam rady"),
    asks=(
        "pomoc", "pomocy", "pomóc", "pomóż", "decyzja", "decyzji", "decyzję", "zdecydować", "co mam", "co robić", "czy mam",
        "czy mamy", "czy powinniśmy", "czy powinnam", "czy powinienem", "co sądzisz", "co myślisz", "twoja opinia", "rada",
        "radę", "zatwierdzić", "zatwierdzenie", "akceptacja", "akceptację", "zgodę", "nie wiem jak", "nie wiem, jak",
        "nie wiem czy", "nie wiem, czy", "utknąłem", "utknęłam", "utknęliśmy", "zablokowany", "która opcja", "którą opcję",
    ),
    urgent=("pilne", "pilnie", "natychmiast", "nagły", "nagłe", "awaria", "awarię", "krytyczne", "incydent"),
    sensitive=(
        "chory", "chora", "choroba", "lekarz", "lekarza", "szpital", "szpitalu", "operacja", "wypadek", "wypadku", "ranny",
        "ranna", "wypalenie", "depresja", "depresję", "zdrowie", "zdrowia", "ciąża", "ciąży", "macierzyński", "rodzicielski",
        "molestowanie", "mobbing", "dyskryminacja", "przemoc", "groźba", "groźby", "wypowiedzenie", "odejście", "odchodzę",
        "pensja", "podwyżka", "podwyżkę", "awans", "moja umowa", "moją umowę", "zwolnienie", "zwolniony", "zwolniona", "skarga",
        "konflikt z", "kadry", "kadr", "związek zawodowy", "bhp", "bezpieczeństwo", "bezpieczeństwa", "ewakuacja",
        "alarm pożarowy", "policja", "śmierć", "zmarł", "zmarła", "pogrzeb", "samobójstwo", "rozwód", "rak", "poufne", "osobiste",
        "prywatne",
    ),
    family=(
        "rodzina", "rodziną", "rodziny", "żona", "żoną", "mąż", "mężem", "dzieci", "dziećmi", "dziecko", "syn", "córka", "matka",
        "ojciec", "rodzice", "miesiąc miodowy", "ślub", "urlop macierzyński", "urlop rodzicielski", "ferie", "wakacje szkolne",
    ),
    itinerary=(
        "lot", "lotu", "lotnisko", "lotnisku", "hotel", "hotelu", "rejs", "plan podróży", "przesiadka", "pociąg",
        "strefa czasowa",
    ),
    hierarchy=("szef", "szefowa", "przełożony", "przełożona", "podwładny", "podwładna", "kierownik", "kierowniczka", "prezes"),
    phone=("komórka", "komórkę", "telefon", "telefoniczny", "telefonicznie", "zadzwoń", "whatsapp"),
    abroad=("za granicą", "zagranica", "zagranicą"),
)

_JA = Phrases(
    weekdays=("月", "火", "水", "木", "金", "土", "日"),
    months=("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"),
    date="{year}年{month}月{day}日({weekday})",
    joiner="、",
    subject="不在のお知らせ({back_on}に戻ります)",
    internal="""
ご連絡ありがとうございます。現在不在にしており、{back_on}に戻ります。

不在の間は {deputy} が代わりを務めます: {deputy_address}

お急ぎでないものは、戻ってから対応いたします。

{name}
""",
    known="""
ご連絡ありがとうございます。現在不在にしており、{back_on}に戻ります。

不在の間は {deputy} が喜んで承ります: {deputy_address}

そのほかのご用件には、戻り次第お返事いたします。

{name}
""",
    unknown="""
ご連絡ありがとうございます。現在不在にしております。{back_on}に戻ってから拝見いたします。

{name}
""",
    coaching="""
{person} さん

これは自動返信です。現在不在にしていますが、メッセージは届いています。

早く前に進めるために、次の三つを書き足してもらえると助かります。
1. 問題を一文で
2. 選択肢を三つ
3. その中でお勧めのもの

その間は {deputy} が力になります: {deputy_address}

選択肢がまだなくても大丈夫です。そのまま送ってください。急ぎの場合は件名に {urgent} と入れると、すぐに届きます。

{name}
""",
    ask_subject="「{title}」の進行のお願い",
    ask="""
{deputy} さん

不在にするため、次の会議の進行をお願いできますか。

{title}
{when}

決めてよい範囲: {level}
決めないでいただきたいこと: {limits}
困ったときは: {escalate}
一緒に進める人: {pair}

カレンダーで承諾または辞退するか、このメールに「はい」か「いいえ」の一言でご返信ください。
「いいえ」でも構いません。ほかの人にお願いします。承諾いただくまで、会議の責任は私にあります。
{until}までにご返信がない場合は、ほかの人にお願いします。

よろしくお願いします。
{name}
""",
    withdrawn_subject="「{title}」の進行は不要になりました",
    withdrawn="""
{deputy} さん

次の会議の進行をお願いする必要がなくなりました。

{title}
{when}

特に何もしていただく必要はありません。ありがとうございました。
{name}
""",
    levels=("書かれたとおりに行う", "調べて報告する", "提案する(決定は私が行う)", "決めてから報告する", "決める"),
    yes=("はい", "承知しました", "承知いたしました", "了解", "引き受けます", "承諾", "問題ありません", "大丈夫です", "喜んで"),
    no=("いいえ", "できません", "辞退", "無理です", "難しいです", "お断り"),
    asks=(
        "助けて", "手伝って", "相談", "ご判断", "判断を", "判断して", "決めて", "ご決定", "どうすれば", "どうしたら",
        "どうすべき", "ご指示", "指示を", "承認", "アドバイス", "助言",
        "困って", "ご意見", "迷って",
    ),
    urgent=("至急", "緊急", "大至急", "今すぐ", "直ちに", "障害", "停止して"),
    sensitive=(
        "病気", "病院", "医師", "入院", "手術", "事故", "怪我", "けが", "うつ", "鬱", "メンタル", "体調", "妊娠", "産休",
        "育休", "ハラスメント", "いじめ", "差別", "暴力",
        "脅迫", "退職", "辞めたい", "給与", "給料", "昇給", "昇進", "契約", "解雇", "苦情", "人事", "労働組合", "安全", "避難",
        "火災", "警察", "死亡", "亡くな", "葬儀",
        "自殺", "離婚", "癌", "内密", "機密", "個人的",
    ),
    family=("家族", "妻", "夫", "子供", "子ども", "息子", "娘", "赤ちゃん", "両親", "新婚旅行", "結婚式", "産休", "育休"),
    itinerary=("便で", "飛行機", "フライト", "空港", "ホテル", "クルーズ", "旅程", "乗り継ぎ", "新幹線", "電車", "時差"),
    hierarchy=("上司", "部下", "社長", "部長", "課長", "直属"),
    phone=("携帯", "電話番号", "お電話", "電話"),
    abroad=("海外", "国外"),
)

# fmt: on

PHRASES: Mapping[Language, Phrases] = {
    "en": _EN, "de": _DE, "fr": _FR, "es": _ES, "it": _IT, "nl": _NL, "pt": _PT, "sv": _SV, "pl": _PL, "ja": _JA,
}  # fmt: skip


def every(field: str) -> tuple[str, ...]:
    """The words of one kind in all languages: for what must be recognised whatever somebody writes in."""
    return tuple(word for words in PHRASES.values() for word in getattr(words, field))
