"""The gazetteer behind `rules.gazetteer.Gazetteer`: airports from airportsdata, zones of coordinates from tzfpy, and our own
table of names in the languages of calendars (`integrations.place_names`). Nothing is loaded before the first look-up; nothing
is fetched; unknown is None, never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from msgspec import Struct

from integrations import place_names
from rules.gazetteer import Gazetteer
from rules.model import Place
from rules.words import fold, key_of

# A row of airportsdata that has an IATA code and a zone: icao, iata, name, city, subdivision, country, elevation, lat, lon, tz.
_TEXT = r'"((?:[^"]|"")*)"'
_AIRPORT = re.compile(
    rf'^"[^"]*","([A-Z0-9]{{3}})",{_TEXT},{_TEXT},{_TEXT},"([A-Z]*)",[^,]*,([^,]*),([^,]*),"([^"]+)"', re.MULTILINE
)
_WORD = re.compile(r"[^\W_]+")
_PARENTHESES = re.compile(r"[()\[\]]")
_POSTAL = re.compile(r"\b(?:[A-Z]{1,2}-)?\d[\d-]{2,8}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|〒")
_CODE_IN_PARENTHESES = re.compile(r"\(([A-Z]{3})\)")
_CITY_CODE = re.compile(r"\b([A-Z]{3})\b")
_POSTAL_CITY = re.compile(r"\b(?:[A-Z]{1,2}-)?\d{4,5}(?:-\d{3})?\s+([^\W\d_][^\d,;()|]*)")
_EAST_ASIAN_RUN = re.compile(r"[\u30a0-\u30ff]+|[\u3400-\u9fff々]+|[\uac00-\ud7af]+")
_NOT_PLACES_AFTER = "語人円製食酒式産"  # 日本語 is a language, 日本人 a person
_STREET = re.compile(
    r"\d|\b(?:street|st|road|rd|avenue|ave|lane|drive|square|blvd|boulevard|rue|place|via|piazza|calle|plaza|rua|allee|platz)\b"
    r"|stra(?:ss|ß)e|straat|gata|gatan|ulica",
    re.IGNORECASE,
)
_STATION_WORDS = frozenset(
    _WORD.findall(
        """
hbf hauptbahnhof bahnhof bf central centralna centrale centraal centralen centralstation c s centrum glowny glowna wschodnia
zachodnia station rail railway train main tgv gare de du la le l est nord sud oost west ost midi zuid noord lyon part dieu
perrache montparnasse saint lazare austerlitz bercy charles gaulle termini tiburtina porta nuova susa garibaldi santa maria
novella lucia mestre smn atocha chamartin sants joaquin sorolla prado zloty st pancras international int kings king cross
euston paddington victoria waterloo liverpool street london bridge marylebone piccadilly new queen waverley haymarket oriente
apolonia campanha sao bento keleti nyugati deli hlavni nadrazi hl n spandau sudkreuz ostbahnhof gesundbrunnen altona dammtor
harburg messe deutz flughafen airport schiphol penn union grand south north bibliotheque hovedbanegard h vasteras cst matabiro
zoo tief hb sbb ville terminal terminus busbahnhof zob bus coach 駅
"""
    )
)
_BEFORE_STATION = re.compile(
    r"^(?:gare (?:de|du|d)|bahnhof|estacion de|stazione di|stacja|station|dworzec)\s+(?:la )?", re.IGNORECASE
)


class Airport(NamedTuple):
    code: str  # IATA
    name: str
    city: str
    state: str
    country: str  # ISO 3166
    latitude: str
    longitude: str
    zone: str

    @property
    def spot(self) -> tuple[float, float]:
        return float(self.latitude), float(self.longitude)


class _Entry(Struct, frozen=True):
    """One name in our table. `rank`: 0 settlement, 1 region, 2 state, 3 country."""

    place: Place
    rank: int
    ordinary: bool = False


class Places(Gazetteer):
    """Looks names up. Building the index takes about 0.1 s and happens once, at the first look-up; answers are remembered."""

    def __init__(self) -> None:
        self._remembered = lru_cache(maxsize=8192)(self._look_up)

    def airport(self, code: str) -> Place | None:
        return self._remembered("airport", code, "")

    def city(self, name: str, country: str = "") -> Place | None:
        return self._remembered("city", name, country)

    def find_in(self, text: str) -> Place | None:
        return self._remembered("find", "".join(c if c.isprintable() else " " for c in text[:300]), "")

    def station(self, name: str) -> Place | None:
        return self._remembered("station", name[:120], "")

    def zone_at(self, latitude: float, longitude: float) -> str | None:
        """None where the coordinate is none, or where the sea has only an Etc/ zone."""
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return None
        import tzfpy

        zone = tzfpy.get_tz(longitude, latitude)
        return zone if zone and not zone.startswith("Etc/") else None

    def _look_up(self, what: str, text: str, country: str) -> Place | None:
        match what:
            case "airport":
                return self._airport(text)
            case "city":
                return self._city(text, country)
            case "station":
                return self._station(text)
            case _:
                return self._find(text)

    # --- the tables ---------------------------------------------------------------------------------------------------

    @cached_property
    def _airports(self) -> dict[str, tuple[str, ...]]:
        """Rows by IATA code, with a zone. Read straight from the table of airportsdata: its own loader builds all 28,000
        landing strips first, which takes five times as long."""
        from importlib.resources import files

        text = files("airportsdata").joinpath("airports.csv").read_text(encoding="utf-8")
        return {row[0]: row for row in _AIRPORT.findall(text)}

    def _by_code(self, code: str) -> Airport | None:
        row = self._airports.get(code)
        return Airport._make(part.replace('""', '"') for part in row) if row else None

    @cached_property
    def _city_of_code(self) -> dict[str, str]:
        """Airport code → our name of the city it serves."""
        served = {}
        for codes, name, *_ in place_names.lines_of(place_names.CITIES):
            if not codes.startswith("~"):
                served.update(dict.fromkeys(codes.split(), name.removeprefix("*")))
        for pair in next(place_names.lines_of(place_names.OTHER_CODES)):
            code, _, name = pair.strip().partition(" ")
            served[code] = name
        return served

    @cached_property
    def _names(self) -> dict[str, list[_Entry]]:
        """Folded name → what it can mean in our table, most specific first."""
        found: dict[str, list[_Entry]] = {}
        for name, entry in self._all_entries():
            key = key_of(name)
            if not any(e.place == entry.place for e in found.get(key, ())):
                found.setdefault(key, []).append(entry)
        for entries in found.values():
            entries.sort(key=lambda e: e.rank)
        return found

    def _all_entries(self) -> Iterator[tuple[str, _Entry]]:
        yield from self._settlements()
        yield from self._regions()
        for country, (zone, name, aliases) in self._countries.items():
            for alias in aliases:
                place = Place(name=name, zone=zone, country=country)
                yield alias.removeprefix("*"), _Entry(place, 3, alias.startswith("*"))
        for country, states in self._states.items():
            for zone, name in set(states.values()):
                yield (
                    name,
                    _Entry(Place(name=name, zone=zone, country=country), 2, ordinary=name in ("Georgia", "Victoria", "Maine")),
                )

    def _settlements(self) -> Iterator[tuple[str, _Entry]]:
        for codes, canonical, *others in place_names.lines_of(place_names.CITIES):
            near = codes.startswith("~")
            airport = self._by_code(codes.lstrip("~").split()[0])
            if airport is None:
                continue
            for name in (canonical, *others):
                plain = name.removeprefix("*")
                city = plain if near else canonical.removeprefix("*")
                spot = (None, None) if near else airport.spot
                code = "" if near else airport.code
                place = Place(city, airport.zone, city, airport.country, code, *spot)
                yield plain, _Entry(place, 0, name.startswith("*"))

    def _regions(self) -> Iterator[tuple[str, _Entry]]:
        for code, canonical, *others in place_names.lines_of(place_names.REGIONS):
            airport = self._by_code(code)
            if airport is None:
                continue
            for name in (canonical, *others):
                place = Place(canonical.removeprefix("*"), airport.zone, "", airport.country)
                yield name.removeprefix("*"), _Entry(place, 1, name.startswith("*"))

    @cached_property
    def _countries(self) -> dict[str, tuple[str, str, list[str]]]:
        table = {}
        for country, zone, *names in place_names.lines_of(place_names.COUNTRIES):
            table[country] = (zone, names[0].removeprefix("*"), names)
        return table

    @cached_property
    def _states(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Country → folded code or name → (zone, name)."""
        table: dict[str, dict[str, tuple[str, str]]] = {}
        for country, *states in place_names.lines_of(place_names.STATES):
            for state in states:
                code, zone, name = state.split(" ", 2)
                for key in (fold(code), key_of(name)):
                    table.setdefault(country, {})[key] = (zone, name)
        return table

    @cached_property
    def _airport_cities(self) -> dict[str, list[Airport]]:
        found: dict[str, list[Airport]] = {}
        for airport in map(Airport._make, self._airports.values()):
            for name in {airport.city, *re.split(r"[/,]", airport.city)}:
                if key := key_of(name):
                    found.setdefault(key, []).append(airport)
        return found

    # --- look-ups -----------------------------------------------------------------------------------------------------

    def _airport(self, code: str) -> Place | None:
        airport = self._by_code(code)
        name = self._city_of_code.get(code)
        if airport is None:
            return self._named(name) if name else None
        city = name or airport.city.split("/")[0].split(",")[0] or airport.name
        return Place(city, airport.zone, city, airport.country, code, *airport.spot)

    def _named(self, name: str, country: str = "", ordinary: bool = True) -> Place | None:
        """The most specific entry of our table by that name; `ordinary` False leaves out everyday words."""
        entries = self._names.get(key_of(name), ())
        return next(
            (e.place for e in entries if (not country or e.place.country == country) and (ordinary or not e.ordinary)), None
        )

    def _city(self, name: str, country: str) -> Place | None:
        parts = [p.strip() for p in name.split(",") if p.strip()]
        if len(parts) > 1:
            return self._of_parts(parts)
        country = country.upper()
        return self._named(name, country) or self._minor(name, country)

    def _minor(self, name: str, country: str = "", state: str = "") -> Place | None:
        """A town known only by its airport, where all airports of that name agree on the zone; or, where the country has one
        zone only, any name at all is good for the zone."""
        airports = [
            a
            for a in self._airport_cities.get(key_of(name), ())
            if (not country or a.country == country) and (not state or key_of(a.state) == key_of(state))
        ]
        if len({(a.zone, a.country) for a in airports}) != 1:
            return None
        first = airports[0]
        shown = name.strip()
        return Place(shown, first.zone, shown, first.country, first.code, *first.spot)

    def _of_parts(self, parts: list[str]) -> Place | None:
        """An address or "City, Region, Country": from the end, country and state first, then the settlement."""
        country, state, spare = "", None, ""
        for index in range(len(parts) - 1, -1, -1):
            part = _POSTAL.sub(" ", parts[index]).strip(" .-")
            if not part:
                continue
            before = parts[:index]
            if not state and (found := self._state(part, country, before)):
                country, state = found[0], found[1:]
                continue
            if not country and before and (code := self._country_code(part)):
                country = code
                continue
            if place := self._settlement(part, country, state):
                return place
            if not spare and not _STREET.search(parts[index]) and index:
                spare = part
        return self._widest(parts, spare, country, state)

    def _state(self, part: str, country: str, before: list[str]) -> tuple[str, str, str] | None:
        """(country, zone, name) of a state or province, where that reading fits what stands before it."""
        for of, states in self._states.items():
            if country not in ("", of) or not before:
                continue
            if (len(part) > 3 or part.isupper()) and (known := states.get(key_of(part))):
                city = self._named(_POSTAL.sub(" ", before[-1]).strip())
                as_country = part if part in self._countries else ""
                fits = city is None or city.country == of or self._minor(before[-1], of, known[1])
                if fits and not (as_country and city is None and self._mentions(before, as_country)):
                    return of, *known
        return None

    def _mentions(self, parts: list[str], country: str) -> bool:
        return any(self._named(_POSTAL.sub(" ", part).strip(), country) for part in parts)

    def _country_code(self, part: str) -> str:
        if part in self._countries:
            return part
        entry = next((e for e in self._names.get(key_of(part), ()) if e.rank in (1, 3)), None)
        return entry.place.country if entry else ""

    def _settlement(self, part: str, country: str, state: tuple[str, str] | None) -> Place | None:
        if state:
            zone, name = state
            ours = self._named(part, country)
            if ours and ours.zone == zone and ours.city:
                return ours
            return self._minor(part, country, name) or (
                Place(part, zone, part, country) if not _STREET.search(part) and len(part) < 40 else None
            )
        place = self._named(part, country, ordinary=bool(country))
        if place and place.city:
            return place
        return self._minor(part, country) if country else None

    def _widest(self, parts: list[str], spare: str, country: str, state: tuple[str, str] | None) -> Place | None:
        """What is left when no settlement was recognised: an unknown town in a known country of one zone, or the country."""
        if not country:
            return next((p for part in reversed(parts) if (p := self._named(part, ordinary=False))), None)
        if state:
            return Place(state[1], state[0], "", country)
        zone = self._countries[country][0] if country in self._countries else ""
        shared = country not in place_names.MANY_ZONES or country in place_names.MAINLAND
        if zone and shared:
            return Place(spare or self._countries[country][1], zone, spare, country)
        return None

    @cached_property
    def _stations(self) -> dict[str, Place]:
        """Folded name of a station → its city, for those that are named without it."""
        found = {}
        for city, *names in place_names.lines_of(place_names.STATIONS):
            if place := self._named(city):
                found.update({key_of(name): place for name in names})
        return found

    def _station(self, name: str) -> Place | None:
        if place := self._stations.get(key_of(name)):
            return place
        bare = _BEFORE_STATION.sub("", re.sub(r"\(.*?\)", " ", name).strip())
        if re.fullmatch(r"[A-Z]{3}", bare):
            return self._airport(bare)
        words = _WORD.findall(bare)
        for size in range(min(len(words), 4), 0, -1):
            head = " ".join(words[:size])
            place = self._named(head) or (self._minor(head) if size == len(words) and fold(head) not in _STATION_WORDS else None)
            if place and all(fold(w) in _STATION_WORDS or w.isdigit() for w in words[size:]):
                return place
        return self._in_east_asian(bare) if bare.endswith("駅") else None

    def _find(self, text: str) -> Place | None:
        if "://" in text:
            return None
        if (code := _CODE_IN_PARENTHESES.search(text)) and (place := self._airport(code.group(1))):
            beside = self._scan(text.replace(code.group(), " "))  # a station's code (KGX) may be an airport's elsewhere
            return place if beside is None or beside.country == place.country else beside
        open_text = _PARENTHESES.sub(",", text)
        parts = [p.strip() for p in re.split(r"[,\n;|•·]", open_text) if p.strip()]
        if len(parts) > 1 and (place := self._of_parts(parts)) and (place.city or not self._scan(open_text)):
            return place
        for postal in _POSTAL_CITY.finditer(open_text):
            if place := self._first_words(postal.group(1)):
                return place
        return self._scan(open_text)

    def _first_words(self, text: str) -> Place | None:
        words = _WORD.findall(text)
        tries = (
            self._named(" ".join(words[:size])) or self._minor(" ".join(words[:size]))
            for size in range(min(3, len(words)), 0, -1)
        )
        return next((p for p in tries if p and p.city), None)

    def _scan(self, text: str) -> Place | None:
        """The most specific name among the capitalised words of a text; the last of equals, as addresses name the city late."""
        found = [*self._latin_names(text), *self._east_asian_names(text)]
        best = min(reversed(found), key=lambda e: e.rank, default=None)
        return best.place if best else self._city_with_code(text)

    def _latin_names(self, text: str) -> Iterator[_Entry]:
        words = list(_WORD.finditer(text))
        at = 0
        while at < len(words):
            for size in range(min(4, len(words) - at), 0, -1):
                chunk = text[words[at].start() : words[at + size - 1].end()]
                entry = self._plain(chunk) if chunk[0].isupper() or not chunk[0].isascii() else None
                if entry:
                    yield entry
                    at += size - 1
                    break
            at += 1

    def _plain(self, chunk: str) -> _Entry | None:
        if (
            len(chunk) <= 3
            and not (chunk.isupper() and chunk in ("NYC", "USA", "UAE", "UK"))
            and chunk not in ("Rom", "Ulm", "Bern", "Kos")
        ):
            return None
        return next((e for e in self._names.get(key_of(chunk), ()) if not e.ordinary), None)

    def _east_asian_names(self, text: str) -> Iterator[_Entry]:
        for run in _EAST_ASIAN_RUN.finditer(text):
            entry = self._inside(run.group())
            if entry:
                yield entry

    def _inside(self, run: str) -> _Entry | None:
        """Katakana stands for itself; Chinese characters may be part of a longer run; Korean particles follow a name."""
        whole = "\u30a0" <= run[0] <= "\u30ff"
        korean = run[0] >= "\uac00"
        starts = [0] if whole or korean else range(len(run) - 1)
        for start in starts:
            sizes = [len(run)] if whole else range(min(6, len(run) - start), 1, -1)
            for size in sizes:
                after = run[start + size : start + size + 1]
                entries = self._names.get(run[start : start + size])
                if entries and not (after and after in _NOT_PLACES_AFTER):
                    return entries[0]
        return None

    def _in_east_asian(self, text: str) -> Place | None:
        entry = next(self._east_asian_names(text), None)
        return entry.place if entry else None

    def _city_with_code(self, text: str) -> Place | None:
        """ "Berlin BER", or an ordinary word with the code of its own airport beside it."""
        for code in _CITY_CODE.finditer(text):
            place = self._airport(code.group(1))
            if place and key_of(place.city) in key_of(text.replace(code.group(), "")):
                return place
        return None


_PLACES = Places()


def load() -> Places:
    """The gazetteer of this process; nothing is read from disk before its first look-up."""
    return _PLACES
