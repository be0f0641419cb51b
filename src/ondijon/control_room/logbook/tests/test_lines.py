"""Lines are sealed to one another."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ondijon.control_room.logbook.model import EMPTY, Draft, Line, hash_line, hash_text, seal

AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
DRAFTS = st.builds(
    Draft,
    st.just(AT),
    st.just("free"),
    st.text(max_size=20),
    st.sampled_from([None, "lamps"]),
    st.sampled_from([None, "21001"]),
    said=st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=3),
)


def chain(drafts: list[Draft]) -> list[Line]:
    lines: list[Line] = []
    for number, draft in enumerate(drafts, 1):
        lines.append(seal(lines[-1].seal if lines else EMPTY, draft, UUID(int=number)))
    return lines


@given(st.lists(DRAFTS, min_size=1, max_size=8), st.data())
def test_a_line_changed_afterwards_breaks_the_chain_there(drafts: list[Draft], data: st.DataObject) -> None:
    lines = chain(drafts)
    place = data.draw(st.integers(0, len(lines) - 1))
    line = lines[place]
    forged = hash_text(line.draft.text + "!", line.salt)
    assert hash_line(line.previous_hash, line.line_no, line.draft, line.text_sha256) == line.hash
    assert hash_line(line.previous_hash, line.line_no, line.draft, forged) != line.hash
    assert [one.previous_hash for one in lines[1:]] == [one.hash for one in lines[:-1]]


def test_equal_words_of_two_lines_do_not_betray_themselves_by_their_hash() -> None:
    first, second = chain([Draft(AT, "free", "Mme Durand", None, None)] * 2)
    assert first.text_sha256 != second.text_sha256
