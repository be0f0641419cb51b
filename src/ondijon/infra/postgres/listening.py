"""A database that other hosts of the post reach: bound to one address, for the post's own role and these hosts only."""

import os
from dataclasses import dataclass
from pathlib import Path

from ondijon.infra.child_process import Account

PORT = 5432
HBA_NAME = "hosts.hba"
# A host that is cut off says nothing: what it holds is let go after about six seconds.
_KEEPALIVE = {
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "6000",
}


@dataclass(frozen=True)
class Listening:
    """Where the server listens beside its socket, who may come (addresses), and the password of the post's role."""

    address: str
    hosts: tuple[str, ...]
    password: str

    def settings(self, folder: Path) -> dict[str, str]:
        """The server's settings for it; `folder` is where `write_rules` left its file."""
        return {
            "listen_addresses": self.address,
            "hba_file": str(folder / HBA_NAME),
            "password_encryption": "scram-sha-256",
            **_KEEPALIVE,
        }

    def write_rules(self, folder: Path, account: Account | None, database: str, role: str) -> None:
        """Who may sign in from where: everybody by the socket, whose folder only we may enter, and these hosts."""
        lines = ["local all all trust"]
        lines += [f"host {database} {role} {host}/32 scram-sha-256" for host in self.hosts]
        path = folder / HBA_NAME
        path.write_text("\n".join(lines) + "\n", "utf-8")
        path.chmod(0o600)
        if account is not None:
            os.chown(path, account.uid, account.gid)

    def dsn(self, database: str, role: str) -> str:
        """The address for other hosts."""
        return f"postgresql://{role}:{self.password}@{self.address}:{PORT}/{database}"
