"""What the alarms part brings to the room."""

from datetime import timedelta

from ondijon.control_room.alarms import commands, desk
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.room import ActSpec, Holding, JobSpec, RoomManifest

_REASONS = Privacy(DataClass.PERSONAL, "alarms.purpose.reasons", 366)

ROOM = RoomManifest(
    part="alarms",
    acts=(
        ActSpec("alarms.acknowledge", commands.Acknowledge, desk.acknowledge),
        ActSpec("alarms.shelve", commands.Shelve, desk.shelve),
        ActSpec("alarms.unshelve", commands.Unshelve, desk.unshelve),
        ActSpec("alarms.dissolve", commands.Dissolve, desk.dissolve),
        ActSpec("alarms.regroup", commands.Regroup, desk.regroup),
        ActSpec("alarms.reset", commands.Reset, desk.reset),
        ActSpec("alarms.take_out_of_service", commands.TakeOutOfService, desk.take_out_of_service),
        ActSpec("alarms.declare_works", commands.DeclareWorks, desk.declare_works),
        ActSpec("alarms.end_silence", commands.EndSilence, desk.end_silence),
    ),
    jobs=(JobSpec("alarms.end_due_shelvings", timedelta(seconds=1), desk.end_due_shelvings),),
    holdings=(
        Holding("alarms.shelvings", "alarm_shelvings", ("reason",), "since", _REASONS),
        Holding("alarms.silences", "alarm_silences", ("reason",), "since", _REASONS),
    ),
)
