"""An import-linter contract that states what a part may know, instead of what it may not."""

import sys
from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expression_to_modules, module_expressions_to_modules
from importlinter.domain.imports import ModuleExpression

# Standard library roots that do I/O, read a clock, draw lots or start something beside the caller.
IMPURE = frozenset(
    """asyncio concurrent ctypes ftplib getpass glob http imaplib logging mmap multiprocessing os pathlib
    poplib queue random sched secrets select selectors shelve shutil signal smtplib socket socketserver
    sqlite3 ssl subprocess tempfile threading time webbrowser xmlrpc _thread""".split()
)


class KnowsOnly(Contract):
    """Fail when a governed module imports anything of ours that is not listed (tests are not governed).

    Options: `modules` (governed packages, wildcards allowed; each always knows its own content), `knows`
    (what else of ours it may import), `third_party` (closed list of installed packages, any when absent),
    `pure` (refuse the standard library roots in `IMPURE`).
    """

    type_name = "knows_only"

    modules = fields.SetField(subfield=fields.ModuleExpressionField())
    knows = fields.SetField(subfield=fields.ModuleExpressionField())
    third_party = fields.SetField(subfield=fields.StringField(), required=False)
    pure = fields.BooleanField(default=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare every direct import of the governed modules with the lists."""
        (root,) = self.session_options["root_packages"]
        expressions = cast("set[ModuleExpression]", self.modules)
        known = _names(graph, cast("set[ModuleExpression]", self.knows))
        breaches: list[tuple[str, str]] = []
        for expression in expressions:
            for own in sorted(module.name for module in module_expression_to_modules(graph, expression)):
                for importer in _governed(graph, own):
                    breaches += [
                        (importer, imported)
                        for imported in sorted(graph.find_modules_directly_imported_by(importer))
                        if not self._is_allowed(imported, root, {own, *known})
                    ]
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def _is_allowed(self, imported: str, root: str, known: set[str]) -> bool:
        if _is_within(imported, root):
            return any(_is_within(imported, name) for name in known)
        package = imported.partition(".")[0]
        if package in sys.stdlib_module_names:
            return not (cast("bool", self.pure) and package in IMPURE)
        third_party = cast("set[str] | None", self.third_party)
        return third_party is None or package in third_party

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line per refused import."""
        for importer, imported in check.metadata["breaches"]:
            output.print_error(f"{importer} must not import {imported}")


def _names(graph: ImportGraph, expressions: set[ModuleExpression]) -> set[str]:
    return {module.name for module in module_expressions_to_modules(graph, cast("Any", expressions))}


def _governed(graph: ImportGraph, own: str) -> list[str]:
    if own not in graph.modules:
        return []
    modules = {own, *graph.find_descendants(own)}
    return sorted(module for module in modules if not {"tests", "conftest"} & set(module.split(".")))


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
