"""The routes of notifications: mine, my addresses, and how messages get out."""

from litestar import get
from litestar.handlers import BaseRouteHandler

from ondijon.apps.console.parts.notifications import queries
from ondijon.apps.console.parts.notifications.shapes import AddressView, DeliveryView, NotificationView
from ondijon.apps.console.room import Room, Seat, TheRoom, TheSeat
from ondijon.kernel.identity import Verb
from ondijon.kernel.ports import Row

MOST = 100


def _may(room: Room, seat: Seat, verb: Verb, row: Row) -> bool:
    communes = room.city.commune_codes if row["commune"] is None else (row["commune"],)
    return any(seat.person.actor.may(verb, row["trade"], commune) for commune in communes)


@get("/notifications")
async def notifications(room: TheRoom, seat: TheSeat) -> list[NotificationView]:
    """Mine, newest first; what I may not see any more is left out."""
    rows = await queries.list_mine(room.rows, seat.person.actor.pseudonym, MOST)
    return [
        NotificationView(
            row["id"],
            row["at"],
            f"notification.{row['key']}",
            row["values"],
            row["subject"],
            row["read_at"],
            row["urgent"],
            row["by"],
        )
        for row in rows
        if _may(room, seat, "see", row)
    ]


@get("/notifications/addresses")
async def addresses(room: TheRoom, seat: TheSeat) -> list[AddressView]:
    """My own."""
    rows = await queries.list_addresses(room.rows, seat.person.actor.pseudonym)
    return [AddressView(row["way"], row["address"], row["entered_at"]) for row in rows]


@get("/notifications/deliveries")
async def deliveries(room: TheRoom, seat: TheSeat) -> list[DeliveryView]:
    """How the latest messages got out; of what the person may audit."""
    rows = await queries.list_deliveries(room.rows, MOST)
    return [
        DeliveryView(
            row["notification"],
            row["way"],
            f"notification.about.{row['key']}",
            row["subject"],
            row["state"],
            row["tries"],
            row["queued_at"],
            row["next_try_at"],
            row["ended_at"],
            row["last_error"],
        )
        for row in rows
        if _may(room, seat, "audit", row)
    ]


ROUTES: list[BaseRouteHandler] = [notifications, addresses, deliveries]
