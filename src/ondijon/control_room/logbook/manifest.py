"""What the logbook brings to the room."""

from datetime import timedelta

from ondijon.control_room.logbook import desk
from ondijon.control_room.logbook.commands import Correct, Write
from ondijon.control_room.logbook.model import PART, TRADE
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.room import ActSpec, FollowerSpec, Holding, JobSpec, RoomManifest

# What people write may name people; the line stays, sealed, when its words have gone.
WORDS_KEPT_DAYS = 3 * 365

ROOM = RoomManifest(
    PART,
    acts=(
        ActSpec("logbook.write", Write, desk.write),
        ActSpec("logbook.correct", Correct, desk.correct),
    ),
    followers=(FollowerSpec("logbook.lines", ("",), desk.follow),),
    jobs=(JobSpec("logbook.gathered", timedelta(seconds=20), desk.tell_gathered),),
    holdings=(
        Holding(
            "logbook.words",
            "logbook_texts",
            ("text", "salt"),
            "personal_since",
            Privacy(DataClass.PERSONAL, "logbook.purpose", WORDS_KEPT_DAYS),
        ),
    ),
    trades=(TRADE,),
)
