"""The injector, the person who clicks, the console that listens and the ledger of them all, around one post."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.acts import value_of
from tests.faults.deadline import tell, until
from tests.faults.harness.checker import KINDS, Effects, audit_finding, find_effects
from tests.faults.harness.clicker import Clicker
from tests.faults.harness.form import QUIET_S
from tests.faults.harness.injector import PCT_A_NUMBER, Injector
from tests.faults.harness.ledger import Account, Ledger
from tests.faults.harness.listener import Listener
from tests.faults.harness.outcome import Delays, Outcome
from tests.faults.running_post import RunningPost
from tests.faults.town import own_light_urn

STREAMS = range(8, 20)
ALL_IN_WITHIN_S = 60.0
SHOWN_WITHIN_S = 10.0
SEED = 20261128


@dataclass
class Span:
    """One time that the fault was there, until the post worked again; of time.time()."""

    began_s: float
    again_s: float


@dataclass
class Fault:
    """One kind of fault and every time it was done."""

    name: str
    limit_s: float
    spans: list[Span] = field(default_factory=list)
    recovered_s: list[float] = field(default_factory=list)
    _mended_s: float = 0.0

    @contextmanager
    def during(self) -> Iterator[None]:
        """The block does the fault once and ends when the post works again."""
        self._mended_s = began_s = time.time()
        yield
        self.spans.append(Span(began_s, time.time()))
        self.recovered_s.append(self.spans[-1].again_s - self._mended_s)

    def mended(self) -> None:
        """The cause is gone: from here on the post has its time to work again."""
        self._mended_s = time.time()

    def covers(self, at_s: float) -> bool:
        """Whether what left then belongs to this fault: from a little before until a little after."""
        return any(span.began_s - QUIET_S <= at_s < span.again_s + QUIET_S for span in self.spans)


class Rig:
    """Everything that a fault is judged by; it goes on from one fault to the next over the same post."""

    def __init__(self, post: RunningPost, folder: Path, streams: Sequence[int] = STREAMS) -> None:
        self.post = post
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.injector = Injector(post, self.ledger, streams, SEED)
        self.clicker = Clicker(post, self.ledger, SEED)
        self.listener = Listener(post, streams)
        self.outcomes: list[Outcome] = []
        self._duplicated: set[str] = set()

    def open(self) -> None:
        self.injector.connect()
        self.listener.start()

    def close(self) -> None:
        self.clicker.stop()
        self.injector.leave()
        self.listener.stop()
        self.ledger.close()

    @contextmanager
    def work(self) -> Iterator[None]:
        """Packs, alarms and clicks go on for the block."""
        self.injector.start()
        self.clicker.start()
        try:
            time.sleep(QUIET_S)
            yield
            time.sleep(QUIET_S)
        finally:
            self.clicker.stop()
            self.injector.stop()

    def judge(self, *faults: Fault) -> None:
        """Wait until everything acknowledged is in and on screen, print each fault's figures, fail on any bad one."""
        self.injector.settle()
        account = self.ledger.read()
        effects = self._all_in(account)
        self.live_is_newest()
        outcomes = [self.outcome_of(fault, account, effects) for fault in faults]
        for outcome in outcomes:
            tell(outcome.fault, outcome.figures)
        self.outcomes += outcomes
        self.injector.unload()
        self.injector.settle()
        assert effects.missing == set(), sorted(effects.missing)
        duplicated = {key for kind in KINDS for key in effects.duplicated(kind, account.left(kind))}
        # What an earlier fault did twice was its own failure.
        told, self._duplicated = self._duplicated, duplicated
        assert duplicated - told == set(), sorted(duplicated - told)
        assert audit_finding(self.post) is None

    def _all_in(self, account: Account) -> Effects:
        newest: list[Effects] = []

        def is_in() -> bool:
            found = find_effects(self.post, account)
            newest[:] = [] if found is None else [found]
            return found is not None and not found.missing

        try:
            until("everything acknowledged is in", is_in, ALL_IN_WITHIN_S)
        except AssertionError:
            if not newest:
                raise
        return newest[0]

    def live_is_newest(self) -> None:
        """What the console shows, and what the post answers, is the newest that each gateway said."""
        claire = self.post.desk("claire")
        for stream in self.injector.streams:
            newest = stream.gateway.next_sequence - 1

            def shown(number: int = stream.number) -> int:
                value = value_of(claire, own_light_urn(number, 0), "level_pct")
                return 0 if value is None else round(value / PCT_A_NUMBER)

            until("the post answers the newest", lambda want=newest: shown() == want, SHOWN_WITHIN_S)  # type: ignore[misc]
            until(
                "the newest is on screen",
                lambda want=newest, number=stream.number: self.listener.newest(number) == want,  # type: ignore[misc]
                SHOWN_WITHIN_S,
            )

    def outcome_of(self, fault: Fault, account: Account, effects: Effects) -> Outcome:
        """The figures of one fault."""
        keys = {kind: [key for key, at_s in account.left(kind).items() if fault.covers(at_s)] for kind in KINDS}
        packs = {key: account.left("pack")[key] for key in keys["pack"]}
        spans = fault.spans
        return Outcome(
            fault=fault.name,
            times=len(spans),
            sent=sum(len(of_kind) for of_kind in keys.values()),
            acked=sum(len(account.acked(kind) & set(of_kind)) for kind, of_kind in keys.items()),
            lost=sum(len(effects.lost(kind, of_kind)) for kind, of_kind in keys.items()),
            duplicated=sum(len(effects.duplicated(kind, of_kind)) for kind, of_kind in keys.items()),
            before=self._delays(packs, [(span.began_s - QUIET_S, span.began_s) for span in spans]),
            during=self._delays(packs, [(span.began_s, span.again_s) for span in spans]),
            after=self._delays(packs, [(span.again_s, span.again_s + QUIET_S) for span in spans]),
            recovered_s=fault.recovered_s,
            limit_s=fault.limit_s,
        )

    def _delays(self, packs: dict[str, float], spans: Sequence[tuple[float, float]]) -> Delays | None:
        chosen: dict[int, list[tuple[int, float]]] = {}
        for key, at_s in packs.items():
            if any(began_s <= at_s < ended_s for began_s, ended_s in spans):
                number, _, sequence = key.partition("/")
                chosen.setdefault(int(number), []).append((int(sequence), at_s))
        return Delays.of([delay for number, of in chosen.items() for delay in self.listener.delays_s(number, of)])
