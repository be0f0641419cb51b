"""The law of a programme's version, as a table: what it is after each step, and who may not take it."""

#   state        edit    propose    publish     reject     withdraw    replace      end
#   draft        draft   proposed   -           -          withdrawn   -            -
#   proposed     -       -          published   rejected   withdrawn   -            -
#   published    -       -          -           -          withdrawn   superseded   ended
#   superseded, withdrawn, rejected, ended: nothing more
#
# Nobody publishes what they proposed.

from enum import StrEnum
from uuid import UUID

from ondijon.kernel.errors import NotAllowed, Refused


class State(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    ENDED = "ended"


class Step(StrEnum):
    """What may happen to a version; `replace` is a later version's publication."""

    EDIT = "edit"
    PROPOSE = "propose"
    PUBLISH = "publish"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    REPLACE = "replace"
    END = "end"


LAW: dict[tuple[State, Step], State] = {
    (State.DRAFT, Step.EDIT): State.DRAFT,
    (State.DRAFT, Step.PROPOSE): State.PROPOSED,
    (State.DRAFT, Step.WITHDRAW): State.WITHDRAWN,
    (State.PROPOSED, Step.PUBLISH): State.PUBLISHED,
    (State.PROPOSED, Step.REJECT): State.REJECTED,
    (State.PROPOSED, Step.WITHDRAW): State.WITHDRAWN,
    (State.PUBLISHED, Step.WITHDRAW): State.WITHDRAWN,
    (State.PUBLISHED, Step.REPLACE): State.SUPERSEDED,
    (State.PUBLISHED, Step.END): State.ENDED,
}
OPEN = frozenset((State.DRAFT, State.PROPOSED))


def evolve(state: State, step: Step, actor: UUID, proposed_by: UUID | None) -> State:
    """The state after a step; raises Refused where the law has none, NotAllowed when one would publish one's own."""
    following = LAW.get((state, step))
    if following is None:
        raise Refused("lighting.refusal.programme_step", step=step.value, state=state.value)
    if step is Step.PUBLISH and proposed_by == actor:
        raise NotAllowed("error.own_proposal")
    return following
