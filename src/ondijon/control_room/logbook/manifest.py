"""What the logbook brings to the room."""

from datetime import timedelta

from ondijon.control_room.logbook.commands import Correct, Write
from ondijon.control_room.logbook.desk import writing
from ondijon.control_room.logbook.model import PART, TRADE
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.room import ActSpec, FollowerSpec, Holding, JobSpec, RoomManifest

# What people write may name people; the line stays, sealed, when its words have gone.
WORDS_KEPT_DAYS = 3 * 365

ROOM = RoomManifest(
    PART,
    acts=(
        ActSpec("logbook.write", Write, writing.write),
        ActSpec("logbook.correct", Correct, writing.correct),
    ),
    followers=(FollowerSpec("logbook.lines", ("",), writing.follow),),
    jobs=(JobSpec("logbook.gathered", timedelta(seconds=20), writing.tell_gathered),),
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
