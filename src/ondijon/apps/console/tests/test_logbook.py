"""The logbook over HTTP: pages within rights, corrections beside their lines, exports that can be checked."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pypdf
import pytest

from ondijon.apps.console.parts.logbook import export
from ondijon.apps.console.tests.conftest import OTHER, OWN, Desk
from ondijon.cli.logbook_file import check_export
from ondijon.control_room.logbook.manifest import ROOM
from ondijon.kernel.commands import Selection
from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import EVERY, Grant
from ondijon.runtime.loader import read_catalogues
from ondijon.testing.builders import lamp
from ondijon.testing.fakes import SequentialIds
from ondijon.testing.room import RoomBench
from ondijon.web.signing import SealingKey

pytestmark = pytest.mark.engines


def book_words() -> dict[str, dict[str, str]]:
    return read_catalogues([Path(__file__).parents[3] / "control_room/logbook"])


async def act(desk: Desk, who: str, key: str, **payload: object) -> Any:
    body = {"key": key, "payload": payload, "idempotency_key": str(uuid4())}
    answer = await desk.ask("POST", "/api/acts", who, body)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


async def grant(desk: Desk, who: str, held: Grant) -> None:
    await desk.rows.execute(
        "UPDATE users SET grants = $2 WHERE user_id = $1", desk.users[who], msgspec.to_builtins([held])
    )


@pytest.fixture
async def book(desk: Desk, tmp_path: Path) -> Desk:
    """A line of our own commune, corrected, one of another, one of the whole room."""
    desk.app.state.logbook_key = SealingKey(tmp_path / "logbook.key")
    await grant(desk, "chief", Grant("chief", (EVERY,), (EVERY,), ("see", "log", "export")))
    await grant(desk, "local", Grant("agent", (OWN,), ("lamps",), ("see", "log", "export")))
    await act(desk, "chief", "logbook.write", text="Lampe cassée ici", trade="lamps", commune=OWN)
    await act(desk, "chief", "logbook.write", text="Lampe cassée ailleurs", trade="lamps", commune=OTHER)
    await act(desk, "chief", "logbook.write", text="Relève de la salle")
    await act(desk, "chief", "logbook.correct", line_no=1, text="Lampe réparée ici")
    return desk


async def page(desk: Desk, who: str, query: str = "") -> dict[str, Any]:
    answer = await desk.ask("GET", f"/api/logbook?{query}", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def period(desk: Desk, hours: float = 1) -> str:
    since, until = desk.clock.now() - timedelta(hours=hours), desk.clock.now() + timedelta(hours=hours)
    return f"from={since:%Y-%m-%dT%H:%M:%SZ}&to={until:%Y-%m-%dT%H:%M:%SZ}"


async def test_lines_come_newest_first_with_names_and_the_other_end_of_a_correction(book: Desk) -> None:
    found = await page(book, "chief", "limit=4")
    assert [line["line_no"] for line in found["lines"]] == [4, 3, 2, 1] and not found["more"]
    newest, oldest = found["lines"][0], found["lines"][-1]
    assert (newest["by"], newest["corrects"], newest["beside"]["text"]) == ("Chief", 1, "Lampe cassée ici")
    assert (oldest["corrected_by"], oldest["beside"]["text"]) == (4, "Lampe réparée ici")


async def test_a_page_tells_of_nothing_that_its_reader_may_not_see(book: Desk) -> None:
    found = await page(book, "local", "q=lampe&limit=2")
    assert [line["line_no"] for line in found["lines"]] == [4, 1] and not found["more"]
    assert (await page(book, "local", "q=ailleurs"))["lines"] == []
    assert (await page(book, "local", f"commune={OTHER}")) == {"lines": [], "more": False}
    assert (await page(book, "stranger"))["lines"] == []


async def test_pages_go_on_before_the_last_line_seen(book: Desk) -> None:
    first = await page(book, "chief", "limit=3")
    assert first["more"]
    rest = await page(book, "chief", f"limit=3&before={first['lines'][-1]['line_no']}")
    assert [line["line_no"] for line in rest["lines"]] == [1] and not rest["more"]


@pytest.mark.parametrize(
    "query", ["kind=odd", "limit=0", "limit=501", "before=x", "from=2026-01-01T00:00:00", f"q={'x' * 201}"]
)
async def test_what_is_asked_wrongly_is_refused(book: Desk, query: str) -> None:
    assert (await book.ask("GET", f"/api/logbook?{query}", "chief")).status_code == 400


async def test_a_command_leaves_a_line_of_its_commune_in_both_languages(book: Desk) -> None:
    bench = RoomBench(book.city, book.rows, SequentialIds(1 << 80), book.clock, book.bus, ROOM, words=book_words())
    await bench.start()
    await grant(book, "chief", Grant("chief", (EVERY,), (EVERY,), ("see", "command")))
    await book.dim("chief", Selection("twins", (lamp(0, 0), lamp(0, 1), lamp(1, 0))))
    await bench.follow()
    (mine,) = (await page(book, "local", "kind=automatic&lang=en"))["lines"]
    assert mine["text"] == "Order asked for in Fénay-0: lamps.dim, 2 object(s)"
    assert (mine["commune"], mine["by"]) == (OWN, "Chief")
    assert len((await page(book, "chief", "kind=automatic"))["lines"]) == 2


async def test_a_signed_export_is_verified_without_the_room_and_any_change_is_found(book: Desk) -> None:
    answer = await book.ask("GET", f"/api/logbook/export.json?{period(book)}", "chief")
    assert answer.status_code == 200
    key = (await book.ask("GET", "/api/logbook/key", "chief")).json()
    verdict = check_export(answer.content, key["public_key"])
    assert (verdict.lines, verdict.pieces, verdict.fingerprint) == (4, 1, key["fingerprint"])
    with pytest.raises(Refused, match="signed_changed"):
        check_export(answer.content.replace("cassée ailleurs".encode(), b"intacte partout"))
    with pytest.raises(Refused, match="signed_by_another"):
        check_export(answer.content, "AAAA")
    with pytest.raises(Refused, match="signed_unreadable"):
        check_export(b"{}")


async def test_a_forger_with_a_key_of_his_own_is_betrayed_by_the_lines_seals(book: Desk, tmp_path: Path) -> None:
    answer = await book.ask("GET", f"/api/logbook/export.json?{period(book)}", "chief")
    content = answer.json()["content"]
    content["lines"][1]["seal"]["text"] = "Rien"
    forged = msgspec.json.encode(SealingKey(tmp_path / "another.key").sign(content))
    with pytest.raises(Refused, match="seal_broken") as refused:
        check_export(forged)
    assert refused.value.values["line_no"] == 2


async def test_an_export_holds_what_may_be_exported_and_leaves_an_audit_line(book: Desk) -> None:
    answer = await book.ask("GET", f"/api/logbook/export.json?{period(book)}", "local")
    assert [line["line_no"] for line in answer.json()["content"]["lines"]] == [1, 4]
    assert check_export(answer.content).pieces == 2
    audit = await book.rows.fetch_one("SELECT actor, detail FROM audit WHERE act = 'logbook.exported'")
    assert audit is not None and (audit["detail"]["lines"], audit["detail"]["communes"]) == (2, [OWN])


async def test_an_export_on_paper_has_pages_who_when_and_the_synthetic_mark(book: Desk) -> None:
    answer = await book.ask("GET", f"/api/logbook/export.pdf?{period(book)}", "chief")
    assert answer.status_code == 200, answer.text
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    text = " ".join(" ".join(one.extract_text() for one in pages).split())
    for words in ("Main courante de Essai", "Lampe cassée ici", "Exporté par Chief", "Page 1 / 1", "Ville synthétique"):
        assert words in text, text


@pytest.mark.parametrize(
    ("who", "query", "status"),
    [
        ("observer", None, 403),
        ("stranger", None, 403),
        ("chief", "from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z", 400),
        ("chief", "from=2026-11-22T00:00:00&to=2026-11-23T00:00:00", 400),
        ("chief", "", 400),
    ],
)
async def test_who_may_not_export_or_asks_for_no_period_gets_nothing(
    book: Desk, who: str, query: str | None, status: int
) -> None:
    for form in ("json", "pdf"):
        asked = period(book) if query is None else query
        assert (await book.ask("GET", f"/api/logbook/export.{form}?{asked}", who)).status_code == status


async def test_a_period_with_too_many_lines_is_refused_with_the_number(
    book: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST_LINES", 3)
    answer = await book.ask("GET", f"/api/logbook/export.json?{period(book)}", "chief")
    assert answer.status_code == 400
    assert answer.json()["error"] == {"key": "error.logbook_export_too_long", "values": {"most": 3}}


async def test_the_key_is_made_once_and_only_its_owner_reads_it(book: Desk, tmp_path: Path) -> None:
    first = (await book.ask("GET", "/api/logbook/key", "observer")).json()["public_key"]
    path = tmp_path / "logbook.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert SealingKey(path).public_key == first


async def test_words_that_were_erased_leave_a_line_that_still_verifies(book: Desk) -> None:
    await book.rows.execute("UPDATE logbook_texts SET text = NULL, salt = NULL WHERE line_no = 2")
    answer = await book.ask("GET", f"/api/logbook/export.json?{period(book)}", "chief")
    assert check_export(answer.content).erased == 1
    line = (await page(book, "chief"))["lines"][2]
    assert (line["line_no"], line["text"], line["erased"]) == (2, None, True)
