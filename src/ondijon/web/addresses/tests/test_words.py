"""Words are read as the French write and say them."""

import pytest

from ondijon.web.addresses.phonetics import sound_of
from ondijon.web.addresses.words import MOST_WORDS, split_words


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("douze", "12"),
        ("dix-sept", "17"),
        ("vingt et un", "21"),
        ("soixante-dix-neuf", "79"),
        ("quatre-vingts", "80"),
        ("quatre vingt onze", "91"),
        ("quatre vingt dix-huit", "98"),
        ("cent", "100"),
        ("deux cent trois", "203"),
        ("mille neuf cent quarante cinq", "1945"),
        ("mille deux cents", "1200"),
        ("quatre vingt unieme", "81"),
        ("premier", "1"),
        ("1er", "1"),
        ("11ème", "11"),
        ("septante", "70"),
    ],
)
def test_numbers_said_in_words_are_digits(said: str, number: str) -> None:
    assert [word.number for word in split_words(said)] == [number]


def test_years_may_be_said_in_hundreds() -> None:
    assert [word.number for word in split_words("dix neuf cent quarante cinq")] == ["1945"]


def test_two_numbers_in_a_row_stay_two() -> None:
    assert [word.number for word in split_words("quarante cinq douze")] == ["45", "12"]


def test_a_suffix_stays_with_its_number() -> None:
    (word,) = split_words("12BIS")
    assert (word.number, word.suffix) == ("12", "bis")


def test_abbreviations_may_mean_several_words() -> None:
    assert {"mal", "marechal"} <= set(split_words("Mal")[0].forms)
    assert {"pl", "place"} <= set(split_words("pl.")[0].forms)
    assert [word.text for word in split_words("Rd-pt de l'Europe")] == ["rondpoint", "de", "l", "europe"]


def test_the_sign_for_number_is_swallowed() -> None:
    assert [word.text for word in split_words("n° 12 rue")] == ["12", "rue"]


def test_long_texts_are_cut() -> None:
    assert len(split_words("mot " * 100)) <= MOST_WORDS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kleber", "cleber"),
        ("philippe", "filipe"),
        ("jaures", "jores"),
        ("perrieres", "perriere"),
        ("longenes", "longennes"),
        ("vallon", "valonn"),
        ("chopin", "shopin"),
        ("quentin", "kentain"),
    ],
)
def test_words_that_sound_alike_have_codes_that_are_equal(one: str, other: str) -> None:
    assert sound_of(one) == sound_of(other)


@pytest.mark.parametrize(("one", "other"), [("moulin", "marin"), ("roses", "rosiers")])
def test_words_that_differ_sound_different(one: str, other: str) -> None:
    assert sound_of(one) != sound_of(other)
