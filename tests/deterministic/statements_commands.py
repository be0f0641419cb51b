"""What the statements on commands, targets and holds do, as PostgreSQL does it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.deterministic.statements import Statements
from tests.deterministic.store import MemoryTransaction as Tx
from tests.deterministic.store import Record

COMMANDS = Statements()
NAMES = """id idempotency_key key trade twin_type hold_group state reason payload selection precondition risk_class
    issuer issuer_name requested_at expires_s expires_at hold_until undo_of communes counts""".split()
UNSAID = {"approver": None, "approver_name": None, "approved_at": None, "prepared_at": None, "undone_by": None}
UNDER_WAY = ("requested", "sent", "accepted")


def targets_of(tx: Tx, command_id: UUID) -> Record:
    """The targets of a command by twin number; they are kept together, and locked together."""
    return tx.get("command_targets", command_id) or {}


def _change_targets(tx: Tx, command_id: UUID, changed: Record) -> None:
    if changed:
        tx.put("command_targets", command_id, {**targets_of(tx, command_id), **changed})


def _holds_of(tx: Tx, hold_group: str, twin_nos: Any) -> Iterator[tuple[int, Record]]:
    for twin_no in sorted(twin_nos):
        hold = tx.get("holds", (twin_no, hold_group))
        if hold is not None:
            yield twin_no, hold


@COMMANDS.means("SELECT id, key, trade, twin_type", "0427dc29")
def find_command(tx: Tx, command_id: UUID) -> list[Record]:
    row = tx.get("commands", command_id)
    return [] if row is None else [row]


@COMMANDS.means("SELECT id, key, trade, twin_type", "a4132475")
def lock_command(tx: Tx, command_id: UUID) -> list[Record]:
    tx.lock("commands", command_id)
    return find_command(tx, command_id)


@COMMANDS.means("SELECT id, key, trade, twin_type", "56ae099c")
def find_by_idempotency_key(tx: Tx, key: UUID) -> list[Record]:
    found = tx.get("command_keys", key)
    return [] if found is None else find_command(tx, found["id"])


@COMMANDS.means("INSERT INTO commands", "85bd5b6c")
def insert_command(tx: Tx, *values: Any) -> list[Record]:
    row = {**UNSAID, **dict(zip(NAMES, values, strict=True))}
    tx.lock("command_keys", row["idempotency_key"])
    if tx.get("command_keys", row["idempotency_key"]) is not None:
        return []
    tx.put("command_keys", row["idempotency_key"], {"id": row["id"]})
    tx.put("commands", row["id"], row)
    return [{"id": row["id"]}]


@COMMANDS.means("COPY command_targets")
def copy_targets(tx: Tx, rows: list[Record]) -> list[Record]:
    unsaid = {"former": None, "former_until": None, "sent_at": None, "accepted_at": None, "done_at": None}
    _change_targets(tx, rows[0]["command_id"], {row["twin_no"]: {**unsaid, **row} for row in rows})
    return []


@COMMANDS.means("UPDATE commands SET state = 'requested', approver", "e0d6c561")
def set_approved(
    tx: Tx, command_id: UUID, approver: UUID, name: str, at: datetime, expires_at: datetime
) -> list[Record]:
    row = tx.get("commands", command_id)
    assert row is not None
    until = None if row["hold_until"] is None else row["hold_until"] + (at - row["requested_at"])
    by = {"approver": approver, "approver_name": name, "approved_at": at}
    return [tx.change("commands", command_id, state="requested", expires_at=expires_at, hold_until=until, **by)]


@COMMANDS.means("UPDATE commands SET state = 'rejected'", "475f44d8")
def set_rejected(tx: Tx, command_id: UUID, approver: UUID, name: str, at: datetime) -> list[Record]:
    by = {"approver": approver, "approver_name": name, "approved_at": at}
    return [tx.change("commands", command_id, state="rejected", **by)]


@COMMANDS.means("UPDATE commands SET undone_by", "c6feaa0f")
def set_undone(tx: Tx, command_id: UUID, undone_by: UUID) -> list[Record]:
    return [tx.change("commands", command_id, undone_by=undone_by)]


@COMMANDS.means("SELECT t.twin_no, t.former", "e7eb674c")
def list_undo_targets(tx: Tx, command_id: UUID, hold_group: str) -> list[Record]:
    found = []
    for twin_no, target in sorted(targets_of(tx, command_id).items()):
        if target["state"] not in (0, 4):
            hold = tx.get("holds", (twin_no, hold_group))
            holder = None if hold is None else hold["command_id"]
            former = {"former": target["former"], "former_until": target["former_until"]}
            found.append({"twin_no": twin_no, **former, "released": target["wanted"] is None, "holder": holder})
    return found


@COMMANDS.means("UPDATE command_targets SET state = $3", "cca556f3")
def move_targets_sent(tx: Tx, command_id: UUID, twin_nos: list[int], state: int, *more: Any) -> list[Record]:
    return _move(tx, command_id, twin_nos, state, "sent_at", *more)


@COMMANDS.means("UPDATE command_targets SET state = $3", "c5b7699a")
def move_targets_accepted(tx: Tx, command_id: UUID, twin_nos: list[int], state: int, *more: Any) -> list[Record]:
    return _move(tx, command_id, twin_nos, state, "accepted_at", *more)


@COMMANDS.means("UPDATE command_targets SET state = $3", "c1f66eb9")
def move_targets_done(tx: Tx, command_id: UUID, twin_nos: list[int], state: int, *more: Any) -> list[Record]:
    return _move(tx, command_id, twin_nos, state, "done_at", *more)


def _move(
    tx: Tx, command_id: UUID, twin_nos: list[int], state: int, column: str, reason: str | None, at: datetime
) -> list[Record]:
    known = targets_of(tx, command_id)
    moved = {
        twin_no: {**known[twin_no], "state": state, "reason": reason or known[twin_no]["reason"], column: at}
        for twin_no in twin_nos
        if twin_no in known
    }
    _change_targets(tx, command_id, moved)
    return list(moved.values())


@COMMANDS.means("UPDATE commands SET state = $2, counts", "59afd56f")
def write_counts(tx: Tx, command_id: UUID, state: str, counts: Record) -> list[Record]:
    return [tx.change("commands", command_id, state=state, counts=counts)]


def _by_request(rows: list[Record]) -> list[Record]:
    return sorted(rows, key=lambda row: (row["requested_at"], row["id"]))


@COMMANDS.means("SELECT id, key, twin_type", "853a6f13")
def list_dispatchable(tx: Tx) -> list[Record]:
    return _by_request([row for _, row in tx.each("commands") if row["state"] == "requested"])


@COMMANDS.means("SELECT id, key, twin_type", "bbefc3b7")
def list_awaiting_field(tx: Tx, unknown_since: datetime) -> list[Record]:
    prepared = [row for _, row in tx.each("commands") if row["prepared_at"] is not None]
    return _by_request(
        [
            row
            for row in prepared
            if row["state"] in UNDER_WAY or (row["state"] == "unknown" and row["requested_at"] >= unknown_since)
        ]
    )


@COMMANDS.means("SELECT t.twin_no, t.state, t.wanted, t.sent_at", "8388334c")
def list_targets(tx: Tx, command_id: UUID, after: int, limit: int) -> list[Record]:
    command = tx.get("commands", command_id)
    assert command is not None
    found = [row for twin_no, row in sorted(targets_of(tx, command_id).items()) if twin_no > after][:limit]
    return [{**row, "overtaken": row["state"] == 7 and _is_overtaken(tx, command, row["twin_no"])} for row in found]


def _is_overtaken(tx: Tx, command: Record, twin_no: int) -> bool:
    return any(
        other["prepared_at"] is not None
        and other["prepared_at"] > command["prepared_at"]
        and other["hold_group"] == command["hold_group"]
        and _has_left(targets_of(tx, other_id).get(twin_no))
        for other_id, other in tx.each("commands")
    )


def _has_left(target: Record | None) -> bool:
    return target is not None and (target["state"] != 5 or target["sent_at"] is not None)


@COMMANDS.means("UPDATE command_targets t SET state = 5", "67b5d1cf")
def drop_outdated(tx: Tx, command_id: UUID, hold_group: str, at: datetime) -> list[Record]:
    command = tx.get("commands", command_id)
    assert command is not None
    is_outdated = {"post.release": _is_no_longer_ended, "post.reconcile": _is_no_longer_stray}.get(command["key"])
    if is_outdated is None:
        return []
    dropped = {
        twin_no: {**row, "state": 5, "reason": "post.target.superseded", "done_at": at}
        for twin_no, row in targets_of(tx, command_id).items()
        if row["state"] == 0 and is_outdated(tx, command, row, tx.get("holds", (twin_no, hold_group)))
    }
    _change_targets(tx, command_id, dropped)
    return list(dropped.values())


def _is_no_longer_ended(tx: Tx, command: Record, target: Record, hold: Record | None) -> bool:
    if hold is None or hold["until"] is None:
        return True
    asked_at: datetime = command["requested_at"]
    return bool(hold["since"] > asked_at or hold["until"] > asked_at + timedelta(minutes=1))


def _is_no_longer_stray(tx: Tx, command: Record, target: Record, hold: Record | None) -> bool:
    if target["wanted"] != (None if hold is None else hold["wanted"]):
        return True
    for other_id, other in tx.each("commands"):
        same = other_id != command["id"] and other["hold_group"] == command["hold_group"]
        if same and other["state"] in UNDER_WAY:
            rival = targets_of(tx, other_id).get(target["twin_no"])
            if rival is not None and rival["state"] < 3:
                return True
    return False


@COMMANDS.means("UPDATE command_targets t SET former", "23477086")
def note_former(tx: Tx, command_id: UUID, hold_group: str) -> list[Record]:
    waiting = {no: row for no, row in targets_of(tx, command_id).items() if row["state"] == 0}
    noted = {
        twin_no: {**waiting[twin_no], "former": hold["wanted"], "former_until": hold["until"]}
        for twin_no, hold in _holds_of(tx, hold_group, waiting)
    }
    _change_targets(tx, command_id, noted)
    return list(noted.values())


@COMMANDS.means("DELETE FROM holds", "1b9be8a9")
def release_holds(tx: Tx, command_id: UUID, hold_group: str) -> list[Record]:
    targets = targets_of(tx, command_id)
    released = [no for no, row in targets.items() if row["state"] == 0 and row["wanted"] is None]
    gone = list(_holds_of(tx, hold_group, released))
    for twin_no, _ in gone:
        tx.put("holds", (twin_no, hold_group), None)
    return [hold for _, hold in gone]


@COMMANDS.means("INSERT INTO holds", "b394814b")
def insert_holds(tx: Tx, command_id: UUID, hold_group: str, at: datetime, until: datetime | None) -> list[Record]:
    command = tx.get("commands", command_id)
    assert command is not None
    undone = targets_of(tx, command["undo_of"]) if command["undo_of"] is not None else None
    taken = []
    for twin_no, target in sorted(targets_of(tx, command_id).items()):
        if target["state"] == 0 and target["wanted"] is not None and command["key"] != "post.reconcile":
            end = until if undone is None else undone.get(twin_no, {}).get("former_until")
            hold = {"twin_no": twin_no, "hold_group": hold_group, "wanted": target["wanted"], "since": at}
            taken.append({**hold, "until": end, "command_id": command_id})
    for hold in taken:
        tx.put("holds", (hold["twin_no"], hold_group), hold)
    return taken


@COMMANDS.means("UPDATE commands SET prepared_at", "417a08d1")
def set_prepared(tx: Tx, command_id: UUID, at: datetime) -> list[Record]:
    return [tx.change("commands", command_id, prepared_at=at)]


@COMMANDS.means("SELECT twin_no, hold_group, wanted FROM holds", "5eb3f647")
def list_holds_of(tx: Tx, twin_nos: list[int]) -> list[Record]:
    return [hold for _, hold in tx.each("holds") if hold["twin_no"] in twin_nos]


@COMMANDS.means("SELECT DISTINCT t.twin_no FROM commands", "4030ca17")
def list_under_way(tx: Tx, twin_nos: list[int], hold_group: str) -> list[Record]:
    found: set[int] = set()
    for command_id, row in tx.each("commands"):
        if row["state"] in UNDER_WAY and row["hold_group"] == hold_group:
            targets = targets_of(tx, command_id)
            found.update(no for no in twin_nos if no in targets and targets[no]["state"] < 3)
    return [{"twin_no": twin_no} for twin_no in sorted(found)]


@COMMANDS.means("UPDATE holds h SET until", "75e7d497")
def lease_ended_holds(tx: Tx, now: datetime, again_at: datetime) -> list[Record]:
    ended = [(key, hold) for key, hold in tx.each("holds") if hold["until"] is not None and hold["until"] <= now]
    leased = []
    for key, hold in sorted(ended):
        tx.put("holds", key, {**hold, "until": again_at})
        twin = tx.get("twins", hold["twin_no"])
        assert twin is not None
        leased.append({"twin_no": hold["twin_no"], "hold_group": hold["hold_group"], "type": twin["type"]})
    return leased


@COMMANDS.means("UPDATE commands SET state = 'expired'", "4bb7e349")
def expire_awaiting(tx: Tx, now: datetime) -> list[Record]:
    late = [
        command_id
        for command_id, row in tx.each("commands")
        if row["state"] == "awaiting_approval" and row["expires_at"] <= now
    ]
    return [{"id": tx.change("commands", command_id, state="expired")["id"]} for command_id in late]
