"""What is typed becomes a question that stays within the asker's rights."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.control_room.logbook.rules.search import (
    Filters,
    Reach,
    Stems,
    Step,
    Term,
    conditions_within,
    may_see_any,
    parse_terms,
    steps,
    to_question,
)

ALL = Reach(everything=True)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", ()),
        ("lampe rue", (Term("lampe"), Term("rue"))),
        ('"rue de la Paix" -feu', (Term("rue de la Paix", phrase=True), Term("feu", refused=True))),
        ('-"feu vert"', (Term("feu vert", phrase=True, refused=True),)),
        ('"sans fin', (Term("sans fin", phrase=True),)),
        ('"" - ', (Term("-"),)),
    ],
)
def test_what_is_typed_is_words_phrases_and_refusals(typed: str, terms: tuple[Term, ...]) -> None:
    assert parse_terms(typed) == terms


def test_a_question_asks_for_words_with_and_without_accents_filters_and_rights() -> None:
    terms = [
        (Term("allumée"), Stems(("allum",), ("allume",), ())),
        (Term("feu vert", phrase=True), Stems(("feu", "vert"), ("feu", "vert"), ("feu~vert",))),
        (Term("rue", refused=True), Stems(("ru",), ("ru",), ())),
    ]
    reach = Reach(trades=("calls",), pairs=(("lamps", "21001"),))
    question = to_question(terms, Filters("free", "lamps"), reach)
    assert question.asked == (
        "(('allum') | ('allume'))",
        "'feu~vert'",
        "'k:free'",
        "'t:lamps'",
        "('t:calls' | 'a:lamps:21001')",
    )
    assert question.refused == ("!('ru')",)
    assert conditions_within(question, Step("'b:1'", 9))[0] == "('b:1') & !('ru')"


def test_words_that_stand_in_every_text_are_not_asked_for() -> None:
    assert to_question([(Term("de"), Stems((), (), ()))], Filters(), ALL).is_empty


def test_who_sees_nothing_is_known_before_anything_is_asked() -> None:
    assert not may_see_any(Reach())
    assert may_see_any(Reach(pairs=(("a", "b"),)))


@given(st.text(max_size=60))
def test_whatever_is_typed_every_condition_stays_closed(typed: str) -> None:
    terms = [(term, Stems((term.words,), (term.words,), (term.words, term.words))) for term in parse_terms(typed)]
    question = to_question(terms, Filters(subject=typed), Reach(pairs=(("lamps", "21001"),)))
    for condition in conditions_within(question, Step("'b:1' | 'b:2'", 9)):
        bare = re.sub(r"'(?:[^'\\]|\\.|'')*'", "", condition, flags=re.DOTALL)
        assert set(bare) <= set("()&|! ") and bare.count("(") == bare.count(")")
    assert question.asked[-1] == "('a:lamps:21001')"


@given(st.lists(st.integers(0, 400), unique=True, max_size=300), st.integers(1, 401 << 12))
def test_steps_take_every_line_below_once_newest_first(found: list[int], before: int) -> None:
    buckets = sorted((bucket for bucket in found if bucket << 12 < before), reverse=True)
    taken: list[int] = []
    for step in steps(buckets, before):
        marks = [mark.strip("'").split(":") for mark in step.where.split(" | ")]
        inside = [
            bucket
            for bucket in buckets
            for kind, number in marks
            if bucket >> (4 if kind == "B" else 0) == int(number) and bucket << 12 < step.before
        ]
        taken += inside
        assert step.before <= before
    assert taken == buckets
