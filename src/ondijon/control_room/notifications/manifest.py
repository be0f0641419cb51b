"""What notifications bring to the room."""

from datetime import timedelta

from ondijon.control_room.notifications.commands import ReadNotifications, SetAddress
from ondijon.control_room.notifications.desk.acts import read, set_address
from ondijon.control_room.notifications.desk.telling import escalate, follow, watch
from ondijon.control_room.notifications.rules.facts import FOLLOWED
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.room import ActSpec, FollowerSpec, Holding, JobSpec, RoomManifest

ROOM = RoomManifest(
    part="notifications",
    acts=(
        ActSpec("notifications.read", ReadNotifications, read),
        ActSpec("notifications.set_address", SetAddress, set_address),
    ),
    followers=(FollowerSpec("notifications", FOLLOWED, follow),),
    jobs=(
        JobSpec("notifications.watch", timedelta(seconds=10), watch),
        JobSpec("notifications.escalate", timedelta(seconds=5), escalate),
    ),
    holdings=(
        Holding(
            "notifications.notices",
            "notices",
            (),
            "at",
            Privacy(DataClass.OPERATIONAL, "notifications.purpose.notices", 90),
        ),
        Holding(
            "notifications.sent_to",
            "notification_deliveries",
            ("address",),
            "queued_at",
            Privacy(DataClass.PERSONAL, "notifications.purpose.sent_to", 30),
        ),
        Holding(
            "notifications.addresses",
            "notification_addresses",
            (),
            "entered_at",
            Privacy(DataClass.PERSONAL, "notifications.purpose.addresses", 400),
        ),
    ),
)
