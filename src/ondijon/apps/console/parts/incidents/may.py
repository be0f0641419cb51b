"""What a person may do with an incident now: the law of its state, and the person's rights where it is."""

from ondijon.control_room.incidents.model import Course, Step
from ondijon.control_room.incidents.rules.course import may_step
from ondijon.kernel.identity import Actor
from ondijon.kernel.ports import Row

_ACTS: dict[Step, tuple[str, ...]] = {
    Step.QUALIFY: ("qualify",),
    Step.TAKE: ("take",),
    Step.RELEASE: ("release",),
    Step.ASSIGN: ("assign",),
    Step.START: ("start",),
    Step.RESOLVE: ("resolve",),
    Step.CLOSE: ("close",),
    Step.REOPEN: ("reopen",),
    Step.PAUSE: ("pause",),
    Step.RESUME: ("resume",),
    Step.COMMENT: ("comment",),
    Step.MERGE: ("merge",),
    Step.SPLIT: ("split",),
    Step.HAND_OVER: ("hand_over",),
    Step.ADD: ("add_source", "link_asset", "involve", "attach"),
    Step.DROP: ("unlink_asset", "release_participant"),
}
EXPORT = "export"
ALL_NAMES = frozenset(name for names in _ACTS.values() for name in names) | {EXPORT}


def list_possible(actor: Actor, row: Row, course: Course) -> list[str]:
    """Names of acts without `incidents.`, and `export`."""
    possible: list[str] = []
    if actor.may("handle", row["trade"], row["commune"]):
        pointless = {
            Step.TAKE: row["owner"] == actor.pseudonym,
            Step.RELEASE: row["owner"] is None,
            Step.SPLIT: row["sources"] == 0,
        }
        possible += [
            act
            for step, acts in _ACTS.items()
            if may_step(course, step) and not pointless.get(step, False)
            for act in acts
        ]
    if actor.may("export", row["trade"], row["commune"]):
        possible.append(EXPORT)
    return possible
