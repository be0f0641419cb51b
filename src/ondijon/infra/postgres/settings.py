"""The server's settings: nothing acknowledged may be lost, and a crash recovers within 10 s."""

from collections.abc import Mapping
from pathlib import Path

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "lz4",
    "wal_buffers": "16MB",
    # Recovery after a kill replays at most this much: 1 GB keeps it within the 10 s of the trust page.
    "max_wal_size": "1GB",
    "min_wal_size": "256MB",
    # An archive of the log that is away for long must not fill the disk: its next base backup begins anew.
    "max_slot_wal_keep_size": "8GB",
    "checkpoint_timeout": "5min",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "",
}


def command_line(data_dir: Path, socket_dir: Path, overrides: Mapping[str, str]) -> list[str]:
    """The server's arguments; they stand here and not in the data folder, so they are never out of date."""
    settings = {**SETTINGS, "unix_socket_directories": str(socket_dir), **overrides}
    argv = ["-D", str(data_dir)]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    return argv
