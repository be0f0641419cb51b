"""What became of each stimulus: how often its effect stands in the database, and whether the audit chain holds."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import asyncpg

from ondijon.cli.audit import rows_of, verify_home
from tests.faults.harness.injector import PCT_A_NUMBER
from tests.faults.harness.ledger import Account, Kind
from tests.faults.running_post import RunningPost
from tests.faults.town import BENCHES, bench_urn, own_light_urn

KINDS: tuple[Kind, ...] = ("pack", "alarm", "command", "line")

_PACKS = """SELECT urn, value, count(*) AS n
            FROM readings JOIN twins USING (twin_no) JOIN properties USING (property_no)
            WHERE urn = ANY($1::text[]) AND key = 'level_pct' GROUP BY urn, value"""
_RAISES = "SELECT twin, count(*) AS n FROM events WHERE key = 'alarm.raised' AND twin = ANY($1::text[]) GROUP BY twin"
_COMMANDS = """SELECT idempotency_key::text AS key, count(audit.*) AS n FROM commands
               LEFT JOIN audit ON act = 'command.requested' AND subject = commands.id::text
               WHERE idempotency_key::text = ANY($1::text[]) GROUP BY idempotency_key"""
_LINES = "SELECT text AS key, count(*) AS n FROM logbook_texts WHERE text = ANY($1::text[]) GROUP BY text"


class Effects:
    """How often the database has each stimulus of an account."""

    def __init__(self, post: RunningPost, account: Account) -> None:
        self._account = account
        self._found: dict[Kind, Counter[str]] = {
            "pack": _find_packs(post, account.left("pack")),
            "alarm": _find_raises(post, account.left("alarm")),
            "command": _count(post, _COMMANDS, account.left("command")),
            "line": _count(post, _LINES, account.left("line")),
        }

    def lost(self, kind: Kind, among: Iterable[str]) -> set[str]:
        """Acknowledged and not there."""
        return (self._account.acked(kind) & set(among)) - set(self._found[kind])

    def duplicated(self, kind: Kind, among: Iterable[str]) -> set[str]:
        """There more often than once, acknowledged or not; a command also when it has not exactly one audit line."""
        found = self._found[kind]
        return {key for key in among if key in found and found[key] != 1}

    @property
    def missing(self) -> set[str]:
        """Whatever was acknowledged and is not there (yet)."""
        return {key for kind in KINDS for key in self.lost(kind, self._account.left(kind))}


def find_effects(post: RunningPost, account: Account) -> Effects | None:
    """None while the database is away."""
    try:
        return Effects(post, account)
    except (OSError, asyncpg.PostgresError):
        return None


def audit_finding(post: RunningPost) -> str | None:
    """What is wrong with the audit log's chain or its heads; None when nothing is."""

    async def verify() -> str | None:
        async with rows_of(post.home) as rows:
            verdict = await verify_home(post.home, rows)
        return None if verdict.finding is None else repr(verdict.finding)

    with ThreadPoolExecutor(1) as aside:
        return aside.submit(lambda: asyncio.run(verify())).result()


def _find_packs(post: RunningPost, keys: Iterable[str]) -> Counter[str]:
    stream_of = {own_light_urn(int(number), 0): number for number in {key.partition("/")[0] for key in keys}}
    found = post.rows(_PACKS, list(stream_of))
    return Counter({f"{stream_of[row['urn']]}/{round(row['value'] / PCT_A_NUMBER)}": row["n"] for row in found})


def _find_raises(post: RunningPost, keys: Iterable[str]) -> Counter[str]:
    """A bench is unloaded before it is overloaded again: its raises stand in the order of its turns."""
    raises = {row["twin"]: row["n"] for row in post.rows(_RAISES, [bench_urn(number) for number in range(BENCHES)])}
    turns: dict[str, list[str]] = {}
    for key in keys:
        turns.setdefault(key.partition("#")[0], []).append(key)
    found: Counter[str] = Counter()
    for number, of_bench in turns.items():
        of_bench.sort(key=lambda key: int(key.partition("#")[2]))
        raised = raises.get(bench_urn(int(number)), 0)
        found.update({key: 1 for key in of_bench[:raised]})
        if raised > len(of_bench):
            found[of_bench[-1]] += raised - len(of_bench)
    return found


def _count(post: RunningPost, sql: str, keys: Iterable[str]) -> Counter[str]:
    return Counter({row["key"]: row["n"] for row in post.rows(sql, list(keys))})
