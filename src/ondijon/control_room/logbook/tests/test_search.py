"""What is typed becomes a question that stays within the asker's rights."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.control_room.logbook.rules.search import (
    Filters,
    Reach,
    Stems,
    Term,
    may_see_any,
    parse_terms,
    steps,
    to_question,
    within,
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
    terms = [(Term("allumée"), Stems(("allum",), ("allume",), ()))]
    reach = Reach(trades=("calls",), pairs=(("lamps", "21001"),))
    assert to_question(terms, Filters("free", "lamps"), reach) == (
        "(('allum') | ('allume')) & 'k:free' & 't:lamps' & ('t:calls' | 'a:lamps:21001')"
    )


def test_words_that_stand_in_every_text_are_not_asked_for() -> None:
    assert to_question([(Term("de"), Stems((), (), ()))], Filters(), ALL) == ""


def test_who_sees_nothing_is_known_before_anything_is_asked() -> None:
    assert not may_see_any(Reach())
    assert may_see_any(Reach(pairs=(("a", "b"),)))


@given(st.text(max_size=60))
def test_whatever_is_typed_the_question_stays_closed(typed: str) -> None:
    terms = [(term, Stems((term.words,), (term.words,), (term.words, term.words))) for term in parse_terms(typed)]
    question = within(to_question(terms, Filters(subject=typed), Reach(pairs=(("lamps", "21001"),))), [1, 2])
    bare = re.sub(r"'(?:[^'\\]|\\.|'')*'", "", question, flags=re.DOTALL)
    assert set(bare) <= set("()&|! ") and bare.count("(") == bare.count(")")
    assert question.startswith("('b:1' | 'b:2') & ") and question.endswith("('a:lamps:21001')")


@given(st.lists(st.integers(), unique=True, max_size=300))
def test_steps_are_all_buckets_once_in_order_and_never_large(buckets: list[int]) -> None:
    taken = list(steps(buckets))
    assert [bucket for step in taken for bucket in step] == buckets
    assert all(0 < len(step) <= 16 for step in taken)
