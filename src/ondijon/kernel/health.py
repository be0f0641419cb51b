"""What the post's own processes tell of their health in their heartbeats, each second over the bus alone."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct


class ServiceHealth(Struct, frozen=True):
    """An engine or role as its supervisor sees it; rss_bytes and cpu_s count all processes of the service.

    host: its address, empty where the post has one host only.
    """

    name: str
    state: str
    since: datetime
    restarts: int
    rss_bytes: int
    cpu_s: float
    host: str = ""


class DiskHealth(Struct, frozen=True):
    """The disk under one of the post's folders.

    measured_h: hours over which its growth was measured; growth_bytes_a_day: None while that is too little to tell;
    full_in_days: None while that is not known, or where it does not fill up.
    """

    name: str
    free_bytes: int
    total_bytes: int
    measured_h: float
    growth_bytes_a_day: float | None
    full_in_days: float | None
    host: str = ""


class Backlog(Struct, frozen=True):
    """What the field has sent and the post has not yet committed, as the broker counts it.

    waiting: messages that nobody was handed; in_hand: handed to the gateway role and not yet acknowledged, of which
    `redelivered` more than once; behind_s: age of the oldest of all of them, 0 where there is none.
    """

    waiting: int
    in_hand: int
    redelivered: int
    behind_s: float

    @property
    def messages(self) -> int:
        return self.waiting + self.in_hand


class IntakeHealth(Struct, frozen=True):
    """How the gateway role takes in, since its start.

    per_s: readings a second now; most_per_s: over the best whole minute in which it kept up, None before there was one;
    busy_share: part of the last ten seconds spent in commits, which come one after another;
    shed: readings left out of the history, by twin type.
    """

    per_s: float
    most_per_s: float | None
    busy_share: float
    is_shedding: bool
    shed: dict[str, int]


def sum_intakes(intakes: Sequence[IntakeHealth]) -> IntakeHealth | None:
    """Several gateway roles as one: what they take in together, the busiest one's share; None where there is none.

    The best minute is the sum of each one's own, since they do not wait for each other.
    """
    if not intakes:
        return None
    shed: Counter[str] = Counter()
    for one in intakes:
        shed.update(one.shed)
    most = [one.most_per_s for one in intakes if one.most_per_s is not None]
    return IntakeHealth(
        per_s=sum(one.per_s for one in intakes),
        most_per_s=sum(most) if most else None,
        busy_share=max(one.busy_share for one in intakes),
        is_shedding=any(one.is_shedding for one in intakes),
        shed=dict(shed),
    )


class BackupHealth(Struct, frozen=True):
    """Seconds since the newest backup began, since one was last checked whole, since one was last restored on trial,
    and since the archived log last grew; None: never.
    """

    age_s: float | None
    verified_age_s: float | None
    tested_age_s: float | None
    log_age_s: float | None


class AuditHealth(Struct, frozen=True):
    """The audit log: seconds since rows and heads agreed, whether the heads belong to somebody else, its last check.

    verified_age_s: None where nobody ever checked it; finding: what that check found wrong.
    """

    head_age_s: float
    is_protected: bool
    verified_age_s: float | None
    finding: str | None
