"""The small changes that break a law: what a line of Python may be turned into, one change at a time."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

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
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One source file with one change."""

    line: int
    words: str
    tree: ast.Module


def find_mutants(text: str, members: Members) -> list[Mutant]:
    """Every change of one file; annotations, docstrings and declarations of fields and members are left alone."""
    tree = ast.parse(text)
    spared = {id(part) for node in ast.walk(tree) for root in _spared(node) for part in ast.walk(root)}
    spared |= {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
    found = []
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in spared:
            continue
        for words, edit in _changes(node, members):
            broken = copy.deepcopy(tree)
            target = next(one for at, one in enumerate(ast.walk(broken)) if at == number)
            _replace(broken, target, edit(target))
            found.append(Mutant(_line_of(node), words, ast.fix_missing_locations(broken)))
    return found


def read_members(folder: Path) -> Members:
    """The members of every enumeration declared in a folder, by its class."""
    classes = [
        node
        for path in sorted(folder.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Enum") for base in node.bases)
    ]
    return {
        one.name: [
            target.id
            for item in one.body
            if isinstance(item, ast.Assign)
            for target in item.targets
            if isinstance(target, ast.Name)
        ]
        for one in classes
    }


def _changes(node: ast.AST, members: Members) -> Iterator[tuple[str, Edit]]:
    """What a node may become: words for it, and the change, made on a copy of the node."""
    if isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.BinOp):
        yield from _operators(node)
    elif isinstance(node, ast.IfExp | ast.If | ast.While):
        yield f"not ({ast.unparse(node.test)})", lambda one: _set(one, test=ast.UnaryOp(ast.Not(), one.test))
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Attribute):
        yield from _members(node, members)
    elif isinstance(node, ast.stmt):
        yield from _statements(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OPPOSITES:
        other = OPPOSITES[node.func.id]
        yield f"{other} for {ast.unparse(node)}", partial(_set, func=ast.Name(other, ast.Load()))
    for fields, place, said in _parts(node):
        yield f"without {said}", partial(_without, place=place, fields=fields)


def _parts(node: ast.AST) -> Iterator[tuple[tuple[str, ...], int, str]]:
    """What a node may do without: which fields, at which place, and how it reads."""
    if isinstance(node, ast.comprehension):
        yield from ((("ifs",), place, f"`if {ast.unparse(test)}`") for place, test in enumerate(node.ifs))
    elif isinstance(node, ast.Dict):
        for place, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            said = f"**{ast.unparse(value)}" if key is None else f"{ast.unparse(key)}: {ast.unparse(value)}"
            yield ("keys", "values"), place, said
    elif isinstance(node, ast.Tuple | ast.List | ast.Set) and not isinstance(getattr(node, "ctx", None), ast.Store):
        yield from ((("elts",), place, ast.unparse(item)) for place, item in enumerate(node.elts))
    elif isinstance(node, ast.Call):
        yield from ((("keywords",), place, ast.unparse(keyword)) for place, keyword in enumerate(node.keywords))


def _operators(node: ast.Compare | ast.BoolOp | ast.UnaryOp | ast.BinOp) -> Iterator[tuple[str, Edit]]:
    said = ast.unparse(node)
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            for other in COMPARED[type(op)]:
                ops: list[ast.cmpop] = [*node.ops[:place], other(), *node.ops[place + 1 :]]
                yield f"{other.__name__} in {said}", partial(_set, ops=ops)
    elif isinstance(node, ast.BoolOp):
        yield f"and/or in {said}", partial(_set, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp):
        yield f"without the sign of {said}", lambda one: one.operand
    elif type(node.op) in COMPUTED:
        yield f"{COMPUTED[type(node.op)].__name__} in {said}", partial(_set, op=COMPUTED[type(node.op)]())


def _constants(node: ast.Constant) -> Iterator[tuple[str, Edit]]:
    if isinstance(node.value, bool):
        yield f"{not node.value}", partial(_set, value=not node.value)
    elif isinstance(node.value, int | float):
        yield f"{node.value} + 1", partial(_set, value=node.value + 1)
    elif isinstance(node.value, str):
        yield f"other text than {node.value!r}", partial(_set, value=f"{node.value}x")


def _members(node: ast.Attribute, members: Members) -> Iterator[tuple[str, Edit]]:
    names = members.get(node.value.id, []) if isinstance(node.value, ast.Name) else []
    if node.attr in names and len(names) > 1:
        other = names[(names.index(node.attr) + 1) % len(names)]
        yield f"{other} for {ast.unparse(node)}", partial(_set, attr=other)


def _statements(node: ast.stmt) -> Iterator[tuple[str, Edit]]:
    said = ast.unparse(node)
    if isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
        yield f"None for {said}", partial(_set, value=ast.Constant(None))
    elif isinstance(node, ast.AugAssign | ast.Expr | ast.Raise) or (
        isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name | ast.Tuple)
    ):
        yield f"without `{said}`", lambda _: ast.Pass()


def _set(node: Any, **fields: object) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _without(node: Any, place: int, fields: tuple[str, ...]) -> Any:
    for name in fields:
        del getattr(node, name)[place]
    return node


def _spared(node: ast.AST) -> Iterator[ast.AST]:
    """Parts that are no law: annotations, aliases of types, docstrings, decorators, declarations."""
    if isinstance(node, ast.AnnAssign | ast.arg):
        yield from [node.annotation] if node.annotation else []
    elif isinstance(node, ast.FunctionDef):
        yield from [node.returns] if node.returns else []
        yield from node.decorator_list
    elif isinstance(node, ast.ClassDef):
        yield from (item for item in node.body if not isinstance(item, ast.FunctionDef))
        yield from node.keywords
    elif isinstance(node, ast.Module):
        yield from (
            item for item in node.body if isinstance(item, ast.Assign) and isinstance(item.value, ast.Subscript)
        )
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


def _line_of(node: ast.AST) -> int:
    return getattr(node, "lineno", None) or (node.target.lineno if isinstance(node, ast.comprehension) else 0)
