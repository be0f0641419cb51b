"""Breaks the laws of the room's machines one small change at a time and counts which changes a test notices."""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = "src/ondijon"
TOO_LONG_S = 120
WORKERS = 2
Edit = Callable[[Any], Any]
Members = dict[str, list[str]]
COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True)
class Machine:
    """Files that hold one machine's law, and the tests that must notice when it is broken."""

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Mutant:
    """One file with one change."""

    source: str
    line: int
    change: str
    text: str


MACHINES = (
    Machine("alarm", ("kernel/alarms.py",), ("kernel/tests", "control_room/alarms/tests")),
    Machine("shelving", ("control_room/alarms/rules.py",), ("control_room/alarms/tests",)),
    Machine("incident and SLA", ("control_room/incidents/rules",), ("control_room/incidents/tests",)),
    Machine("session", ("control_room/identity/rules.py",), ("control_room/identity/tests",)),
)


def alternatives(node: ast.AST, members: Members) -> Iterator[tuple[str, Edit]]:
    """What a node may be changed into: a word for it, and the change, made on a copy of the node."""
    if isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.BinOp):
        yield from _operators(node)
    elif isinstance(node, ast.IfExp | ast.If | ast.While):
        yield "negated", lambda one: _set(one, test=ast.UnaryOp(ast.Not(), one.test))
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Return) and node.value is not None and not _is(node.value, None):
        yield "returns None", lambda one: _set(one, value=ast.Constant(None))
    elif isinstance(node, ast.Dict):
        for place in range(len(node.keys)):
            yield f"entry {place + 1} dropped", partial(_without, place=place)
            yield from _other_members(node, place, members)


def _operators(node: ast.Compare | ast.BoolOp | ast.UnaryOp | ast.BinOp) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARED.get(type(node.ops[0]), ()):
            yield other.__name__, partial(_set, ops=[other()])
    elif isinstance(node, ast.BoolOp):
        yield "and/or", partial(_set, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", lambda one: one.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in COMPUTED:
        yield COMPUTED[type(node.op)].__name__, partial(_set, op=COMPUTED[type(node.op)]())


def _other_members(node: ast.Dict, place: int, members: Members) -> Iterator[tuple[str, Edit]]:
    value = node.values[place]
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
        names = members.get(value.value.id, [])
        if len(names) > 1 and value.attr in names:
            other = names[(names.index(value.attr) + 1) % len(names)]
            yield f"entry {place + 1}: {other}", partial(_redirect, place=place, name=other)


def _constants(node: ast.Constant) -> Iterator[tuple[str, Edit]]:
    if isinstance(node.value, bool):
        yield "flipped", partial(_set, value=not node.value)
    elif isinstance(node.value, int | float):
        yield "one more", partial(_set, value=node.value + 1)
    elif isinstance(node.value, str) and node.value:
        yield "other text", partial(_set, value=f"x{node.value}")


def _set(node: Any, **fields: object) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _without(node: Any, place: int) -> Any:
    del node.keys[place], node.values[place]
    return node


def _redirect(node: Any, place: int, name: str) -> Any:
    node.values[place].attr = name
    return node


def _is(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def find_mutants(source: str, text: str) -> list[Mutant]:
    """Every change of one file, annotations, docstrings and declarations of fields left alone."""
    tree = ast.parse(text)
    members = {
        one.name: [name for item in one.body for name in _member(item)]
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef)
    }
    spared = {id(part) for node in ast.walk(tree) for root in _spared(node) for part in ast.walk(root)}
    found = []
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in spared:
            continue
        for change, make in alternatives(node, members):
            broken = copy.deepcopy(tree)
            target = next(one for at, one in enumerate(ast.walk(broken)) if at == number)
            _replace(broken, target, make(target))
            line = getattr(node, "lineno", 0)
            found.append(Mutant(source, line, change, ast.unparse(ast.fix_missing_locations(broken))))
    return found


def _member(item: ast.stmt) -> list[str]:
    return [one.id for one in item.targets if isinstance(one, ast.Name)] if isinstance(item, ast.Assign) else []


def _spared(node: ast.AST) -> Iterator[ast.AST]:
    """Parts that are no law: annotations, docstrings, decorators, the values of enumerations."""
    if isinstance(node, ast.AnnAssign | ast.arg):
        yield from [node.annotation] if node.annotation else []
    elif isinstance(node, ast.FunctionDef):
        yield from [node.returns] if node.returns else []
        yield from node.decorator_list
    elif isinstance(node, ast.ClassDef):
        yield from (item for item in node.body if not isinstance(item, ast.FunctionDef))
        yield from node.keywords
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    if old is new:
        return
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if value is old:
                setattr(node, name, new)
            elif isinstance(value, list):
                value[:] = [new if one is old else one for one in value]


def judge(mutant: Mutant, tests: Sequence[str], copies: "SimpleQueue[Path]") -> bool:
    """Whether the tests notice: they fail, or take too long."""
    place = copies.get()
    file = place / mutant.source
    sound = file.read_text("utf-8")
    try:
        file.write_text(mutant.text, "utf-8")
        return run_tests(place, tests) != 0
    finally:
        file.write_text(sound, "utf-8")
        copies.put(place)


def run_tests(place: Path, tests: Sequence[str]) -> int:
    """pytest's exit code over a copy of the tree; what takes too long counts as failed."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not engines", *tests]
    environment = {**os.environ, "PYTHONPATH": str(place / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, timeout=TOO_LONG_S, check=False)
    except subprocess.TimeoutExpired:
        return 1
    return done.returncode


def run_machine(machine: Machine, copies: "SimpleQueue[Path]", most: int, seed: int) -> tuple[int, list[Mutant]]:
    """How many changes were tried, and those that no test noticed."""
    files = [ROOT / PACKAGE / source for source in machine.sources]
    sources = [path for file in files for path in (sorted(file.glob("*.py")) if file.is_dir() else [file])]
    mutants = [one for path in sources for one in find_mutants(str(path.relative_to(ROOT)), path.read_text("utf-8"))]
    if len(mutants) > most:
        mutants = random.Random(seed).sample(mutants, most)
    tests = [f"{PACKAGE}/{folder}" for folder in machine.tests]
    place = copies.get()
    if run_tests(place, tests) != 0:
        raise SystemExit(f"{machine.name}: its tests fail before anything is broken")
    copies.put(place)
    with ThreadPoolExecutor(WORKERS) as pool:
        noticed = list(pool.map(lambda one: judge(one, tests, copies), mutants))
    return len(mutants), [one for one, seen in zip(mutants, noticed, strict=True) if not seen]


def main() -> int:
    """Try every machine; 1 when fewer than 80 % of the changes of one are noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(machine.name for machine in MACHINES)}")
    parser.add_argument("--most", type=int, default=1_000, help="changes a machine at most, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    weak = False
    with tempfile.TemporaryDirectory(prefix="ondijon-mutants-") as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            place = Path(folder) / str(number)
            shutil.copytree(ROOT / "src", place / "src", ignore=shutil.ignore_patterns("static", "__pycache__"))
            for name in ("pyproject.toml", "conftest.py"):
                shutil.copy(ROOT / name, place / name)
            copies.put(place)
        for machine in MACHINES:
            if asked.names and machine.name not in asked.names:
                continue
            tried, survivors = run_machine(machine, copies, asked.most, asked.seed)
            share = 1 - len(survivors) / max(1, tried)
            weak |= share < 0.8
            print(f"{machine.name}: {tried - len(survivors)} of {tried} noticed ({share:.1%})", flush=True)
            for one in survivors:
                print(f"  survives: {one.source}:{one.line} {one.change}")
    return int(weak)


if __name__ == "__main__":
    sys.exit(main())
