"""Public holidays of the leader's country, from the holidays library; imported only where a country is configured."""

from __future__ import annotations

from datetime import date


def public_holidays(place: str, year: int) -> frozenset[date]:
    """`place` is "DE" or "DE-BE" (ISO 3166). The years from `year` - 1 to `year` + 2. ValueError where the place is unknown."""
    import holidays

    country, _, subdivision = place.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=range(year - 1, year + 3))
    except NotImplementedError as error:
        raise ValueError(f"no public holidays are known for “{place}”") from error
    return frozenset(found)
