"""Answers what the kernel asks of a mounted power disk."""

import errno
import os
import stat
import time
from collections.abc import Callable

from tests.faults.power import fuse_words as words
from tests.faults.power.fuse_words import Op, Valid
from tests.faults.power.memory import ROOT, DiskMemory, Facts, Node

BLOCK_BYTES, BLOCKS = 4096, 1 << 21
NS = 1_000_000_000


class Asked:
    """One question: about which node, by whom, with what words."""

    def __init__(self, message: memoryview) -> None:
        _, op, self.unique, self.node, self.uid, self.gid, _, _, _ = words.ASKED.unpack_from(message)
        self.op = op
        self.body = message[words.ASKED.size :]

    def names(self, at: int = 0) -> list[bytes]:
        return bytes(self.body[at:]).split(b"\0")[:-1]


class Server:
    """The answers; a node that is open or known to the kernel stays until the kernel forgets it."""

    def __init__(self, memory: DiskMemory) -> None:
        self._memory = memory
        self._answers: dict[int, Callable[[Asked], bytes]] = {
            Op.LOOKUP: self._look_up,
            Op.GETATTR: lambda asked: self._attr(self._node(asked)),
            Op.SETATTR: self._set_attr,
            Op.READLINK: lambda asked: bytes(self._node(asked).now),
            Op.SYMLINK: self._symlink,
            Op.MKNOD: self._mknod,
            Op.MKDIR: self._mkdir,
            Op.UNLINK: self._unlink,
            Op.RMDIR: self._unlink,
            Op.RENAME: lambda asked: self._rename(asked, words.RENAME_IN.size),
            Op.RENAME2: lambda asked: self._rename(asked, words.RENAME2_IN.size),
            Op.OPEN: lambda _: words.OPENED.pack(0, words.KEEP_CACHE, 0),
            Op.READ: self._read,
            Op.WRITE: self._write,
            Op.STATFS: self._statfs,
            Op.RELEASE: lambda _: b"",
            Op.FSYNC: self._sync,
            Op.FLUSH: lambda _: b"",
            Op.INIT: self._init,
            Op.OPENDIR: lambda _: words.OPENED.pack(0, 0, 0),
            Op.READDIR: self._list,
            Op.RELEASEDIR: lambda _: b"",
            Op.FSYNCDIR: self._sync,
            Op.CREATE: self._create,
            Op.SYNCFS: self._sync_all,
            Op.DESTROY: lambda _: b"",
            Op.FORGET: self._forget,
            Op.BATCH_FORGET: self._forget_many,
        }

    def answer(self, message: memoryview) -> bytes | None:
        """The whole answer, or None where the kernel awaits none."""
        asked = Asked(message)
        error, body = 0, b""
        find = self._answers.get(asked.op, _not_spoken)
        try:
            body = find(asked)
        except OSError as refusal:
            error = -(refusal.errno or errno.EIO)
        if asked.op in words.NO_ANSWER:
            return None
        return words.ANSWER.pack(words.ANSWER.size + len(body), error, asked.unique) + body

    def _node(self, asked: Asked) -> Node:
        try:
            return self._memory.nodes[asked.node]
        except KeyError:
            raise OSError(errno.ESTALE, "of before the cut") from None

    def _child(self, folder: Node, name: bytes) -> Node:
        try:
            return folder.names[name]
        except KeyError:
            raise OSError(errno.ENOENT, "no such name") from None

    def _init(self, asked: Asked) -> bytes:
        _, minor, readahead, flags = words.INIT_IN.unpack_from(asked.body)
        flags &= words.BIG_WRITES | words.MAX_PAGES
        pages = words.MAX_WRITE // BLOCK_BYTES
        minor = min(minor, words.MINOR)
        return words.INIT_OUT.pack(words.MAJOR, minor, readahead, flags, 64, 48, words.MAX_WRITE, 1, pages, 0, 0)

    def _attr_words(self, node: Node) -> bytes:
        at_s, at_ns = divmod(node.changed_ns, NS)
        size, facts = len(node.now), node.facts
        times = (at_s, at_s, at_s, at_ns, at_ns, at_ns)
        links = 2 if node.is_folder else 1
        tail = (facts.mode, links, facts.uid, facts.gid, 0, BLOCK_BYTES, 0)
        return words.ATTR.pack(node.number, size, (size + 511) // 512, *times, *tail)

    def _attr(self, node: Node) -> bytes:
        return words.ATTR_HEAD.pack(words.VALID_S, 0, 0) + self._attr_words(node)

    def _entry(self, node: Node) -> bytes:
        node.lookups += 1
        return words.ENTRY.pack(node.number, 0, words.VALID_S, words.VALID_S, 0, 0) + self._attr_words(node)

    def _look_up(self, asked: Asked) -> bytes:
        return self._entry(self._child(self._node(asked), asked.names()[0]))

    def _set_attr(self, asked: Asked) -> bytes:
        node = self._node(asked)
        fields = words.SETATTR_IN.unpack_from(asked.body)
        valid, size, mode, uid, gid = Valid(fields[0]), fields[3], fields[11], fields[13], fields[14]
        if Valid.SIZE in valid:
            node.resize(size)
            node.changed_ns = time.time_ns()
        if valid & (Valid.MODE | Valid.UID | Valid.GID):
            self._memory.set_facts(
                node,
                mode if Valid.MODE in valid else None,
                uid if Valid.UID in valid else None,
                gid if Valid.GID in valid else None,
            )
        if Valid.MTIME in valid:
            node.changed_ns = fields[6] * NS + fields[9]
        return self._attr(node)

    def _new(self, asked: Asked, name: bytes, mode: int, content: bytes = b"") -> Node:
        folder = self._node(asked)
        if name in folder.names:
            raise OSError(errno.EEXIST, "the name is taken")
        node = self._memory.add(folder, name, Facts(mode, asked.uid, asked.gid), content)
        node.changed_ns = folder.changed_ns = time.time_ns()
        return node

    def _symlink(self, asked: Asked) -> bytes:
        name, target = asked.names()
        return self._entry(self._new(asked, name, stat.S_IFLNK | 0o777, target))

    def _mknod(self, asked: Asked) -> bytes:
        mode = words.MKNOD_IN.unpack_from(asked.body)[0]
        return self._entry(self._new(asked, asked.names(words.MKNOD_IN.size)[0], mode))

    def _mkdir(self, asked: Asked) -> bytes:
        mode, _ = words.MKDIR_IN.unpack_from(asked.body)
        return self._entry(self._new(asked, asked.names(words.MKDIR_IN.size)[0], stat.S_IFDIR | stat.S_IMODE(mode)))

    def _create(self, asked: Asked) -> bytes:
        mode = words.CREATE_IN.unpack_from(asked.body)[1]
        node = self._new(asked, asked.names(words.CREATE_IN.size)[0], stat.S_IFREG | stat.S_IMODE(mode))
        return self._entry(node) + words.OPENED.pack(0, words.KEEP_CACHE, 0)

    def _unlink(self, asked: Asked) -> bytes:
        folder, name = self._node(asked), asked.names()[0]
        node = self._child(folder, name)
        if asked.op == Op.RMDIR and node.names:
            raise OSError(errno.ENOTEMPTY, "the folder has names")
        self._memory.remove(folder, name)
        folder.changed_ns = time.time_ns()
        return b""

    def _rename(self, asked: Asked, names_at: int) -> bytes:
        to_number = words.RENAME_IN.unpack_from(asked.body)[0]
        if asked.op == Op.RENAME2 and words.RENAME2_IN.unpack_from(asked.body)[1]:
            raise OSError(errno.EINVAL, "no exchange of names here")
        folder, to_folder = self._node(asked), self._memory.nodes[to_number]
        name, to_name = asked.names(names_at)
        self._child(folder, name)
        former = to_folder.names.get(to_name)
        if former is not None and former.names:
            raise OSError(errno.ENOTEMPTY, "the folder has names")
        self._memory.rename(folder, name, to_folder, to_name)
        folder.changed_ns = to_folder.changed_ns = time.time_ns()
        return b""

    def _read(self, asked: Asked) -> bytes:
        _, at, size, *_ = words.READ_IN.unpack_from(asked.body)
        return bytes(memoryview(self._node(asked).now)[at : at + size])

    def _write(self, asked: Asked) -> bytes:
        node = self._node(asked)
        _, at, size, *_ = words.WRITE_IN.unpack_from(asked.body)
        node.write(at, asked.body[words.WRITE_IN.size : words.WRITE_IN.size + size])
        node.changed_ns = time.time_ns()
        return words.WRITE_OUT.pack(size, 0)

    def _sync(self, asked: Asked) -> bytes:
        self._memory.sync(self._node(asked))
        return b""

    def _sync_all(self, _: Asked) -> bytes:
        self._memory.sync_all()
        return b""

    def _statfs(self, _: Asked) -> bytes:
        used = sum(len(node.now) for node in self._memory.nodes.values()) // BLOCK_BYTES
        free = BLOCKS - used
        return words.STATFS_OUT.pack(BLOCKS, free, free, 1 << 20, 1 << 19, BLOCK_BYTES, 255, BLOCK_BYTES, 0)

    def _list(self, asked: Asked) -> bytes:
        _, at, size, *_ = words.READ_IN.unpack_from(asked.body)
        folder = self._node(asked)
        listed = [(b".", folder), (b"..", folder), *folder.names.items()]
        found = bytearray()
        for place, (name, node) in enumerate(listed[at:], at + 1):
            head = words.DIRENT.pack(node.number, place, len(name), stat.S_IFMT(node.facts.mode) >> 12)
            entry = head + name + bytes(-len(name) % 8)
            if len(found) + len(entry) > size:
                break
            found += entry
        return bytes(found)

    def _forget(self, asked: Asked) -> bytes:
        self._forget_one(asked.node, words.FORGET_IN.unpack_from(asked.body)[0])
        return b""

    def _forget_many(self, asked: Asked) -> bytes:
        count, _ = words.BATCH_IN.unpack_from(asked.body)
        for place in range(count):
            self._forget_one(*words.ONE_FORGET.unpack_from(asked.body, words.BATCH_IN.size + place * 16))
        return b""

    def _forget_one(self, number: int, lookups: int) -> None:
        node = self._memory.nodes.get(number)
        if node is not None and number != ROOT:
            node.lookups -= lookups
            self._memory.drop_if_unused(node)


def _not_spoken(_: Asked) -> bytes:
    raise OSError(errno.ENOSYS, "not spoken here")


def serve_once(fuse: int, server: Server, buffer: bytearray) -> bool:
    """Take one question and answer it; False when the disk was unmounted."""
    try:
        size = os.readv(fuse, [buffer])
    except OSError as error:
        if error.errno == errno.ENODEV:
            return False
        if error.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
            return True
        raise
    answer = server.answer(memoryview(buffer)[:size])
    if answer is not None:
        try:
            os.write(fuse, answer)
        except OSError as error:
            # Who asked was killed meanwhile.
            if error.errno != errno.ENOENT:
                raise
    return True
