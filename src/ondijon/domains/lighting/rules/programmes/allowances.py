"""Authorised policies as programmes need them: over all lights and nights at once."""

from ondijon.domains.lighting.rules.policies import DAY_MIN, Policy
from ondijon.domains.lighting.rules.programmes.calendar import Nights
from ondijon.domains.lighting.rules.programmes.compose import Leave
from ondijon.domains.lighting.rules.programmes.lights import Lights, of_classes, of_communes
from ondijon.domains.lighting.rules.programmes.local_times import NIGHT_MIN, NOON_MIN
from ondijon.domains.lighting.rules.programmes.resolve import Allowance


def allowance_of(policy: Policy, lights: Lights, nights: Nights) -> Allowance:
    """Where and when a policy lets levels go below the floor (`rules.policies.least_allowed_pct`, for all lights)."""
    rows = of_communes((policy.commune,), lights)
    if policy.classes:
        rows &= of_classes([name.value for name in policy.classes], lights)
    if not policy.crossings:
        rows &= ~lights.on_crossing
    within = (nights.ordinal >= policy.since.toordinal()) & (nights.ordinal <= policy.until.toordinal())
    return Allowance(rows, within, leave_of(policy))


def leave_of(policy: Policy) -> Leave:
    """The minutes of a policy, which counts from midnight, as minutes since noon; equal ones are the whole night."""
    since = (policy.from_min - NOON_MIN) % DAY_MIN
    until = (policy.to_min - NOON_MIN) % DAY_MIN
    if policy.from_min == policy.to_min:
        since, until = 0, NIGHT_MIN
    return Leave(since, until if until > since else until + NIGHT_MIN, policy.least_pct)
