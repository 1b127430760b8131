"""What the rules need to know about geography, as a Protocol: the data itself is loaded outside (`integrations.places`)."""

from __future__ import annotations

from typing import Protocol

from rules.model import Place


class Gazetteer(Protocol):
    """Every look-up is pure and total: unknown is None, never a guess and never an exception."""

    def airport(self, code: str) -> Place | None:
        """By IATA code, upper case."""
        ...

    def city(self, name: str, country: str = "") -> Place | None:
        """By name in any of our languages, folded for case and accents; `country` narrows an ambiguous name.
        The whole of `name` must be a settlement, region or country name ("Lisbon", "Lisboa", "San Antonio, TX", "Italy")."""
        ...

    def find_in(self, text: str) -> Place | None:
        """The most specific place named anywhere in a title or an address; ordinary words (Reading, Nice, Mobile) count only
        with a country, a region or a postal code beside them."""
        ...

    def station(self, name: str) -> Place | None:
        """A railway station or its city: "Berlin Hbf", "Paris Est", "Warszawa Centralna"."""
        ...

    def zone_at(self, latitude: float, longitude: float) -> str | None:
        """IANA zone of a coordinate."""
        ...
