"""What stands in the directory can be reached, and the right contact comes first."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from ondijon.control_room.directory.model import KINDS, Contact, ContactPerson
from ondijon.control_room.directory.rules import decide_contact, decide_person, may_somewhere, order_of_call
from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import Grant

CREW = Contact(
    key="lighting_crew",
    kind="service",
    name="Équipe d’éclairage",
    body="Métropole",
    phone="03 53 01 10 01",
    email="eclairage@essai.example",
    trades=("lighting",),
    communes=("21001", "21002"),
    hours="24/7",
    note="",
)
COMMUNES = ("21001", "21002", "21003")


def test_a_contact_is_tidied() -> None:
    untidy = structs.replace(CREW, name="  Équipe   d’éclairage ", communes=("21002", "21001", "21002"))
    assert decide_contact(untidy, COMMUNES) == CREW


def test_everywhere_swallows_single_communes() -> None:
    assert decide_contact(structs.replace(CREW, communes=("21001", "*")), COMMUNES).communes == ("*",)


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"key": "Équipe"}, "error.contact_key"),
        ({"name": "  "}, "error.contact_name"),
        ({"name": "n" * 121}, "error.contact_name"),
        ({"hours": " "}, "error.contact_hours"),
        ({"phone": "appeler Paul"}, "error.contact_phone"),
        ({"phone": "1" * 16}, "error.contact_phone"),
        ({"email": "a@b\r\nBcc: c@d.example"}, "error.contact_email"),
        ({"email": "a@nowhere"}, "error.contact_email"),
        ({"phone": "", "email": ""}, "error.contact_unreachable"),
        ({"trades": ()}, "error.contact_trades"),
        ({"trades": ("Voirie!",)}, "error.contact_trades"),
        ({"communes": ("75056",)}, "error.contact_communes"),
    ],
)
def test_what_is_missing_or_unknown_is_refused(wrong: dict[str, object], key: str) -> None:
    with pytest.raises(Refused) as refusal:
        decide_contact(structs.replace(CREW, **wrong), COMMUNES)
    assert refusal.value.key == key


def test_a_person_needs_a_name() -> None:
    assert decide_person(ContactPerson(" Paul  Durand ", "06 39 98 10 01")).name == "Paul Durand"
    with pytest.raises(Refused):
        decide_person(ContactPerson(" "))


@pytest.mark.parametrize("phone", ["15", "112", "+33 3 53 01 10 01", "03.53.01.10.01"])
def test_numbers_are_written_as_people_write_them(phone: str) -> None:
    assert decide_contact(structs.replace(CREW, phone=phone), COMMUNES).phone == phone


def test_open_comes_first_then_ones_own_commune_then_the_service() -> None:
    near = structs.replace(CREW, name="A", communes=("21001",))
    everywhere = structs.replace(CREW, name="B", communes=("*",))
    on_call = structs.replace(near, name="C", kind="on_call")
    wanted = [(near, True), (on_call, True), (everywhere, True), (near, False), (everywhere, False)]
    for shuffled in permutations(wanted):
        assert sorted(shuffled, key=lambda one: order_of_call(one[0], one[1], "21001")) == wanted


@given(
    st.sampled_from(KINDS),
    st.sampled_from([("*",), ("lighting",), ("roads", "waste")]),
    st.sampled_from([("*",), ("21001",), ("21002", "21003")]),
    st.sampled_from([("*",), ("lighting",), ("waste",)]),
    st.sampled_from([("*",), ("21001",), ("21003",)]),
)
def test_a_grant_reaches_a_contact_exactly_where_they_meet(
    kind: str, trades: tuple[str, ...], communes: tuple[str, ...], held: tuple[str, ...], places: tuple[str, ...]
) -> None:
    contact = structs.replace(CREW, kind=kind, trades=trades, communes=communes)
    grant = Grant("operator", places, held, ("see",))
    every_trade = ("lighting", "roads", "waste")
    meets = any(
        contact.serves(trade, commune) and grant.allows("see", trade, commune)
        for trade in every_trade
        for commune in COMMUNES
    )
    assert may_somewhere((grant,), "see", contact) == meets
    assert not may_somewhere((grant,), "configure", contact)
