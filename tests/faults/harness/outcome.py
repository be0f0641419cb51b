"""What a fault did, as one row of figures, and the table of them in docs/reliability.md."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from msgspec import Struct

PAGE = Path(__file__).resolve().parents[3] / "docs/reliability.md"
BEGIN, END = "<!-- measured faults: written by make faults -->", "<!-- end of measured faults -->"
_TITLES = (
    "fault",
    "times",
    "sent",
    "acked",
    "lost",
    "duplicated",
    "p50 / p99 before (ms)",
    "during",
    "after",
    "works again after (s)",
    "limit (s)",
    "day",
)
HEAD = f"| {' | '.join(_TITLES)} |\n{'|---' * len(_TITLES)}|\n"


class Delays(Struct, frozen=True):
    """From leaving a gateway to the screen, in milliseconds."""

    p50_ms: float
    p99_ms: float
    count: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Delays | None":
        if not seconds:
            return None
        p50, p99 = np.percentile(np.array(seconds) * 1000, (50, 99))
        return cls(round(float(p50)), round(float(p99)), len(seconds))

    def __str__(self) -> str:
        return f"{self.p50_ms:.0f} / {self.p99_ms:.0f}"


class Outcome(Struct, frozen=True):
    """One fault; sent and so on count packs, acts and alarms together."""

    fault: str
    times: int
    sent: int
    acked: int
    lost: int
    duplicated: int
    before: Delays | None
    during: Delays | None
    after: Delays | None
    recovered_s: Sequence[float]
    limit_s: float
    # The longest time before a power cut of which something acknowledged is missing.
    gap_s: float | None = None

    @property
    def figures(self) -> str:
        """For the screen."""
        return (
            f"{self.times} times: {self.sent} sent, {self.acked} acked, {self._lost} lost, {self.duplicated} duplicated"
            f"; ms to the screen before {_or_dash(self.before)}, during {_or_dash(self.during)},"
            f" after {_or_dash(self.after)}; works again after {self._recovery} s (limit {self.limit_s:.0f} s)"
        )

    @property
    def row(self) -> str:
        """For the page."""
        cells = (
            self.fault,
            self.times,
            self.sent,
            self.acked,
            self._lost,
            self.duplicated,
            _or_dash(self.before),
            _or_dash(self.during),
            _or_dash(self.after),
            self._recovery,
            f"{self.limit_s:.0f}",
            datetime.now(UTC).date(),
        )
        return f"| {' | '.join(str(cell) for cell in cells)} |"

    @property
    def _lost(self) -> str:
        return f"{self.lost} (of the last {self.gap_s:.1f} s)" if self.gap_s else str(self.lost)

    @property
    def _recovery(self) -> str:
        if not self.recovered_s:
            return "-"
        median, worst = float(np.median(self.recovered_s)), max(self.recovered_s)
        return f"{worst:.1f}" if len(self.recovered_s) == 1 else f"{median:.1f}, at worst {worst:.1f}"


def write_page(outcomes: Sequence[Outcome], page: Path = PAGE, begin: str = BEGIN) -> None:
    """Replace the rows of these faults between the page's two marks; other rows stay as they were measured."""
    before, _, rest = page.read_text("utf-8").partition(f"{begin}\n")
    former, _, after = rest.partition(END)
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in former.removeprefix(HEAD).splitlines()}
    rows.update({outcome.fault: outcome.row for outcome in outcomes})
    page.write_text(f"{before}{begin}\n{HEAD}" + "".join(f"{row}\n" for row in rows.values()) + END + after, "utf-8")


def _or_dash(delays: Delays | None) -> str:
    return "-" if delays is None else str(delays)
