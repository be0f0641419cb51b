"""Where the code stands, and throwaway trees that break one rule each."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "ondijon"

_NOT_OURS = {"node_modules", "__pycache__", "static", "dist", "results", "var"}


def write_tree(root: Path, files: Mapping[str, str]) -> Path:
    """Write files (path -> text) under `root`, making each folder that holds Python a package."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.suffix == ".py":
            _make_packages(path.parent, root)
    return root


def _make_packages(folder: Path, root: Path) -> None:
    while folder != root:
        init = folder / "__init__.py"
        if not init.exists():
            init.write_text('"""A throwaway package."""\n', encoding="utf-8")
        folder = folder.parent


def list_sources(root: Path, *suffixes: str) -> Iterator[Path]:
    """All hand-written files under `root` with one of these suffixes, sorted folder by folder."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name[0] != "." and name not in _NOT_OURS)
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(suffixes))


def list_folders(root: Path) -> list[Path]:
    """The visible folders directly under `root`; none when `root` does not exist yet."""
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] not in "._")
