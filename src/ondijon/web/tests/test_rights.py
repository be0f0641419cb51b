"""Scopes are equal where rights are, and show nothing beyond them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.kernel.errors import NotFound
from ondijon.kernel.identity import Actor, Grant
from ondijon.testing.builders import COMMUNES, lamp, person, pump, small_city
from ondijon.web.rights import Rights

CITY = small_city()
RIGHTS = Rights(CITY)
LOCAL = person("local", ("21001",), ("lamps",))

_COMMUNES = st.lists(st.sampled_from([*COMMUNES, "*", "99999"]), max_size=3)
_TRADES = st.lists(st.sampled_from(["lamps", "water", "*", "unknown"]), max_size=2)
_GRANTS = st.lists(
    st.builds(
        lambda communes, trades, verbs: Grant("r", tuple(communes), tuple(trades), tuple(verbs)),
        _COMMUNES,
        _TRADES,
        st.lists(st.sampled_from(["see", "command"]), max_size=2),
    ),
    max_size=3,
)


def test_different_people_with_equal_rights_have_the_same_scope() -> None:
    one = RIGHTS.scope_of(person("one", ("21001", "21002"), ("lamps",)))
    other = RIGHTS.scope_of(person("other", ("21002", "21001"), ("lamps",)))
    assert (one, hash(one)) == (other, hash(other))


@given(grants=_GRANTS)
def test_a_mask_is_what_the_grants_say_of_every_twin(grants: list[Grant]) -> None:
    actor = Actor(LOCAL.user_id, LOCAL.pseudonym, "x", "x", tuple(grants))
    scope = RIGHTS.scope_of(actor)
    for twin_type, twins in CITY.twins.items():
        allowed = [actor.may("see", CITY.trade_of[twin_type], record.commune) for record in twins.records]
        assert RIGHTS.mask(scope, twin_type).tolist() == allowed


def test_what_may_not_be_seen_is_as_if_it_did_not_exist() -> None:
    scope = RIGHTS.scope_of(LOCAL)
    assert RIGHTS.get_visible(scope, lamp(0, 1))[1] == 1
    answers = []
    for urn in (lamp(1, 0), pump(0), "urn:ngsi-ld:Lamp:21001:none"):
        with pytest.raises(NotFound) as refused:
            RIGHTS.get_visible(scope, urn)
        answers.append(refused.value.key)
    assert set(answers) == {"error.twin_not_found"}
    for twin_type in ("Pump", "Nothing"):
        with pytest.raises(NotFound):
            RIGHTS.get_visible_type(scope, twin_type)


def test_pairs_name_each_trade_or_type_with_each_of_its_communes() -> None:
    scope = RIGHTS.scope_of(person("two", ("21001", "21003"), ("lamps",)))
    assert RIGHTS.trade_pairs(scope).keys == ["lamps", "lamps"]
    assert RIGHTS.type_pairs(scope).keys == ["Lamp", "Lamp", "Cabinet", "Cabinet"]
    assert RIGHTS.type_pairs(scope).communes == ["21001", "21003"] * 2


def test_another_verb_has_its_own_scope() -> None:
    observer = person("observer", verbs=("see",))
    assert RIGHTS.scope_of(observer) == RIGHTS.everything
    assert RIGHTS.scope_of(observer, "command").trades == ()
