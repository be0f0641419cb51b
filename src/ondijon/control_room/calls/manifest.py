"""Everything that calls bring."""

from datetime import timedelta

from ondijon.control_room.calls import commands as asked
from ondijon.control_room.calls.desk import acts, following, telephone
from ondijon.control_room.calls.model import NUMBER_KEPT_DAYS, PART, WORDS_KEPT_DAYS
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.room import ActSpec, FollowerSpec, Holding, JobSpec, RoomManifest


def _personal(purpose: str, days: int) -> Privacy:
    return Privacy(DataClass.PERSONAL, purpose, days)


ROOM = RoomManifest(
    part=PART,
    acts=(
        ActSpec("calls.open", asked.OpenCall, acts.open_call),
        ActSpec("calls.take", asked.OnCall, acts.take),
        ActSpec("calls.save", asked.SaveCall, acts.save_call),
        ActSpec("calls.link", asked.LinkCall, acts.link),
        ActSpec("calls.promise", asked.PromiseCall, acts.promise),
        ActSpec("calls.end", asked.OnCall, acts.end),
        ActSpec("calls.call_back", asked.CallBackCall, acts.call_back),
        ActSpec("calls.hear", asked.HearCall, telephone.hear),
    ),
    followers=(
        FollowerSpec(
            "calls.follow_incidents",
            (following.LINKED, following.REOPENED, *following.OVER),
            following.follow_incidents,
        ),
    ),
    jobs=(
        JobSpec("calls.tell_broken_promises", timedelta(seconds=10), following.tell_broken_promises),
        JobSpec("calls.give_up_lost", timedelta(seconds=30), following.give_up_lost),
        JobSpec("calls.give_up_unreachable", timedelta(minutes=10), following.give_up_unreachable),
    ),
    holdings=(
        Holding("calls.callers", "callers", (), "entered_at", _personal("calls.purpose.reach", NUMBER_KEPT_DAYS)),
        Holding("calls.words", "call_words", (), "entered_at", _personal("calls.purpose.words", WORDS_KEPT_DAYS)),
        Holding("calls.tries", "call_backs", ("text",), "at", _personal("calls.purpose.words", WORDS_KEPT_DAYS)),
    ),
    trades=(PART,),
)
