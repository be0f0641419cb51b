"""What callers say finds what they mean, in a small invented town."""

import pytest

from ondijon.web.addresses.finder import AddressFinder, AddressHit
from ondijon.web.addresses.survey import SourceAddress, SourceArc, SourcePlace, build_gazetteer

TOWN, VILLAGE = "21231", "21617"
CENTER = (5.04, 47.32)


def arc(number: int, name: str, commune: str, *line: tuple[float, float]) -> SourceArc:
    return SourceArc(str(number), name, commune, list(line))


ARCS = [
    arc(1, "Rue Jean Moulin", TOWN, (5.040, 47.320), (5.042, 47.320)),
    arc(2, "Rue du Moulin", TOWN, (5.050, 47.330), (5.052, 47.330)),
    arc(3, "Avenue du Maréchal Foch", TOWN, (5.042, 47.320), (5.042, 47.324)),
    arc(4, "Place du Huit Mai 1945", TOWN, (5.045, 47.325), (5.046, 47.325)),
    arc(5, "Rue de l'Église", TOWN, (5.060, 47.320), (5.062, 47.320)),
    arc(6, "Rue de l'Église", VILLAGE, (5.000, 47.330), (5.002, 47.330)),
    arc(7, "Boulevard Henri IV", TOWN, (5.048, 47.326), (5.052, 47.326)),
    arc(8, "Voie non dénommée", TOWN, (5.040, 47.310), (5.041, 47.310)),
    arc(9, "Rue Pierre et Marie Curie", TOWN, (5.053, 47.326), (5.055, 47.328)),
    arc(10, "Rond-point de l'Europe", TOWN, (5.030, 47.320), (5.0301, 47.3201), (5.030, 47.320)),
    arc(11, "Rue Saint-Bénigne", TOWN, (5.0302, 47.3202), (5.033, 47.3202)),
]
HOUSES = [
    SourceAddress("1", "2", 5.0402, 47.3201),
    SourceAddress("1", "12", 5.0410, 47.3201),
    SourceAddress("1", "12 bis", 5.0411, 47.3201),
    SourceAddress("1", "13", 5.0411, 47.3199),
    SourceAddress("2", "4", 5.0505, 47.3301),
    SourceAddress("5", "3", 5.0605, 47.3201),
    SourceAddress("6", "3", 5.0005, 47.3301),
    SourceAddress("7", "71", 5.0495, 47.3261),
    SourceAddress("7", "0", 5.0496, 47.3261),
    SourceAddress("3", "5", 5.0425, 47.3215, "Impasse Perdue"),
]
PLACES = [SourcePlace("Lac Kir", None, 5.0, 47.325), SourcePlace("Talant", VILLAGE, 5.001, 47.331)]


@pytest.fixture(scope="module")
def finder() -> AddressFinder:
    gazetteer = build_gazetteer(CENTER, ARCS, HOUSES, PLACES)
    return AddressFinder(gazetteer, [(TOWN, "Dijon"), (VILLAGE, "Talant")])


def best(finder: AddressFinder, said: str) -> AddressHit:
    return finder.find(said, 3)[0]


@pytest.mark.parametrize(
    "said",
    [
        "12 rue Jean Moulin",
        "12, RUE JEAN MOULIN, DIJON",
        "douze rue jean moulin",
        "rue jean moulin 12",
        "moulin jean rue 12",
        "12 r. j. moulin",
        "face au 12 rue jan moulain",
        "à côté du n° 12 rue jeanmoulin",
        "bonjour il y a un trou devant le numéro 12 rue Jean Mouiln à Dijon",
        "12 rue jean moulin 21000 dijon",
    ],
)
def test_a_house_number_is_found_however_it_is_said(finder: AddressFinder, said: str) -> None:
    hit = best(finder, said)
    assert (hit.kind, hit.street, hit.number, hit.commune) == ("address", "Rue Jean Moulin", "12", TOWN)


@pytest.mark.parametrize("said", ["12 bis rue jean moulin", "12bis r jean moulin", "12 b rue jean moulin"])
def test_bis_is_its_own_house(finder: AddressFinder, said: str) -> None:
    assert best(finder, said).number == "12 bis"


def test_a_number_that_does_not_exist_gives_the_nearest_and_says_so(finder: AddressFinder) -> None:
    hit = best(finder, "17 rue jean moulin")
    assert (hit.kind, hit.number, hit.asked) == ("near", "13", "17")


@pytest.mark.parametrize(
    "said",
    [
        "angle rue jean moulin / avenue foch",
        "au coin de la rue jean moulin et de l'avenue du mal foch",
        "rue jean moulin angle av marechal foch",
        "croisement av foch r. jean moulin",
    ],
)
def test_a_crossing_is_where_two_streets_meet(finder: AddressFinder, said: str) -> None:
    hit = best(finder, said)
    assert hit.kind == "crossing"
    assert (hit.lon, hit.lat) == pytest.approx((5.042, 47.320), abs=1e-5)


def test_streets_that_nearly_meet_cross_between_them(finder: AddressFinder) -> None:
    hit = best(finder, "angle rond point de l'europe et rue st benigne")
    assert hit.kind == "crossing"
    assert (hit.lon, hit.lat) == pytest.approx((5.03015, 47.32015), abs=1e-4)


def test_streets_far_apart_do_not_cross(finder: AddressFinder) -> None:
    assert all(hit.kind != "crossing" for hit in finder.find("angle rue de l'eglise et boulevard henri iv", 5))


def test_a_commune_that_is_named_decides(finder: AddressFinder) -> None:
    assert best(finder, "3 rue de l'eglise talant").commune == VILLAGE
    assert best(finder, "3 rue de l eglise à dijon").commune == TOWN


def test_what_is_near_comes_first_when_all_else_is_equal(finder: AddressFinder) -> None:
    assert finder.find("rue de l'eglise", 2, near=(5.001, 47.330))[0].commune == VILLAGE


@pytest.mark.parametrize("said", ["place du 8 mai 1945", "pl huit mai dix neuf cent quarante cinq", "place du 8 mai"])
def test_numbers_in_names_are_no_house_numbers(finder: AddressFinder, said: str) -> None:
    assert best(finder, said).label == "Place du Huit Mai 1945"


@pytest.mark.parametrize("said", ["71 bd henri 4", "soixante et onze boulevard henri quatre", "bld Henri IV 71"])
def test_roman_numerals_are_numbers(finder: AddressFinder, said: str) -> None:
    hit = best(finder, said)
    assert (hit.street, hit.number) == ("Boulevard Henri IV", "71")


def test_and_inside_a_name_makes_no_crossing(finder: AddressFinder) -> None:
    assert best(finder, "rue pierre et marie curie").street == "Rue Pierre et Marie Curie"


def test_a_street_known_by_its_numbers_only_is_found(finder: AddressFinder) -> None:
    hit = best(finder, "5 impasse perdue")
    assert (hit.kind, hit.street) == ("address", "Impasse Perdue")


def test_number_0_is_no_house_and_a_street_without_name_is_not_offered(finder: AddressFinder) -> None:
    assert best(finder, "0 boulevard henri iv").kind == "street"
    assert all("dénommée" not in hit.label for hit in finder.find("voie non denommee", 5))


def test_places_are_found(finder: AddressFinder) -> None:
    hit = best(finder, "lac kir")
    assert (hit.kind, hit.street, hit.label) == ("place", None, "Lac Kir")


@pytest.mark.parametrize("said", ["", "   ", "/", "???", "et", "de la", "99999", "x" * 500, "a " * 300])
def test_nonsense_is_answered_without_harm(finder: AddressFinder, said: str) -> None:
    assert len(finder.find(said, 3)) <= 3


def test_a_point_has_its_nearest_house_or_its_street(finder: AddressFinder) -> None:
    house = finder.reverse(5.0410, 47.3201)
    assert house is not None and house.label == "12 Rue Jean Moulin"
    street = finder.reverse(5.0460, 47.3251)
    assert street is not None and street.kind == "street" and street.street == "Place du Huit Mai 1945"


def test_an_empty_city_answers_nothing() -> None:
    finder = AddressFinder(build_gazetteer(CENTER, [], [], []), [])
    assert finder.find("12 rue jean moulin", 3) == []
    assert finder.reverse(5.0, 47.0) is None
