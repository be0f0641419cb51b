"""The run over mutants sees what a sound test notices and a weak one lets through, and calls neither by the other."""

import ast
from pathlib import Path

import pytest

from scripts.mutants import DOES_NOT_LOAD, FAILS, MACHINES, NEVER_ENDS, ROOT, SURVIVES, Machine, Verdict, run_machine
from scripts.mutations import find_mutants, read_members

GATE = '''"""A toy: a gate that opens from 3 on."""
from enum import Enum

class Gate(Enum):
    SHUT = "shut"
    OPEN = "open"

def gate_of(number: int) -> Gate:
    """Which."""
    return Gate.OPEN if number >= 3 else Gate.SHUT
'''
SOUND = """
from toy.gate import Gate, gate_of

def test_from_three_on() -> None:
    assert [gate_of(number) for number in (2, 3, 4)] == [Gate.SHUT, Gate.OPEN, Gate.OPEN]
"""
WEAK = """
from toy.gate import Gate, gate_of

def test_far_from_three() -> None:
    assert [gate_of(number) for number in (0, 9)] == [Gate.SHUT, Gate.OPEN]
"""


def run_toy(root: Path, test: str, law: str = GATE) -> Verdict:
    folder = root / "src" / "toy" / "tests"
    folder.mkdir(parents=True)
    (folder.parent / "gate.py").write_text(law, "utf-8")
    (folder / "test_gate.py").write_text(test, "utf-8")
    return run_machine(Machine("toy", ("toy/gate.py",), ("toy/tests/test_gate.py",)), root, 100, 1)


def test_a_sound_test_notices_every_change(tmp_path: Path) -> None:
    verdict = run_toy(tmp_path, SOUND)
    assert verdict.survivors == ()
    assert (verdict.endings.total(), verdict.endings[FAILS], verdict.share) == (7, 7, 1.0)


def test_a_weak_test_lets_the_change_of_a_bound_through_and_it_is_named(tmp_path: Path) -> None:
    verdict = run_toy(tmp_path, WEAK)
    assert {one.mutant.words for one in verdict.survivors} == {"Gt in number >= 3", "3 + 1"}
    assert {one.mutant.line for one in verdict.survivors} == {10}
    assert (verdict.endings[SURVIVES], verdict.share) == (2, 1 - 2 / 7)


def test_what_does_not_load_is_counted_apart(tmp_path: Path) -> None:
    law = f"{GATE}\nassert gate_of(3) is Gate.OPEN\n"
    endings = run_toy(tmp_path, SOUND, law).endings
    assert (endings[DOES_NOT_LOAD], endings[NEVER_ENDS]) == (8, 0)


def test_nothing_is_judged_by_tests_that_fail_already(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="fail before anything is broken"):
        run_toy(tmp_path, SOUND.replace("2, 3, 4", "3, 3, 4"))


def test_each_change_is_another_program_and_declarations_stay(tmp_path: Path) -> None:
    (tmp_path / "gate.py").write_text(GATE, "utf-8")
    mutants = find_mutants(GATE, read_members(tmp_path))
    programs = {ast.unparse(mutant.tree) for mutant in mutants}
    assert len(programs) == len(mutants) == 7
    assert ast.unparse(ast.parse(GATE)) not in programs
    assert all("SHUT = 'shut'" in program and "A toy" in program for program in programs)


def test_every_machine_is_where_the_table_says() -> None:
    missing = [file for one in MACHINES for file in (*one.sources, *one.tests) if not (ROOT / "src" / file).is_file()]
    assert missing == []
    assert len({machine.name for machine in MACHINES}) == len(MACHINES)
