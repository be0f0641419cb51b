"""A post on several hosts, started as an integrator does it: `ondijon join`, then `ondijon run --join` on each."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from ondijon.cli.join import JOIN_NAME
from ondijon.infra.child_process import die_with_parent
from ondijon.infra.nats.config import MQTT_PORT
from tests.faults.deadline import until
from tests.faults.running_post import ONDIJON, RunningPost, pid_below, still_alive
from tests.several_hosts.networks import Networks

READY_WITHIN_S = 120.0
PLAN = ("postgres,nats,core", "nats,gateway", "nats,gateway,web")
DATABASE_HOST, SECOND_HOST, CONSOLE_HOST = range(3)


class HostsPost(RunningPost):
    """Three hosts; what the harness asks of a post is asked of the first one's home and the third one's console."""

    def __init__(self, networks: Networks, folder: Path, environ: Mapping[str, str]) -> None:
        self.homes = [folder / f"host-{number}" for number in range(1, len(PLAN) + 1)]
        super().__init__(self.homes[0], environ)
        self.networks = networks
        self.host = networks.addresses[CONSOLE_HOST]
        self._hosts: list[subprocess.Popen[bytes]] = []
        for home in self.homes:
            home.mkdir(exist_ok=True)
            home.chmod(0o711)

    def join(self) -> None:
        """Plan the post."""
        hosts = [f"{address}={does}" for address, does in zip(self.networks.addresses, PLAN, strict=True)]
        self.order("join", *(word for host in hosts for word in ("--host", host)))

    def start(self) -> float:
        """Start all hosts at once; returns the seconds until the console says that every role is ready."""
        began = time.monotonic()
        for number in range(len(PLAN)):
            self._hosts.append(self._start_host(number))
        try:
            until("the post is ready", self.is_ready, READY_WITHIN_S)
        except AssertionError:
            raise AssertionError(f"the post did not start:\n{self.log_tail()}") from None
        return time.monotonic() - began

    def _start_host(self, number: int) -> "subprocess.Popen[bytes]":
        address, home = self.networks.addresses[number], self.homes[number]
        words = ["run", "--join", str(self.home / JOIN_NAME), "--on", address, "--home", str(home)]
        with (home / "post.log").open("ab") as log:
            return subprocess.Popen(
                [*self.networks.within(address), ONDIJON, *words, "--http-address", address, "--port", str(self.port)],
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environ},
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def log_tail(self) -> str:
        tails = [home.joinpath("post.log").read_text("utf-8", "replace").splitlines()[-30:] for home in self.homes]
        return "\n".join(line for tail in tails for line in ["---", *tail])

    def pid_on(self, number: int, name: str) -> int | None:
        """The process of a role or an engine on one host."""
        return pid_below(psutil.Process(self._hosts[number].pid), name)

    def kill_on(self, number: int, name: str) -> None:
        """kill -9 of it."""
        pid = self.pid_on(number, name)
        assert pid is not None, f"{name} does not run on host {number + 1}"
        os.kill(pid, signal.SIGKILL)

    def kill_host(self, number: int) -> None:
        """kill -9 of everything that runs on a host."""
        host = psutil.Process(self._hosts[number].pid)
        family = [host, *host.children(recursive=True)]
        for one in family:
            # The first one's end may already have been that of the others.
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self._hosts[number].wait()
        until("the host is dead", lambda: not still_alive(family), READY_WITHIN_S)

    def start_again(self, number: int) -> None:
        """Start a dead host as at the first time."""
        self._hosts[number] = self._start_host(number)

    def close(self) -> None:
        """End whatever still runs."""
        self._close_desks()
        family = [
            one
            for host in self._hosts
            if host.poll() is None
            for one in [psutil.Process(host.pid), *psutil.Process(host.pid).children(recursive=True)]
        ]
        for host in self._hosts:
            host.terminate()
        for host in self._hosts:
            try:
                host.wait(15)
            except subprocess.TimeoutExpired:
                host.kill()
                host.wait()
        for left in still_alive(family):
            left.kill()

    @property
    def brokers(self) -> Sequence[tuple[str, int]]:
        return [(address, MQTT_PORT) for address in self.networks.addresses]

    def owners(self) -> dict[int, str]:
        """Which gateway role, by its host's address, answers for which share of the field."""
        return {row["share"]: row["owner"] for row in self.rows("SELECT share, owner FROM field_shares")}

    def is_shared(self) -> bool:
        """Whether both gateway roles have two shares each."""
        owners = list(self.owners().values())
        return sorted(owners.count(address) for address in self.networks.addresses) == [0, 2, 2]
