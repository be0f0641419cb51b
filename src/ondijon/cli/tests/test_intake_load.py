"""What a gateway role takes in is told for now, and for its best minute only once it had one without falling behind."""

from dataclasses import dataclass, field

from ondijon.cli.intake_load import IntakeLoad
from ondijon.kernel.health import Backlog
from ondijon.runtime.alarm_desk import AlarmDesk
from ondijon.runtime.projector import Projector
from ondijon.runtime.tracker import Tracker
from ondijon.testing.builders import small_city
from ondijon.testing.fakes import StillClock


@dataclass
class Gateway:
    """A projector whose work is counted by hand."""

    clock: StillClock = field(default_factory=StillClock)

    def __post_init__(self) -> None:
        city = small_city()
        self.projector = Projector(city, self.clock, AlarmDesk(city), Tracker(city), None)  # type: ignore[arg-type]
        self.load = IntakeLoad(lambda: [self.projector], self.clock.monotonic)

    def work(self, seconds: int, readings: int, busy_s: float, behind_s: float = 0.0) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            self.projector.readings += readings
            self.projector.busy_s += busy_s
            self.projector.hear_backlog(Backlog(0, 0, 0, behind_s))
            self.told = self.load.health()


def test_now_is_the_last_ten_seconds() -> None:
    gateway = Gateway()
    gateway.work(20, 100, 0.1)
    gateway.work(10, 400, 0.5)
    assert (gateway.told.per_s, gateway.told.busy_share) == (400.0, 0.5)
    assert gateway.told.most_per_s is None


def test_the_best_minute_counts_only_when_nothing_waits() -> None:
    gateway = Gateway()
    gateway.work(61, 1_000, 0.5)
    assert gateway.told.most_per_s == 1_000.0
    gateway.work(61, 2_000, 1.0, behind_s=40.0)
    assert gateway.told.most_per_s == 1_000.0
    gateway.work(61, 500, 0.2)
    assert gateway.told.most_per_s == 1_000.0
