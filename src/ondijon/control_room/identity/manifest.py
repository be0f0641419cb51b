"""Everything this part of the room brings."""

from datetime import timedelta

from ondijon.control_room.identity import desk
from ondijon.control_room.identity.commands import BreakGlass, EndGlass, EndSession
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.room import ActSpec, Holding, JobSpec, RoomManifest

ROOM = RoomManifest(
    part=desk.PART,
    acts=(
        ActSpec("identity.break_glass", BreakGlass, desk.perform_break_glass),
        ActSpec("identity.end_glass", EndGlass, desk.perform_end_glass),
        ActSpec("identity.end_session", EndSession, desk.perform_end_session),
    ),
    jobs=(JobSpec("identity.end_glasses", timedelta(seconds=5), desk.end_glasses),),
    holdings=(
        Holding(
            "identity.glass_reason",
            "broken_glass",
            ("reason",),
            "since",
            Privacy(DataClass.PERSONAL, "identity.purpose.break_glass", 3 * 366),
        ),
        Holding(
            "identity.oidc_flow",
            "oidc_flows",
            (),
            "started_at",
            Privacy(DataClass.PERSONAL, "identity.purpose.sign_in", 1),
        ),
    ),
    trades=(desk.TRADE,),
)
