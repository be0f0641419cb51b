"""Which streets to renew first under a yearly budget: those that save most for each euro."""

from collections.abc import Sequence

from msgspec import Struct


class Candidate(Struct, frozen=True):
    """What a street's lights that are not LED use and would use; eur: of renewing all of them at once."""

    commune: str
    street: str
    lights: int
    old_kwh: float
    new_kwh: float
    eur: float

    @property
    def saved_kwh(self) -> float:
        return self.old_kwh - self.new_kwh

    @property
    def kwh_per_eur(self) -> float:
        """Saved each year for each euro spent once."""
        return self.saved_kwh / self.eur if self.eur > 0.0 else 0.0


class Planned(Struct, frozen=True):
    """A street in the programme; year: of the works; payback_years: at the price of electricity given."""

    year: int
    commune: str
    street: str
    lights: int
    saved_kwh: float
    eur: float
    kwh_per_eur: float
    payback_years: float


class PlannedYear(Struct, frozen=True):
    """A year of the programme; saved_kwh_to_date: what all works so far save in a full year."""

    year: int
    lights: int
    eur: float
    saved_kwh: float
    saved_kwh_to_date: float


class Programme(Struct, frozen=True):
    """Every street that is left, in the order of the works, and the years it takes; left: beyond the last year."""

    streets: list[Planned]
    years: list[PlannedYear]
    left: int


def plan_renewal(
    candidates: Sequence[Candidate], first_year: int, eur_a_year: float, eur_per_kwh: float, most_years: int = 30
) -> Programme:
    """Streets by saved kWh for each euro, best first, as many each year as its budget pays; a street is never split.

    What is not spent is carried over; a street dearer than the budget waits until enough is saved up for it.
    """
    order = sorted(candidates, key=lambda one: (-one.kwh_per_eur, one.commune, one.street))
    streets: list[Planned] = []
    years: list[PlannedYear] = []
    purse, place, to_date = 0.0, 0, 0.0
    for year in range(first_year, first_year + most_years):
        if place >= len(order):
            break
        purse += eur_a_year
        begun = len(streets)
        while place < len(order) and order[place].eur <= purse:
            purse -= order[place].eur
            streets.append(_plan(order[place], year, eur_per_kwh))
            place += 1
        done = streets[begun:]
        saved = sum(one.saved_kwh for one in done)
        to_date += saved
        years.append(PlannedYear(year, sum(one.lights for one in done), sum(one.eur for one in done), saved, to_date))
    return Programme(streets, years, len(order) - place)


def _plan(one: Candidate, year: int, eur_per_kwh: float) -> Planned:
    saved_eur = one.saved_kwh * eur_per_kwh
    payback = one.eur / saved_eur if saved_eur > 0.0 else float("inf")
    return Planned(year, one.commune, one.street, one.lights, one.saved_kwh, one.eur, one.kwh_per_eur, payback)
