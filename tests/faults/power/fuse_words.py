"""The kernel's side of FUSE as far as this disk speaks it: numbers and layouts of linux/fuse.h, protocol 7.31."""

from enum import IntEnum, IntFlag
from struct import Struct

MAJOR, MINOR = 7, 31
MAX_WRITE = 1 << 20
# Root of the mounted tree, and how long the kernel may trust what it was told: nobody else changes this disk.
VALID_S = 3600


class Op(IntEnum):
    """What the kernel asks."""

    LOOKUP = 1
    FORGET = 2
    GETATTR = 3
    SETATTR = 4
    READLINK = 5
    SYMLINK = 6
    MKNOD = 8
    MKDIR = 9
    UNLINK = 10
    RMDIR = 11
    RENAME = 12
    OPEN = 14
    READ = 15
    WRITE = 16
    STATFS = 17
    RELEASE = 18
    FSYNC = 20
    FLUSH = 25
    INIT = 26
    OPENDIR = 27
    READDIR = 28
    RELEASEDIR = 29
    FSYNCDIR = 30
    CREATE = 35
    INTERRUPT = 36
    DESTROY = 38
    BATCH_FORGET = 42
    RENAME2 = 45
    SYNCFS = 50


class Valid(IntFlag):
    """Which fields of a SETATTR count."""

    MODE = 1
    UID = 2
    GID = 4
    SIZE = 8
    MTIME = 32


BIG_WRITES, MAX_PAGES, KEEP_CACHE = 1 << 5, 1 << 22, 1 << 1
NO_ANSWER = frozenset({Op.FORGET, Op.BATCH_FORGET, Op.INTERRUPT})

ASKED = Struct("<IIQQIIIHH")
ANSWER = Struct("<IiQ")
ATTR = Struct("<6Q10I")
ENTRY = Struct("<4Q2I")
ATTR_HEAD = Struct("<QII")
OPENED = Struct("<QII")
INIT_IN = Struct("<IIII")
INIT_OUT = Struct("<IIIIHHIIHHI28x")
SETATTR_IN = Struct("<II6Q8I")
MKNOD_IN = Struct("<IIII")
MKDIR_IN = Struct("<II")
CREATE_IN = Struct("<IIII")
RENAME_IN = Struct("<Q")
RENAME2_IN = Struct("<QII")
READ_IN = Struct("<QQIIQII")
WRITE_IN = READ_IN
WRITE_OUT = Struct("<II")
FORGET_IN = Struct("<Q")
BATCH_IN = Struct("<II")
ONE_FORGET = Struct("<QQ")
STATFS_OUT = Struct("<5Q4I24x")
DIRENT = Struct("<QQII")
