"""What every console is told while the post is behind its field, or leaves readings out of history."""

from ondijon.kernel.health import Backlog, IntakeHealth, sum_intakes
from ondijon.web.live_client import message
from ondijon.web.roles import RoleWatch

# Less is no news: a chunk on its way, a message that is delivered once more.
TOLD_FROM_S = 5.0


class Lateness:
    """`turn` each second; readings shed are counted from the moment at which the lateness began."""

    def __init__(self, roles: RoleWatch) -> None:
        self._roles = roles
        self._shed_before = 0
        self._told = (0, False, 0)

    @property
    def is_late(self) -> bool:
        return self._told != (0, False, 0)

    def text(self) -> str:
        """The message of the live link: seconds behind, whether readings are shed, how many have been."""
        behind_s, is_shedding, shed = self._told
        return message("late", behind_s=behind_s, shedding=is_shedding, shed=shed)

    def turn(self) -> bool:
        """Look again; whether there is something new to tell. What is not known is not told: the page says so."""
        backlog = self._roles.find_told("core", "backlog", Backlog)
        intake = sum_intakes(self._roles.list_told("gateway", "intake", IntakeHealth))
        behind_s = 0 if backlog is None or backlog.behind_s < TOLD_FROM_S else round(backlog.behind_s)
        is_shedding = intake is not None and intake.is_shedding
        total = 0 if intake is None else sum(intake.shed.values())
        if not behind_s and not is_shedding or total < self._shed_before:
            self._shed_before = total
        now = (behind_s, is_shedding, total - self._shed_before)
        is_new, self._told = now != self._told, now
        return is_new
