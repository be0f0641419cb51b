"""Everything that incidents bring."""

from datetime import timedelta

from ondijon.control_room.incidents import commands as asked
from ondijon.control_room.incidents.desk import gathering, opening, people, timing, working
from ondijon.control_room.incidents.desk.catalogue import load_types
from ondijon.control_room.incidents.model import PART, TRADES
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.room import ActSpec, Holding, JobSpec, RoomManifest, SeedSpec

YEARS_3, YEARS_5 = 1_096, 1_827
_PURPOSE = "incidents.purpose.handling"

ACTS = (
    ActSpec("incidents.open", asked.OpenIncident, opening.open_incident),
    ActSpec("incidents.qualify", asked.QualifyIncident, working.qualify),
    ActSpec("incidents.take", asked.OnIncident, working.take),
    ActSpec("incidents.release", asked.OnIncident, working.release),
    ActSpec("incidents.assign", asked.AssignIncident, working.assign),
    ActSpec("incidents.start", asked.MoveIncident, working.start),
    ActSpec("incidents.resolve", asked.MoveIncident, working.resolve),
    ActSpec("incidents.close", asked.MoveIncident, working.close),
    ActSpec("incidents.reopen", asked.MoveIncident, working.reopen),
    ActSpec("incidents.pause", asked.PauseIncident, working.pause),
    ActSpec("incidents.resume", asked.ResumeIncident, working.resume),
    ActSpec("incidents.comment", asked.CommentIncident, people.comment),
    ActSpec("incidents.involve", asked.InvolveContact, people.involve),
    ActSpec("incidents.release_participant", asked.ReleaseParticipant, people.release_participant),
    ActSpec("incidents.hand_over", asked.HandOver, people.hand_over),
    ActSpec("incidents.link_asset", asked.LinkAsset, gathering.link_asset),
    ActSpec("incidents.unlink_asset", asked.LinkAsset, gathering.unlink_asset),
    ActSpec("incidents.add_source", asked.AddSource, gathering.add_one_source),
    ActSpec("incidents.merge", asked.MergeIncident, gathering.merge),
    ActSpec("incidents.split", asked.SplitIncident, gathering.split),
    ActSpec("incidents.attach", asked.AttachFile, gathering.attach_file),
)


def _personal(days: int) -> Privacy:
    return Privacy(DataClass.PERSONAL, _PURPOSE, days)


ROOM = RoomManifest(
    part=PART,
    acts=ACTS,
    jobs=(
        JobSpec("incidents.end_pauses", timedelta(seconds=2), timing.end_pauses),
        JobSpec("incidents.tell_breaches", timedelta(seconds=2), timing.tell_breaches),
        JobSpec("incidents.forget_files", timedelta(minutes=10), timing.forget_files),
    ),
    holdings=(
        Holding("incidents.words", "incidents", ("title", "description"), "closed_at", _personal(YEARS_5)),
        Holding("incidents.texts", "incident_texts", (), "at", _personal(YEARS_5)),
        Holding(
            "incidents.taken_by",
            "incident_participants",
            ("taken_by_name", "note"),
            "handed_over_at",
            _personal(YEARS_3),
        ),
        Holding("incidents.files", "incident_files", (), "at", _personal(YEARS_3)),
    ),
    seeds=(SeedSpec("incident_types.toml", load_types),),
    trades=TRADES,
)
