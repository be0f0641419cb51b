"""What the console says of incidents, and to whom."""

import io
from uuid import UUID

import pytest
from PIL import Image
from pypdf import PdfReader

from ondijon.apps.console.tests.conftest import Desk
from ondijon.apps.console.tests.incident_seat import SPOT, SPOT_ELSEWHERE, Incidents, furnish
from ondijon.testing.builders import lamp, pump

pytestmark = pytest.mark.engines


@pytest.fixture
async def incidents(desk: Desk) -> Incidents:
    return await furnish(desk)


def _photo() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (300, 200), "orange").save(target, "JPEG")
    return target.getvalue()


async def test_an_incident_is_shown_whole_with_what_one_may_do(incidents: Incidents) -> None:
    incident = await incidents.open(title="Trou", description="Devant le 12", twin=lamp(0, 1))
    await incidents.act("second", "comment", id=incident, text="Je passe voir", mentions=["chief"])
    shown = await incidents.get(incident)
    assert (shown["number"], shown["state"], shown["title"]) == ("2026-000001", "reported", "Trou")
    assert shown["place"] == {**SPOT, "commune": "21001", "street": None, "address": None, "twin": lamp(0, 1)}
    assert shown["sla"]["respond"]["state"] == "running"
    assert shown["sla"]["respond"]["due_at"] == "2026-11-22T20:00:00Z"
    assert shown["assets"] == [{"twin": lamp(0, 1), "name": "Lampe 01", "type": "Lamp"}]
    keys = [moment["key"] for moment in shown["timeline"]]
    assert keys == ["timeline.incident.mentioned", "timeline.incident.commented", "timeline.incident.opened"]
    assert shown["timeline"][1]["text"] == "Je passe voir"
    assert shown["timeline"][0]["values"]["people"] == "Chief"
    assert shown["timeline"][1]["by"] == "Second"
    assert {"take", "start", "export", "comment"} <= set(shown["may"])
    assert not {"release", "resume", "reopen", "split"} & set(shown["may"])
    english = await incidents.get(incident, "observer", accept_language="en")
    assert english["timeline"][2]["values"]["what"] == "Pothole"
    assert english["may"] == []


async def test_elsewhere_does_not_exist_in_lists_counts_files_reports_or_searches(incidents: Incidents) -> None:
    there = await incidents.open(place=SPOT_ELSEWHERE, title="Secret")
    assert (await incidents.send(there, "a.txt", b"bonjour")).status_code == 200
    here = await incidents.open()
    assert [one["id"] for one in (await incidents.list(who="local"))["incidents"]] == [here]
    assert (await incidents.list(who="local"))["total"] == 1
    assert (await incidents.list("?q=Secret&state=all", "local"))["total"] == 0
    assert (await incidents.list("?near=5.15,47.31&within_m=999", "local"))["total"] == 0
    assert (await incidents.list(who="stranger"))["total"] == 0
    file = (await incidents.get(there))["files"][0]["id"]
    for path in ("", "/report.pdf", "/export.json", f"/files/{file}"):
        for who in ("local", "stranger"):
            hidden = await incidents.desk.ask("GET", f"/api/incidents/{there}{path}", who)
            absent = await incidents.desk.ask("GET", f"/api/incidents/{UUID(int=9)}{path}", who)
            assert (hidden.status_code, hidden.json()) == (absent.status_code, absent.json()) == (404, hidden.json())
    assert (await incidents.send(there, "a.txt", b"bonjour", "local")).status_code == 404
    assert (await incidents.desk.ask("GET", f"/api/incidents/{here}/files/{file}", "local")).status_code == 404


async def test_what_needs_handle_or_export_is_refused_to_who_only_sees(incidents: Incidents) -> None:
    incident = await incidents.open()
    for who in ("observer", "local"):
        for path in ("/report.pdf", "/export.json"):
            answer = await incidents.desk.ask("GET", f"/api/incidents/{incident}{path}", who)
            assert answer.status_code == 403
    assert (await incidents.send(incident, "a.txt", b"bonjour", "observer")).status_code == 403
    assert (await incidents.act("observer", "take", id=incident, version=1)).status_code == 403


async def test_who_comes_second_reads_409_and_who_was_first(incidents: Incidents) -> None:
    incident = await incidents.open()
    assert (await incidents.act("second", "take", id=incident, version=1)).status_code == 200
    late = await incidents.act("chief", "take", id=incident, version=1)
    assert late.status_code == 409
    assert late.json() == {"error": {"key": "error.changed_meanwhile", "values": {"by": "Second"}}}


async def test_lists_are_filtered_by_state_words_type_commune_owner_and_distance(incidents: Incidents) -> None:
    hole = await incidents.open(title="Trou profond")
    tree = await incidents.open(type="green_spaces.tree_down", place={"lon": 5.0512, "lat": 47.31})
    far = await incidents.open(type="noise.nuisance", place=SPOT_ELSEWHERE)
    await incidents.act("chief", "take", id=tree, version=1)
    await incidents.act("chief", "resolve", id=far, version=1, text="Calmé")

    async def ids(query: str) -> list[str]:
        return [one["id"] for one in (await incidents.list(query))["incidents"]]

    assert await ids("") == [tree, hole]
    assert await ids("?state=closed") == [far]
    assert await ids("?state=all&commune=21002") == [far]
    assert await ids("?type=roads.pothole") == [hole]
    assert await ids("?owner=me") == [tree]
    assert await ids("?q=PROFOND") == [hole]
    assert await ids("?q=2026-000002") == [tree]
    assert await ids("?q=arbre") == [tree]
    assert await ids("?q=%25") == []
    near = (await incidents.list("?near=5.05,47.31"))["incidents"]
    assert [(one["id"], one["distance_m"]) for one in near] == [(hole, 0), (tree, 91)]
    assert await ids("?near=5.05,47.31&within_m=50") == [hole]
    assert (await incidents.list("?limit=1"))["total"] == 2
    for wrong in ("?near=5", "?near=500,1", "?state=odd", "?limit=0", "?near=5,47&within_m=-1", "?near=nan,1"):
        assert (await incidents.desk.ask("GET", f"/api/incidents{wrong}", "chief")).status_code == 400


async def test_a_photo_is_kept_without_what_hung_on_it_and_a_document_is_only_saved(incidents: Incidents) -> None:
    incident = await incidents.open()
    sent = await incidents.send(incident, "trou.jpeg", _photo())
    assert sent.status_code == 200
    assert (await incidents.send(incident, "../évil\r\n.pdf", b"%PDF-1.4 x")).status_code == 200
    shown = await incidents.get(incident)
    assert [(one["name"], one["media_type"], one["width"]) for one in shown["files"]] == [
        ("trou.jpg", "image/jpeg", 300), ("évil.pdf", "application/pdf", None),
    ]  # fmt: skip
    photo, document = [
        await incidents.desk.ask("GET", f"/api/incidents/{incident}/files/{one['id']}", "observer")
        for one in shown["files"]
    ]
    assert photo.headers["content-type"] == "image/jpeg"
    assert document.headers["content-disposition"].startswith("attachment;")
    for answer in (photo, document):
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
        assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 400),
        (b"\xff\xd8\xff cut", 400),
        (b"a" * ((10 << 20) + 1), 413),
        (b"a" * (11 << 20), 413),
    ],
)
async def test_a_bad_file_leaves_nothing(incidents: Incidents, content: bytes, status: int) -> None:
    incident = await incidents.open()
    assert (await incidents.send(incident, "x.jpg", content)).status_code == status
    assert await incidents.desk.rows.fetch("SELECT id FROM incident_files") == []


async def test_the_report_and_the_export_hold_everything_and_leave_an_audit_line(incidents: Incidents) -> None:
    incident = await incidents.open(title="Trou", description="Près de l’école")
    await incidents.send(incident, "trou.jpg", _photo())
    await incidents.act("second", "comment", id=incident, text="J’y vais")
    await incidents.act("chief", "pause", id=incident, version=2, reason="weather")
    answer = await incidents.desk.ask("GET", f"/api/incidents/{incident}/report.pdf?lang=fr", "chief")
    assert answer.status_code == 200
    pages = PdfReader(io.BytesIO(answer.content)).pages
    text = " ".join(page.extract_text() for page in pages)
    for words in (
        "Incident 2026-000001",
        "Nid-de-poule",
        "Près de l’école",
        "J’y vais",
        "météo",
        "trou.jpg",
        "21:00:00",
    ):
        assert words in text
    assert sum(len(page.images) for page in pages) == 1
    exported = (await incidents.desk.ask("GET", f"/api/incidents/{incident}/export.json", "chief")).json()
    assert (exported["format"], exported["incident"]["number"]) == ("ondijon.incident/1", "2026-000001")
    assert len(exported["incident"]["timeline"]) == 4
    lines = await incidents.desk.rows.fetch("SELECT detail FROM audit WHERE act = 'incident.exported' ORDER BY line_no")
    assert [line["detail"] for line in lines] == [{"form": "pdf"}, {"form": "json"}]


async def test_the_catalogue_is_in_both_languages_and_colleagues_are_who_may_handle(incidents: Incidents) -> None:
    types = (await incidents.desk.ask("GET", "/api/incident-types", "chief")).json()
    assert len(types) >= 60
    pothole = next(one for one in types if one["key"] == "roads.pothole")
    assert (pothole["fr"], pothole["en"], pothole["services"]) == ("Nid-de-poule", "Pothole", ["road_maintenance"])
    assert pothole["questions"][0]["key"] == "where_exactly"
    assert (await incidents.desk.ask("GET", "/api/incident-types", "stranger")).json() == []
    there = await incidents.open(place=SPOT_ELSEWHERE)

    async def people(query: str, who: str = "chief") -> list[str]:
        return [one["username"] for one in (await incidents.desk.ask("GET", f"/api/people{query}", who)).json()]

    anywhere, at_it = set(await people("")), set(await people(f"?incident={there}"))
    assert {"chief", "local", "second"} <= anywhere
    assert {"chief", "second"} <= at_it
    assert "local" not in at_it
    assert not {"observer", "stranger"} & (anywhere | at_it)
    assert "observer" in await people("?may=see")
    assert await people("", "observer") == []


async def test_an_object_of_a_trade_that_is_not_seen_is_left_out(incidents: Incidents) -> None:
    incident = await incidents.open()
    await incidents.act("chief", "link_asset", id=incident, twin=pump(1))
    assert len((await incidents.get(incident))["assets"]) == 1
    shown = await incidents.get(incident, "local")
    assert shown["assets"] == []
    assert shown["counts"]["assets"] == 0
    assert "Pompe" not in str(shown)
    assert "Pompe" in str(await incidents.get(incident))
