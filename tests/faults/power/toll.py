"""What power cuts took: acts never, of the field at most its last moments, and the post says how much is missing."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

import numpy as np
from msgspec.structs import replace

from ondijon.kernel.ids import twin_id
from tests.faults.acts import value_of
from tests.faults.deadline import crowding, tell, until
from tests.faults.harness.checker import KINDS, Effects, audit_finding, find_effects
from tests.faults.harness.ledger import Account, Kind
from tests.faults.harness.outcome import Outcome
from tests.faults.harness.rig import Fault, Rig
from tests.faults.town import DIJON, own_gateway

GAP_LIMIT_S = 2.0
# What the broker delivered before the cut and nobody acknowledged comes again after 5 s.
COMES_AGAIN_WITHIN_S = 7.0
SHOWN_WITHIN_S = 10.0
OF_THE_FIELD: tuple[Kind, ...] = ("pack", "alarm")
GATEWAY_ROLE = twin_id("Service", DIJON, "gateway")
_GAPS = "SELECT gateways, gaps FROM ingest_cursor"


class Toll:
    """Adds up over all cuts of one rig; a stimulus that one cut took is not asked for again."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._taken: dict[Kind, set[str]] = defaultdict(set)
        self._of_fault: dict[str, int] = defaultdict(int)
        self._gap_s: dict[str, float] = defaultdict(float)
        self._streams = {own_gateway(stream.number) for stream in rig.injector.all_streams}
        self._gaps_before = self._gaps()[0]

    def take(self, fault: Fault, cut_at_s: float) -> None:
        """Settle after one cut, at `cut_at_s` of time.time(); fails on anything lost that may not be."""
        self._rig.injector.settle()
        account = self._account()
        effects = self._find(account)
        lost = {kind: effects.lost(kind, account.left(kind)) for kind in KINDS}
        assert not lost["command"] and not lost["line"]
        ages_s = [cut_at_s - account.left(kind)[key] for kind in OF_THE_FIELD for key in lost[kind]]
        gap_s = max(ages_s, default=0.0)
        count = sum(len(lost[kind]) for kind in OF_THE_FIELD)
        tell(fault.name, f"{count} packs of the last {gap_s:.2f} s lost, works again {fault.recovered_s[-1]:.1f} s")
        # What left after the cut was never in danger.
        assert all(0.0 <= age_s <= GAP_LIMIT_S for age_s in ages_s), f"lost: {lost}"
        self._note(fault, lost, gap_s)
        self._rig.live_is_newest()
        assert self._counted(count) == count, f"doubled: {self._doubled(account, effects)}, lost: {lost}"
        until("what is missing is shown", lambda: self._packs_missing() == self._gaps()[1], self._patience_s)
        self._gaps_before += count
        assert audit_finding(self._rig.post) is None
        self._rig.injector.unload()
        self._rig.injector.settle()

    def outcomes(self, faults: Iterable[Fault]) -> list[Outcome]:
        """The figures of each fault, what it took among what was sent and acknowledged."""
        account = self._account()
        effects = self._find(account)
        assert not self._doubled(account, effects)
        found = []
        for fault in faults:
            kept, count = self._rig.outcome_of(fault, account, effects), self._of_fault[fault.name]
            sent, acked = kept.sent + count, kept.acked + count
            found.append(replace(kept, sent=sent, acked=acked, lost=count, gap_s=self._gap_s[fault.name]))
        return found

    def _counted(self, count: int) -> int:
        """Packs missing since the last cut by the post's own count, once they are `count` or have had their time."""
        newest = 0

        def is_counted() -> bool:
            nonlocal newest
            newest = self._gaps()[0] - self._gaps_before
            return newest == count

        with suppress(AssertionError):
            until("what is missing is counted", is_counted, self._patience_s)
        return newest

    def _doubled(self, account: Account, effects: Effects) -> set[str]:
        return {key for kind in KINDS for key in effects.duplicated(kind, account.left(kind))}

    def _account(self) -> Account:
        account = self._rig.ledger.read()
        for kind, keys in self._taken.items():
            account.forgive(kind, keys)
        return account

    def _find(self, account: Account) -> Effects:
        """Once everything is in, or what could still come has come."""
        found: list[Effects] = []

        def is_in() -> bool:
            effects = find_effects(self._rig.post, account)
            found[:] = found if effects is None else [effects]
            return effects is not None and not effects.missing

        try:
            until("everything acknowledged is in", is_in, COMES_AGAIN_WITHIN_S * crowding())
        except AssertionError:
            if not found:
                raise
        return found[0]

    def _note(self, fault: Fault, lost: dict[Kind, set[str]], gap_s: float) -> None:
        for kind, keys in lost.items():
            self._taken[kind] |= keys
            self._of_fault[fault.name] += len(keys)
        self._gap_s[fault.name] = max(self._gap_s[fault.name], gap_s)

    @property
    def _patience_s(self) -> float:
        return SHOWN_WITHIN_S * crowding()

    def _gaps(self) -> tuple[int, int]:
        """Packs missing by the rows: of the rig's own gateways, and of all."""
        of_gateway: dict[str, int] = {}
        for row in self._rig.post.rows(_GAPS):
            of_gateway |= dict(zip(row["gateways"], np.frombuffer(row["gaps"], np.int64).tolist(), strict=True))
        return sum(of_gateway.get(gateway, 0) for gateway in self._streams), sum(of_gateway.values())

    def _packs_missing(self) -> int:
        """What the post says of itself: "Paquets manquants"."""
        return int(value_of(self._rig.post.desk("claire"), GATEWAY_ROLE, "packs_missing") or 0)
