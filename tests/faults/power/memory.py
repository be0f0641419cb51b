"""What a disk holds now and what it would still hold after a power cut, without any file system around it."""

# The model, chosen to be as strict as a Linux file system may be, and no stricter than ext4 in the order of names:
# - What was written, or cut off, is kept only from the next fsync or fdatasync of that file on; there is no writing
#   back by time, and replacing a file by renaming a new one over it keeps no content by itself.
# - Names, owners and modes are kept in the order in which they were changed, as in the journal of ext4: fsync of a
#   folder, or of a file, keeps every change up to the newest one that touched it. A name may so be kept before its
#   content: such a file is empty after a cut.
# - A whole cut forgets everything else. A part cut first keeps some of it by lot: pages of 4 KiB one by one, so that
#   an 8 KiB page of a database can be torn, a size now or then, and a beginning of the journal.

import random
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

PAGE_BYTES = 4096
ROOT = 1


@dataclass(frozen=True)
class Facts:
    """Mode with its type, owner and group."""

    mode: int
    uid: int
    gid: int


@dataclass(eq=False)
class Node:
    """One file, folder, link or socket; `now` is the same object as `kept` until it is written to."""

    number: int
    facts: Facts
    kept_facts: Facts
    kept: bytearray = field(default_factory=bytearray)
    now: bytearray = field(default_factory=bytearray)
    kept_names: dict[bytes, "Node"] = field(default_factory=dict)
    names: dict[bytes, "Node"] = field(default_factory=dict)
    dirty: set[int] = field(default_factory=set)
    shortest: int = 0
    touched_by: int = 0
    lookups: int = 0
    is_linked: bool = False
    changed_ns: int = 0

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.facts.mode)

    def write(self, at: int, piece: bytes | memoryview) -> None:
        """Change the content as of now."""
        self._own()
        if at > len(self.now):
            self._note(len(self.now), at)
            self.now.extend(bytes(at - len(self.now)))
        self.now[at : at + len(piece)] = piece
        self._note(at, at + len(piece))

    def resize(self, size: int) -> None:
        """Cut off or fill up with zeros, as of now."""
        if size > len(self.now):
            self.write(len(self.now), bytes(size - len(self.now)))
        elif size < len(self.now):
            self._own()
            del self.now[size:]
            self.shortest = min(self.shortest, size)

    def keep(self, pages: set[int] | None = None, *, with_size: bool = True) -> None:
        """Take the content as of now, or these pages of it, over into what a cut leaves."""
        if self.now is self.kept:
            return
        if with_size:
            del self.kept[self.shortest :]
            self.kept.extend(bytes(max(0, len(self.now) - len(self.kept))))
            self.shortest = len(self.now)
        for page in self.dirty if pages is None else pages & self.dirty:
            at = page * PAGE_BYTES
            end = min(at + PAGE_BYTES, len(self.kept), len(self.now))
            if at < end:
                self.kept[at:end] = self.now[at:end]
        if pages is None:
            self.dirty.clear()

    def forget(self) -> None:
        """Be again what was kept."""
        self.now = self.kept
        self.names = dict(self.kept_names)
        self.facts = self.kept_facts
        self.dirty.clear()
        self.lookups = self.touched_by = 0

    def _own(self) -> None:
        if self.now is self.kept:
            self.now = bytearray(self.kept)
            self.shortest = len(self.kept)

    def _note(self, at: int, end: int) -> None:
        self.dirty.update(range(at // PAGE_BYTES, (end + PAGE_BYTES - 1) // PAGE_BYTES))


@dataclass(frozen=True)
class Change:
    """Names that begin or end to be there, together or not at all; or the new facts of a node."""

    names: tuple[tuple[Node, bytes, Node | None], ...] = ()
    facts: tuple[Node, Facts] | None = None

    def keep(self) -> None:
        for folder, name, node in self.names:
            if node is None:
                folder.kept_names.pop(name, None)
            else:
                folder.kept_names[name] = node
        if self.facts is not None:
            node, facts = self.facts
            node.kept_facts = facts


class DiskMemory:
    """A tree of nodes; whoever uses it keeps to POSIX (no folder removed that has names, and so on)."""

    def __init__(self) -> None:
        facts = Facts(stat.S_IFDIR | 0o755, 0, 0)
        self.root = Node(ROOT, facts, facts, is_linked=True)
        self.nodes = {ROOT: self.root}
        self._newest = ROOT
        self._journal: list[Change] = []
        self._kept_changes = 0

    def add(self, folder: Node, name: bytes, facts: Facts, content: bytes = b"") -> Node:
        """A new node; a link's target is there with its name."""
        self._newest += 1
        node = Node(self._newest, facts, facts, kept=bytearray(content), is_linked=True)
        node.now = node.kept
        self.nodes[node.number] = folder.names[name] = node
        self._record(Change(((folder, name, node),)), folder, node)
        return node

    def remove(self, folder: Node, name: bytes) -> None:
        node = folder.names.pop(name)
        node.is_linked = False
        self._record(Change(((folder, name, None),)), folder, node)
        self.drop_if_unused(node)

    def rename(self, folder: Node, name: bytes, to_folder: Node, to_name: bytes) -> None:
        """Move; what bears the new name is gone in the same instant."""
        node = folder.names.pop(name)
        former = to_folder.names.get(to_name)
        if former is not None and former is not node:
            former.is_linked = False
            self.drop_if_unused(former)
        to_folder.names[to_name] = node
        self._record(Change(((folder, name, None), (to_folder, to_name, node))), folder, to_folder, node)

    def set_facts(self, node: Node, mode: int | None, uid: int | None, gid: int | None) -> None:
        """Change what is given; the type of a node stays."""
        former = node.facts
        node.facts = replace(
            former,
            mode=former.mode if mode is None else stat.S_IFMT(former.mode) | stat.S_IMODE(mode),
            uid=former.uid if uid is None else uid,
            gid=former.gid if gid is None else gid,
        )
        self._record(Change(facts=(node, node.facts)), node)

    def drop_if_unused(self, node: Node) -> None:
        """Forget a node that has no name and that nobody has open."""
        if not node.is_linked and node.lookups <= 0:
            self.nodes.pop(node.number, None)

    def sync(self, node: Node) -> None:
        """fsync of a file or a folder."""
        node.keep()
        self._keep_changes(node.touched_by)

    def sync_all(self) -> None:
        """sync(2)."""
        for node in list(self.nodes.values()):
            node.keep()
        self._keep_changes(self._changes)

    def cut(self, luck: random.Random | None = None) -> int:
        """The power goes: returns how many unsynced pages and changes were there; `luck` keeps a part of them."""
        dirty = [node for node in self.nodes.values() if node.now is not node.kept and node.dirty]
        unsynced = sum(len(node.dirty) for node in dirty) + self._changes - self._kept_changes
        if luck is not None:
            self._keep_changes(luck.randint(self._kept_changes, self._changes))
            for node in sorted(dirty, key=lambda one: one.number):
                pages = {page for page in sorted(node.dirty) if luck.random() < 0.5}
                node.keep(pages, with_size=luck.random() < 0.5)
        self._journal.clear()
        self._kept_changes = 0
        kept = list(_below(self.root))
        for node in self.nodes.values():
            node.is_linked = False
        for node in kept:
            node.forget()
            node.is_linked = True
        self.nodes = {node.number: node for node in kept}
        return unsynced

    @property
    def _changes(self) -> int:
        """How many there were since the last cut."""
        return self._kept_changes + len(self._journal)

    def _record(self, change: Change, *touched: Node) -> None:
        self._journal.append(change)
        for node in touched:
            node.touched_by = self._changes

    def _keep_changes(self, up_to: int) -> None:
        count = max(0, up_to - self._kept_changes)
        for change in self._journal[:count]:
            change.keep()
        del self._journal[:count]
        self._kept_changes += count


def _below(node: Node) -> Iterator[Node]:
    yield node
    for child in node.kept_names.values():
        yield from _below(child)
