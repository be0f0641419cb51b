"""Policies let a commune go below a floor, or switch off, where a second person authorised it with a reason."""

# In France EN 13201 is a norm, not a law: the mayor decides by police power when public light is on, and may switch it
# off (Code général des collectivités territoriales, L2212-2). So the post asks for two persons and a reason.
#
#   state        authorise     reject      revoke
#   proposed     authorised    rejected    -
#   authorised   -             -           revoked
#   rejected     -             -           -
#   revoked      -             -           -

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from ondijon.domains.lighting.rules.classes import LightingClass
from ondijon.kernel.errors import NotAllowed, Refused

DAY_MIN = 1_440
MOST_NIGHTS = 5 * 366


class PolicyState(StrEnum):
    """Where a policy stands; only an authorised one is in force, within its nights."""

    PROPOSED = "proposed"
    AUTHORISED = "authorised"
    REJECTED = "rejected"
    REVOKED = "revoked"


class PolicyStep(StrEnum):
    """What people do with a policy."""

    AUTHORISE = "authorise"
    REJECT = "reject"
    REVOKE = "revoke"


LAW: dict[tuple[PolicyState, PolicyStep], PolicyState] = {
    (PolicyState.PROPOSED, PolicyStep.AUTHORISE): PolicyState.AUTHORISED,
    (PolicyState.PROPOSED, PolicyStep.REJECT): PolicyState.REJECTED,
    (PolicyState.AUTHORISED, PolicyStep.REVOKE): PolicyState.REVOKED,
}


class Policy(Struct, frozen=True):
    """What may happen below the floor: where, from which minute of the local day to which, how far, in which nights.

    classes: none = every class; crossings: whether crossings are meant as well; from_min > to_min spans midnight, equal
    ones are the whole day; nights are those of their evening, `until` included.
    """

    id: UUID
    commune: str
    classes: tuple[LightingClass, ...]
    crossings: bool
    from_min: int
    to_min: int
    least_pct: float
    since: date
    until: date
    state: PolicyState


def evolve_policy(state: PolicyState, step: PolicyStep, proposed_by: UUID, actor: UUID) -> PolicyState:
    """The state after a step; raises Refused where the law has none, NotAllowed when one would authorise one's own."""
    following = LAW.get((state, step))
    if following is None:
        raise Refused("lighting.refusal.policy_step", step=step.value, state=state.value)
    if step is PolicyStep.AUTHORISE and proposed_by == actor:
        raise NotAllowed("lighting.refusal.policy_self")
    return following


def decide_policy(policy: Policy, tonight: date) -> Policy:
    """A policy fit to be proposed; raises Refused when its nights, minutes or level cannot be meant."""
    minutes_meant = 0 <= policy.from_min < DAY_MIN and 0 <= policy.to_min < DAY_MIN
    nights_meant = policy.since <= policy.until and policy.until >= tonight
    if not nights_meant or (policy.until - policy.since).days > MOST_NIGHTS:
        raise Refused("lighting.refusal.policy_nights", years=MOST_NIGHTS // 366)
    if not minutes_meant or not 0.0 <= policy.least_pct <= 100.0:
        raise Refused("lighting.refusal.policy_hours")
    return policy


def is_in_force(policy: Policy, night: date, minute: int) -> bool:
    """Whether an authorised policy holds at that minute of the local day (0 to 1439) in that night."""
    if policy.state is not PolicyState.AUTHORISED or not policy.since <= night <= policy.until:
        return False
    if policy.from_min == policy.to_min:
        return True
    if policy.from_min < policy.to_min:
        return policy.from_min <= minute < policy.to_min
    return minute >= policy.from_min or minute < policy.to_min


def least_allowed_pct(
    policies: Sequence[Policy],
    floor_pct: float,
    *,
    commune: str,
    lighting_class: LightingClass | None,
    on_crossing: bool,
    night: date,
    minute: int,
) -> float:
    """The level in % that nothing may go below there and then: the floor, or what the boldest policy in force allows.

    lighting_class None: not known, so only a policy for every class is meant. Two policies do not add up.
    """
    least = floor_pct
    for policy in policies:
        means_class = not policy.classes or lighting_class in policy.classes
        if policy.commune != commune or not means_class or (on_crossing and not policy.crossings):
            continue
        if is_in_force(policy, night, minute):
            least = min(least, policy.least_pct)
    return least


def policy_allows(
    policies: Sequence[Policy],
    floor_pct: float,
    level_pct: float,
    *,
    commune: str,
    lighting_class: LightingClass | None,
    on_crossing: bool,
    night: date,
    minute: int,
) -> bool:
    """Whether a light may be at `level_pct` there and then."""
    least = least_allowed_pct(
        policies,
        floor_pct,
        commune=commune,
        lighting_class=lighting_class,
        on_crossing=on_crossing,
        night=night,
        minute=minute,
    )
    return level_pct >= least
