"""What the statements on alarms, acts, facts, audit, columns, jobs and programmes do, as PostgreSQL does it."""

from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np

from tests.deterministic.statements import Statements
from tests.deterministic.store import READINGS, Record
from tests.deterministic.store import MemoryTransaction as Tx

ROOM = Statements()
ACTIVE = ("active_unacknowledged", "active_acknowledged")
ALARM_NAMES = "id type trade twin_no commune priority state raised_at evidence latched".split()


@ROOM.means("SELECT line_no, hash FROM take_audit_tip()")
def take_audit_tip(tx: Tx) -> list[Record]:
    tx.lock("advisory", "audit")
    lines = [row for _, row in tx.each("audit")]
    return lines[-1:]


@ROOM.means("INSERT INTO audit", "bd704445")
def insert_line(tx: Tx, line_no: int, *values: Any) -> list[Record]:
    names = "at actor act subject detail previous_hash hash".split()
    assert tx.get("audit", line_no) is None, "two lines of the audit have one number"
    tx.put("audit", line_no, {"line_no": line_no, **dict(zip(names, values, strict=True))})
    return []


@ROOM.means("COPY events")
def copy_events(tx: Tx, rows: list[Record]) -> list[Record]:
    for row in rows:
        tx.put("events", row["id"], row)
    return []


@ROOM.means("INSERT INTO acts_done", "42b84f72")
def claim_act(tx: Tx, key: UUID, actor: UUID, act: str, at: datetime) -> list[Record]:
    tx.lock("acts_done", key)
    if tx.get("acts_done", key) is not None:
        return []
    tx.put("acts_done", key, {"actor": actor, "key": act, "at": at, "result": None})
    return [{"key": act}]


@ROOM.means("SELECT actor, key, result FROM acts_done", "a92fdfc6")
def find_act(tx: Tx, key: UUID) -> list[Record]:
    row = tx.get("acts_done", key)
    return [] if row is None else [row]


@ROOM.means("UPDATE acts_done SET result", "993e2849")
def save_result(tx: Tx, key: UUID, result: Any) -> list[Record]:
    return [tx.change("acts_done", key, result=result)]


@ROOM.means("INSERT INTO followers", "e3c78b49")
def add_follower(tx: Tx, key: str) -> list[Record]:
    tx.put("followers", key, {"key": key})
    return []


@ROOM.means("SELECT pg_advisory_xact_lock(hashtext('ondijon.alarms'))")
def lock_alarms(tx: Tx) -> list[Record]:
    tx.lock("advisory", "alarms")
    return [{}]


def _find_open(tx: Tx, kind: str, twin_no: int) -> Record | None:
    for _, row in tx.each("alarms"):
        if (row["type"], row["twin_no"]) == (kind, twin_no) and row["state"] != "normal":
            return row
    return None


@ROOM.means("INSERT INTO alarms", "6e6b7b8b")
def raise_alarms(tx: Tx, *arguments: Any) -> list[Record]:
    *columns, before = arguments
    raised = []
    for values in zip(*columns, strict=True):
        new = dict(zip(ALARM_NAMES, values, strict=True))
        known = _find_open(tx, new["type"], new["twin_no"])
        nobody: Record = {"cleared_at": None, "acknowledged_at": None, "acknowledged_by": None}
        if known is None:
            tx.put("alarms", new["id"], {**new, **nobody, "times_raised": 1, "version": 1, "card_id": None})
            raised.append({"id": new["id"]})
        elif known["state"] in before:
            again = {name: new[name] for name in ("raised_at", "evidence")}
            count = {name: known[name] + 1 for name in ("times_raised", "version")}
            tx.change("alarms", known["id"], state="active_unacknowledged", **nobody, **again, **count)
            raised.append({"id": known["id"]})
    return raised


@ROOM.means("UPDATE alarms a SET state = law.after, cleared_at", "4b01114d")
def clear_alarms(
    tx: Tx, kinds: list[str], twin_nos: list[int], times: list[datetime], *laws: list[str]
) -> list[Record]:
    of_latched = {False: dict(zip(*laws[:2], strict=True)), True: dict(zip(*laws[2:], strict=True))}
    cleared = []
    for kind, twin_no, at in zip(kinds, twin_nos, times, strict=True):
        known = _find_open(tx, kind, twin_no)
        after = None if known is None else of_latched[known["latched"]].get(known["state"])
        if known is not None and after is not None:
            tx.change("alarms", known["id"], state=after, cleared_at=at, version=known["version"] + 1)
            cleared.append({"id": known["id"]})
    return cleared


@ROOM.means("UPDATE alarm_shelvings s SET times_raised", "e9cb3c46")
def count_shelved_raises(tx: Tx, kinds: list[str], twin_nos: list[int]) -> list[Record]:
    raised = set(zip(kinds, twin_nos, strict=True))
    counted = [row for _, row in tx.each("alarm_shelvings") if (row["type"], row["twin_no"]) in raised]
    return [tx.change("alarm_shelvings", row["id"], times_raised=row["times_raised"] + 1) for row in counted]


@ROOM.means("INSERT INTO alarm_shelvings", "c4847ca8")
def shelve_chattering(tx: Tx, *arguments: Any) -> list[Record]:
    *columns, owner = arguments
    known = {(row["type"], row["twin_no"]) for _, row in tx.each("alarm_shelvings")}
    shelved = []
    for values in zip(*columns, strict=True):
        row = dict(zip("id type twin_no since until times_raised".split(), values, strict=True))
        if (row["type"], row["twin_no"]) not in known:
            tx.put("alarm_shelvings", row["id"], {**row, "owner": owner})
            shelved.append({"id": row["id"]})
    return shelved


@ROOM.means("SELECT a.type, t.urn FROM alarms a", "a78e78e9")
def list_open_alarms(tx: Tx) -> list[Record]:
    return [
        {"type": row["type"], "urn": (tx.get("twins", row["twin_no"]) or {})["urn"]}
        for _, row in tx.each("alarms")
        if row["state"] in ACTIVE
    ]


@ROOM.means("SELECT payload ->> 'type'", "5ef31f15")
def list_raises_since(tx: Tx, since: datetime) -> list[Record]:
    events = [row for _, row in tx.each("events") if row["key"] == "alarm.raised" and row["at"] >= since]
    events = sorted((row for row in events if row["twin"] is not None), key=lambda row: (row["at"], row["id"]))
    return [{"type": row["payload"]["type"], "urn": row["twin"], "at": row["at"]} for row in events]


@ROOM.means("SELECT id, type, twin_nos FROM alarm_silences", "75a36ef7")
def list_silences(tx: Tx, now: datetime) -> list[Record]:
    return [row for _, row in tx.each("alarm_silences")]


@ROOM.means("SELECT DISTINCT a.trade, a.commune FROM alarms", "ca73e6ac")
def list_places(tx: Tx, cards: list[UUID], alarms: list[UUID]) -> list[Record]:
    found = {(row["trade"], row["commune"]) for _, row in tx.each("alarms") if row["id"] in alarms}
    return [{"trade": trade, "commune": commune} for trade, commune in sorted(found)]


@ROOM.means("UPDATE alarms a SET state = law.after, acknowledged_at", "3ab434bd")
def acknowledge(
    tx: Tx, cards: list[UUID], alarms: list[UUID], at: datetime, by: UUID, *lists: list[str]
) -> list[Record]:
    law = dict(zip(*lists[:2], strict=True))
    places = set(zip(*lists[2:], strict=True))
    done = []
    for _, row in tx.each("alarms"):
        if row["id"] in alarms and row["state"] in law and (row["trade"], row["commune"]) in places:
            seen: Record = {"acknowledged_at": at, "acknowledged_by": by, "version": row["version"] + 1}
            tx.change("alarms", row["id"], state=law[row["state"]], **seen)
            done.append({"id": row["id"], "card_id": None})
    return done


@ROOM.means("SELECT card, happened FROM refresh_alarm_cards", "24b30aec")
@ROOM.means("SELECT c.*, coalesce(t.commune, a.commune)", "a7fb5c8d")
def cards_of(tx: Tx, cards: list[UUID], *more: Any) -> list[Record]:
    assert cards == [], "no card is simulated"
    return []


@ROOM.means("INSERT INTO column_snapshots", "c43850f5")
def save_snapshot(tx: Tx, property_no: int, *values: Any) -> list[Record]:
    names = "share taken_at twin_no value observed_us received_us quality".split()
    tx.put("column_snapshots", property_no, {"property_no": property_no, **dict(zip(names, values, strict=True))})
    return []


@ROOM.means("UPDATE column_snapshots SET taken_at = $1")
def set_snapshots_taken(tx: Tx, at: datetime) -> list[Record]:
    return [tx.change("column_snapshots", number, taken_at=at) for number, _ in list(tx.each("column_snapshots"))]


@ROOM.means("SELECT property_no, share", "90e37216")
def list_snapshots(tx: Tx) -> list[Record]:
    return [row for _, row in tx.each("column_snapshots")]


@ROOM.means("SELECT property_no, array_agg(twin_no)", "fc73e922")
def list_readings_since(tx: Tx, since: datetime) -> list[Record]:
    since_us = round(since.timestamp() * 1e6)
    names = ("property_no", "twin_no", "value", "observed_us", "received_us", "quality")
    parts = [row for _, row in tx.each(READINGS) if len(row["twin_no"]) and row["received_us"].max() >= since_us]
    if not parts:
        return []
    whole = {name: np.concatenate([part[name] for part in parts]) for name in names}
    kept = whole["received_us"] >= since_us
    whole = {name: array[kept] for name, array in whole.items()}
    order = np.argsort(whole["property_no"], kind="stable")
    numbers = whole["property_no"][order]
    ends = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
    return [
        {"property_no": int(numbers[start]), **{name: whole[name][order][start:end].tolist() for name in names[1:]}}
        for start, end in pairwise(ends)
        if end > start
    ]


@ROOM.means("INSERT INTO jobs", "b272ae42")
def add_job(tx: Tx, key: str, due_at: datetime) -> list[Record]:
    tx.lock("jobs", key)
    if tx.get("jobs", key) is None:
        tx.put("jobs", key, {"key": key, "due_at": due_at, "done_by": None, "failures": 0})
    return []


@ROOM.means("UPDATE jobs SET due_at", "22e4cc7d")
def claim_job(tx: Tx, key: str, now: datetime, again_at: datetime, owner: str) -> list[Record]:
    tx.lock("jobs", key)
    row = tx.get("jobs", key)
    if row is None or row["due_at"] > now:
        return []
    return [tx.change("jobs", key, due_at=again_at, done_by=owner)]


@ROOM.means("SELECT p.twin_no, p.version, t.type FROM programmes", "b612394a")
def list_programmes(tx: Tx) -> list[Record]:
    return [{**row, "type": (tx.get("twins", row["twin_no"]) or {})["type"]} for _, row in tx.each("programmes")]


@ROOM.means("SELECT twin_no, version, content FROM programmes", "6cc3523c")
def list_contents(tx: Tx, twin_nos: list[int]) -> list[Record]:
    return [row for twin_no, row in sorted(tx.each("programmes")) if twin_no in twin_nos]
