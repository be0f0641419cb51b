"""Policies below floors at the desk: proposed by one person, authorised by another."""

from datetime import date
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from ondijon.domains.lighting.model import TRADE
from ondijon.domains.lighting.queries import policies as queries
from ondijon.domains.lighting.rules.classes import LightingClass
from ondijon.domains.lighting.rules.policies import (
    DAY_MIN,
    Policy,
    PolicyState,
    PolicyStep,
    decide_policy,
    evolve_policy,
)
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.identity import Verb
from ondijon.kernel.room import ActDesk, ActSpec

UNSEEN = "lighting.refusal.policy_unseen"
Minute = Annotated[int, Meta(ge=0, lt=DAY_MIN)]
Reason = Annotated[str, Meta(min_length=1, max_length=2_000)]


class ProposePolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """See `rules.policies.Policy`; legal_note: the decree or deliberation it stands on."""

    commune: Annotated[str, Meta(max_length=10)]
    from_min: Minute
    to_min: Minute
    least_pct: Annotated[float, Meta(ge=0, le=100)]
    since: date
    until: date
    reason: Reason
    classes: tuple[LightingClass, ...] = ()
    crossings: bool = False
    legal_note: Annotated[str, Meta(max_length=2_000)] = ""


class OnPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """A policy, and why."""

    id: UUID
    reason: Annotated[str, Meta(max_length=2_000)] = ""


async def propose_policy(desk: ActDesk, asked: ProposePolicy) -> dict[str, str]:
    """Ask that a floor may be gone below; nothing changes until somebody else authorises it."""
    desk.demand("configure", TRADE, asked.commune)
    if asked.commune not in desk.city.commune_codes:
        raise NotFound(UNSEEN)
    if not asked.reason.strip():
        raise Refused("error.reason_needed")
    tonight = desk.now.astimezone(ZoneInfo(desk.city.card.timezone)).date()
    wanted = Policy(
        id=desk.new_id(),
        commune=asked.commune,
        classes=asked.classes,
        crossings=asked.crossings,
        from_min=asked.from_min,
        to_min=asked.to_min,
        least_pct=asked.least_pct,
        since=asked.since,
        until=asked.until,
        state=PolicyState.PROPOSED,
    )
    policy = decide_policy(wanted, tonight)
    note = asked.legal_note.strip()
    await queries.insert_policy(desk.tx, policy, asked.reason.strip(), note, desk.actor.pseudonym, desk.now)
    _tell(desk, policy, "proposed")
    return {"id": str(policy.id)}


async def authorise_policy(desk: ActDesk, asked: OnPolicy) -> dict[str, str]:
    """Let a policy come in force; never one's own."""
    return await _step(desk, asked, PolicyStep.AUTHORISE, "approve")


async def reject_policy(desk: ActDesk, asked: OnPolicy) -> dict[str, str]:
    """Turn a proposal down."""
    return await _step(desk, asked, PolicyStep.REJECT, "approve")


async def revoke_policy(desk: ActDesk, asked: OnPolicy) -> dict[str, str]:
    """End an authorised policy before its time: the floors hold again at once."""
    return await _step(desk, asked, PolicyStep.REVOKE, "configure")


async def _step(desk: ActDesk, asked: OnPolicy, step: PolicyStep, verb: Verb) -> dict[str, str]:
    row = await queries.lock_policy(desk.tx, asked.id)
    if row is None:
        raise NotFound(UNSEEN)
    desk.demand(verb, TRADE, row["commune"], unseen=UNSEEN)
    if step is not PolicyStep.AUTHORISE and not asked.reason.strip():
        raise Refused("error.reason_needed")
    by, why = desk.actor.pseudonym, asked.reason.strip()
    state = evolve_policy(PolicyState(row["state"]), step, row["proposed_by"], by)
    if step is PolicyStep.REVOKE:
        await queries.revoke(desk.tx, asked.id, why, by, desk.now)
    else:
        await queries.decide(desk.tx, asked.id, state, why, by, desk.now)
    _tell(desk, queries.to_policy(row), state.value)
    return {"state": state.value}


def _tell(desk: ActDesk, policy: Policy, happened: str) -> None:
    values = {"since": policy.since.isoformat(), "until": policy.until.isoformat(), "least_pct": policy.least_pct}
    subject = f"policy:{policy.id}"
    desk.tell(f"lighting.policy_{happened}", trade=TRADE, commune=policy.commune, subject=subject, payload=values)
    desk.announce(TRADE, subject, TRADE, policy.commune)


ACTS = (
    ActSpec("lighting.propose_policy", ProposePolicy, propose_policy),
    ActSpec("lighting.authorise_policy", OnPolicy, authorise_policy),
    ActSpec("lighting.reject_policy", OnPolicy, reject_policy),
    ActSpec("lighting.revoke_policy", OnPolicy, revoke_policy),
)
