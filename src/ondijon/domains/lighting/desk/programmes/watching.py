"""What time brings to programmes: special evenings end by themselves, gateways store, or lag behind."""

from datetime import date, timedelta

from ondijon.domains.lighting.desk.programmes.case import announce, be_over, tell
from ondijon.domains.lighting.desk.programmes.holidays import holidays_around
from ondijon.domains.lighting.desk.programmes.resolving import versions_of
from ondijon.domains.lighting.desk.programmes.situation import read_content
from ondijon.domains.lighting.model import CABINET
from ondijon.domains.lighting.queries import programmes as queries
from ondijon.domains.lighting.queries import stored_programmes as stored_queries
from ondijon.domains.lighting.rules.programmes.calendar import SILENT, make_nights, rule_by_night
from ondijon.domains.lighting.rules.programmes.compile import NIGHTS
from ondijon.domains.lighting.rules.programmes.law import State
from ondijon.domains.lighting.rules.programmes.local_times import NIGHT_MIN, minute_of, night_clocks, night_of
from ondijon.domains.lighting.rules.programmes.model import Content
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk

BEHIND_AFTER = timedelta(minutes=10)
VERSION = "programme_version"


async def watch(desk: ActDesk) -> None:
    """End what is over, and see who has stored what."""
    await _end_special_evenings(desk)
    await _see_stored(desk)


async def _end_special_evenings(desk: ActDesk) -> None:
    rows = [row for row in await queries.list_published(desk.tx) if row["layer"] == "special"]
    if not rows:
        return
    timezone = desk.city.card.timezone
    tonight = night_of(desk.now, timezone)
    for row in rows:
        if is_over(read_content(row), tonight, desk.now.timestamp(), timezone):
            await be_over(desk, row, State.ENDED)
            # Nights gone by are nobody's business any more: no gateway needs to hear of it.
            await queries.mark(desk.tx, [row["id"]], "resolved_at", desk.now)
            tell(desk, row, "special_evening_ended")
            announce(desk, row["key"], row["communes"])


def is_over(content: Content, tonight: date, now_s: float, timezone: str) -> bool:
    """Whether a content has said its last word at `now_s`, within the nights that gateways are given."""
    nights = make_nights(tonight, NIGHTS, holidays_around(tonight, tonight + timedelta(days=NIGHTS)))
    said = rule_by_night(content, nights)
    if (said[1:] != SILENT).any():
        return False
    if said[0] == SILENT:
        return True
    interval = content.rules[int(said[0])].interval
    end = NIGHT_MIN if interval is None else minute_of(interval.until_local) or NIGHT_MIN
    return bool(night_clocks(tonight, 1, timezone).instants_s(end)[0] <= now_s)


async def _see_stored(desk: ActDesk) -> None:
    awaited = await stored_queries.list_awaited(desk.tx)
    property_no = desk.city.property_nos.get((CABINET.key, VERSION))
    if not awaited or property_no is None:
        return
    has = versions_of(await stored_queries.find_snapshot(desk.tx, property_no))
    needed: dict[object, list[Row]] = {row["id"]: [] for row in awaited}
    for one in await stored_queries.list_concerned(desk.tx, [row["id"] for row in awaited]):
        needed[one["programme"]].append(one)
    for row in awaited:
        behind = [one for one in needed[row["id"]] if has.get(one["twin_no"], -1) < one["version"]]
        await _tell_stored(desk, row, len(needed[row["id"]]), len(behind))


async def _tell_stored(desk: ActDesk, row: Row, gateways: int, behind: int) -> None:
    if not behind:
        await queries.mark(desk.tx, [row["id"]], "stored_at", desk.now)
        tell(desk, row, "programme_stored", gateways=gateways)
        announce(desk, row["key"], row["communes"])
    elif row["behind_at"] is None and desk.now - row["resolved_at"] > BEHIND_AFTER:
        await queries.mark(desk.tx, [row["id"]], "behind_at", desk.now)
        tell(desk, row, "gateways_behind", gateways=gateways, behind=behind)
        announce(desk, row["key"], row["communes"])
