"""Breaks the laws of the room's machines one small change at a time and counts which changes a test notices."""

import argparse
import contextlib
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import resource
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.detection import is_hypothesis_test

from scripts.mutations import Mutant, find_mutants, read_members

ROOT = Path(__file__).parents[1]
CPU_S = 20
"""Seconds of computing after which a mutant counts as noticed: it never ends."""
LEAST_SHARE = 0.8
WORKERS = 2
# What a child's exit code says; any other is a fault of the run itself.
SURVIVES, FAILS, DOES_NOT_LOAD, NEVER_ENDS = int(pytest.ExitCode.OK), int(pytest.ExitCode.TESTS_FAILED), 100, 101


@dataclass(frozen=True)
class Machine:
    """Files below `src` that hold one machine's law, and the tests that must notice when it is broken."""

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Broken:
    """A mutant, and the module it stands in for."""

    module: str
    path: Path
    mutant: Mutant


@dataclass(frozen=True)
class Verdict:
    """How the changes of one machine ended, and those that no test noticed."""

    endings: Counter[int]
    survivors: tuple[Broken, ...]

    @property
    def share(self) -> float:
        """Noticed changes, of all."""
        return 1 - self.endings[SURVIVES] / max(1, self.endings.total())


def _machine(name: str, part: str, sources: str, tests: str) -> Machine:
    folder = f"ondijon/{part}"
    return Machine(
        name,
        tuple(f"{folder}/{source}.py" for source in sources.split()),
        tuple(f"{folder}/tests/test_{test}.py" for test in tests.split()),
    )


MACHINES = (
    _machine("alarm", "kernel", "alarms", "machines"),
    _machine("desk", "runtime/alarm_desk", "desk watch", "desk limits"),
    _machine("shelving", "control_room/alarms", "rules", "rules"),
    _machine("incident", "control_room/incidents", "rules/course", "law course"),
    _machine("clocks", "control_room/incidents", "rules/clocks", "law course"),
    _machine("catalogue", "control_room/incidents", "rules/catalogue rules/place model", "catalogue reading course"),
    _machine("glass", "control_room/identity", "rules model", "rules"),
    _machine("escalation", "control_room/notifications", "rules/courses model", "endings courses facts"),
    _machine("audience", "control_room/notifications", "rules/addresses rules/audience rules/facts", "facts audience"),
    _machine("calls", "control_room/calls", "rules/course rules/place rules/staffing model", "law limits staffing"),
    _machine("command", "kernel", "commands", "machines"),
)


class _Stand(importlib.machinery.SourceFileLoader):
    """Loads a mutant where the sound module would be loaded."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(broken.module, str(broken.path))
        self._broken = broken

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self._broken.mutant.tree, str(self._broken.path), "exec")
        return code


class _Finder(importlib.abc.MetaPathFinder):
    """Gives the mutant's module to whoever imports it first."""

    def __init__(self, broken: Broken) -> None:
        self._broken = broken

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._broken.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self._broken.path, loader=_Stand(self._broken))


class _Watcher:
    """Runs tests of one example before those of many, since one failure is enough; sees whether they load."""

    def __init__(self) -> None:
        self.loads = True

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: is_hypothesis_test(getattr(item, "obj", None)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.loads &= not report.failed


def list_broken(machine: Machine, root: Path) -> list[Broken]:
    """Every change of a machine's files."""
    found = []
    for source in machine.sources:
        path = root / "src" / source
        module = ".".join(Path(source).with_suffix("").parts)
        folder = path.parents[1] if path.parent.name == "rules" else path.parent
        mutants = find_mutants(path.read_text("utf-8"), read_members(folder))
        found += [Broken(module, path, mutant) for mutant in mutants]
    return found


def start_child(machine: Machine, root: Path, broken: Broken | None, names: int | None = None) -> int:
    """Run the tests in a child that has loaded nothing of ours yet; returns its pid."""
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        _be_child(machine, root, broken, names)
    return pid


def _be_child(machine: Machine, root: Path, broken: Broken | None, names: int | None) -> NoReturn:
    code = int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        os.chdir(root)
        sys.path.insert(0, str(root / "src"))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        sys.stdout = sys.stderr = os.fdopen(nowhere, "w")
        if broken is not None:
            sys.meta_path.insert(0, _Finder(broken))
        # The same examples in each run, however busy the computer is; a failure need not be made smaller.
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile(
            "mutants", derandomize=True, database=None, deadline=None, phases=phases, suppress_health_check=HealthCheck
        )
        settings.load_profile("mutants")
        tests = [str(root / "src" / test) for test in machine.tests]
        gc.disable()
        # A warmed process has loaded what pytest would have liked to rewrite: that is no fault of a mutant.
        forgiven = "ignore::pytest.PytestAssertRewriteWarning"
        without, watcher = ["-p", "no:cacheprovider", "-p", "no:unraisableexception"], _Watcher()
        code = int(pytest.main(["-x", "-q", *without, "-W", forgiven, "-m", "not engines", *tests], [watcher]))
        code = code if watcher.loads else DOES_NOT_LOAD
        if names is not None:
            os.write(names, "\n".join(_foreign_modules()).encode())
    finally:
        os._exit(code)


def _foreign_modules() -> list[str]:
    """The loaded modules that are not the project's."""
    homes = (sys.prefix, sys.base_prefix)
    return [name for name, one in list(sys.modules.items()) if str(getattr(one, "__file__", "")).startswith(homes)]


def warm(machine: Machine, root: Path) -> int:
    """Run the sound tests once, and load what they needed from elsewhere; returns pytest's exit code."""
    reading, writing = os.pipe()
    pid = start_child(machine, root, None, writing)
    os.close(writing)
    with os.fdopen(reading) as told:
        names = told.read().split()
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    return ended


def judge(machine: Machine, root: Path, chosen: Sequence[Broken]) -> Verdict:
    """Try every change, WORKERS at a time; raises SystemExit when a run ends as no test run ends."""
    waiting, running = deque(chosen), deque[tuple[int, Broken]]()
    endings, survivors = Counter[int](), []
    while waiting or running:
        while waiting and len(running) < WORKERS:
            broken = waiting.popleft()
            running.append((start_child(machine, root, broken), broken))
        pid, broken = running.popleft()
        status = os.waitpid(pid, 0)[1]
        ending = os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else NEVER_ENDS
        if ending not in (SURVIVES, FAILS, DOES_NOT_LOAD, NEVER_ENDS):
            raise SystemExit(f"{machine.name}: pytest ended with {ending} at line {broken.mutant.line}")
        endings[ending] += 1
        if ending == SURVIVES:
            survivors.append(broken)
    return Verdict(endings, tuple(survivors))


def run_machine(machine: Machine, root: Path, most: int, seed: int) -> Verdict:
    """Judge a machine's changes, at most so many, drawn by the seed."""
    if warm(machine, root) != SURVIVES:
        raise SystemExit(f"{machine.name}: its tests fail before anything is broken: {' '.join(machine.tests)}")
    chosen = list_broken(machine, root)
    if len(chosen) > most:
        chosen = random.Random(seed).sample(chosen, most)
    return judge(machine, root, chosen)


def main() -> int:
    """Try every machine; 1 when fewer than 80 % of the changes of one are noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(machine.name for machine in MACHINES)}")
    parser.add_argument("--most", type=int, default=1_000, help="changes a machine at most, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    weak = False
    for machine in MACHINES:
        if asked.names and machine.name not in asked.names:
            continue
        began = time.monotonic()
        verdict = run_machine(machine, ROOT, asked.most, asked.seed)
        ends, tried = verdict.endings, verdict.endings.total()
        print(
            f"{machine.name}: {tried - ends[SURVIVES]} of {tried} noticed ({verdict.share:.1%}; {ends[DOES_NOT_LOAD]} "
            f"do not load, {ends[NEVER_ENDS]} never end) in {time.monotonic() - began:.0f} s",
            flush=True,
        )
        for one in verdict.survivors:
            print(f"  survives: {one.path.relative_to(ROOT)}:{one.mutant.line} {one.mutant.words}", flush=True)
        weak |= verdict.share < LEAST_SHARE
    return int(weak)


if __name__ == "__main__":
    sys.exit(main())
