"""Files, functions, names and module sentences stay within the house's budgets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import budgets
from tests.architecture.tree import ROOT, write_tree

Check = Callable[[Path], list[str]]

LONG_FILE = '"""A file."""\n' + "x = 1\n" * 400
LONG_FUNCTION = '"""A file."""\n\n\ndef f() -> None:\n' + "    x = 1\n" * 50
STATEMENTS = "  x = 1;\n" * 50

BREACHES: list[tuple[Check, str, str]] = [
    (budgets.list_long_files, "src/a.py", LONG_FILE),
    (budgets.list_long_files, "frontend/a.ts", "const x = 1;\n" * 401),
    (budgets.list_long_files, "frontend/A.svelte", "<p>x</p>\n" * 401),
    (budgets.list_long_functions, "src/a.py", LONG_FUNCTION),
    (budgets.list_long_functions, "src/a.py", LONG_FUNCTION.replace("def", "async def")),
    (
        budgets.list_long_functions,
        "frontend/a.ts",
        f"function f(a: string): Map<string, number> {{\n{STATEMENTS}}}",
    ),
    (
        budgets.list_long_functions,
        "frontend/a.ts",
        f"export const f = async (a = '}}') => {{\n{STATEMENTS}}};",
    ),
    (budgets.list_long_functions, "frontend/a.ts", f"class A {{\n  draw(x: number) {{\n{STATEMENTS}}}\n}}"),
    (
        budgets.list_long_functions,
        "frontend/A.svelte",
        f"<p>{{x}}</p>\n<script lang='ts'>\nfunction f() {{ // {{\n{STATEMENTS}}}\n</script>",
    ),
    (budgets.list_banned_names, "src/utils.py", '"""A file."""'),
    (budgets.list_banned_names, "src/mqtt_helpers.py", '"""A file."""'),
    (budgets.list_banned_names, "src/common/a.py", '"""A file."""'),
    (budgets.list_banned_names, "src/a.py", '"""A file."""\n\n\nclass ConnectionManager:\n    pass\n'),
    (budgets.list_banned_names, "src/a.py", '"""A file."""\n\n\ndef handle() -> None: ...\n'),
    (budgets.list_banned_names, "src/a.py", '"""A."""\n\n\nclass A:\n    def process(self) -> None: ...\n'),
    (budgets.list_banned_names, "frontend/utils.ts", "export {};"),
    (budgets.list_wrong_openings, "src/a.py", "x = 1\n"),
    (budgets.list_wrong_openings, "src/a.py", '"""One sentence. Another sentence."""\n'),
    (budgets.list_wrong_openings, "src/a.py", '"""No full stop"""\n'),
]

SOUND = {
    "src/a.py": '"""Says what it is, e.g. `this` (sec. 4.5)."""\n\n\nclass Process_:\n    pass\n\n\n'
    + "def _with_base() -> None:\n    pass\n\n\ndef child_process() -> None:\n"
    + "    x = 1\n" * 49,
    "src/states.py": '"""One sentence.\n\nThe law, for each:\n    a -> b. C\n"""\n',
    "src/empty/__init__.py": "",
    "src/migrations/001.py": "x = 1\n" * 500,
    "frontend/node_modules/x/utils.ts": "x;\n" * 999,
    "frontend/a.ts": f"const table = {{\n{'  a: 1,' + chr(10)}}};\nif (x) {{\n{STATEMENTS}}}\n"
    + f"describe('a', () => {{\n{STATEMENTS}}});\nconst r = /[{{]/;\nconst s = `{{${{x}}`;\n",
}
CHECKS: list[Check] = [
    budgets.list_long_files,
    budgets.list_long_functions,
    budgets.list_banned_names,
    budgets.list_wrong_openings,
]


@pytest.mark.parametrize("check", CHECKS)
def test_our_tree_is_within_the_budget(check: Check) -> None:
    assert check(ROOT) == []


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_tree_is_within_the_budget(check: Check, tmp_path: Path) -> None:
    write_tree(tmp_path, SOUND)
    assert check(tmp_path) == []


@pytest.mark.parametrize(("check", "file", "text"), BREACHES)
def test_one_line_or_word_too_many_is_found(check: Check, file: str, text: str, tmp_path: Path) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert len(check(tmp_path)) == 1
