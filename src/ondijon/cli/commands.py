"""The commands of the command line, one function each."""

import argparse
import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine
from importlib import import_module
from pathlib import Path

from ondijon.cli.bodies import ROLES, load_body
from ondijon.cli.engines import read_city_card
from ondijon.cli.home_clock import shift_clock
from ondijon.cli.places import city_folder, home_of
from ondijon.cli.roles import run_role
from ondijon.infra.role_process import await_go, tell_ready
from ondijon.kernel.errors import Refused

DEFAULT_PORT = 8064
Command = Callable[[argparse.Namespace], Coroutine[None, None, None]]


async def run(options: argparse.Namespace) -> None:
    """A whole post, or one role of it."""
    if options.join:
        await _run_host(options)
        return
    city_folder(options.city)
    home = home_of(options.city, options.home)
    if options.only:
        if options.only not in ROLES:
            raise Refused("error.role_unknown", role=options.only, roles=", ".join(ROLES))
        await _run_one(options.only, home)
        return
    # A role of a running post does without the supervisor's libraries.
    from ondijon.cli.supervise import Wish, supervise

    time = shift_clock(home, options.at, read_city_card(options.city).timezone, options.speed)
    await supervise(Wish(options.city, home, options.port, time, not options.no_simulator, options.mqtt_port))


async def _run_host(options: argparse.Namespace) -> None:
    from ondijon.cli.join import read_join
    from ondijon.cli.one_host import HostWish, run_host

    join = read_join(Path(options.join))
    plan = join.host(options.on or "")
    only = tuple(options.only.split(",")) if options.only else plan.does
    if not set(only) <= set(plan.does):
        raise Refused("error.role_unknown", role=options.only, roles=", ".join(plan.does))
    home = home_of(join.city, options.home)
    time = shift_clock(home, options.at, read_city_card(join.city).timezone, options.speed)
    await run_host(HostWish(join, plan.address, only, home, options.http_address, options.port, time))


async def _run_one(role: str, home: Path) -> None:
    # What is loaded until the city stands stays for good: the collector need not look it through again and again.
    gc.disable()
    load_body(role)
    await_go()
    task = asyncio.ensure_future(run_role(role, home, tell_ready))
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, task.cancel)
    await task


MODULES = {
    "city": ("import_city", "run_city"),
    "sim": ("field_orders", "run_sim_order"),
    "gateway": ("field_orders", "run_gateway_order"),
    "twin": ("field_orders", "run_twin_order"),
    "logbook": ("logbook_file", "run_logbook"),
    "audit": ("audit", "run_audit"),
    "archive": ("archive", "run_archive"),
    "backup": ("backup", "run_backup"),
    "restore": ("backup", "run_restore"),
    "verify": ("backup", "run_verify"),
    "standby": ("standby", "run_standby"),
    "join": ("join", "run_join"),
}


def load_command(name: str) -> Command:
    """The function behind a command's word; the others' libraries are not loaded."""
    if name == "run":
        return run
    module, function = MODULES[name]
    command: Command = getattr(import_module(f"ondijon.cli.{module}"), function)
    return command


def add_parsers(parser: argparse.ArgumentParser) -> None:
    """Declare every command's words."""
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="run a post: engines, roles, console")
    _add_place(running)
    running.add_argument("--port", type=int, default=DEFAULT_PORT, help="console's port on loopback")
    running.add_argument("--mqtt-port", type=int, help="embedded broker's port (default: a free one, kept by the home)")
    running.add_argument("--only", help="run one role of a post that is up; with --join, some services of this host")
    running.add_argument("--join", metavar="FILE", help="be one host of several, as this file plans them")
    running.add_argument("--on", metavar="ADDRESS", help="which of them")
    running.add_argument(
        "--http-address", default="127.0.0.1", help="with --join: where the console listens (default: loopback only)"
    )
    running.add_argument(
        "--at",
        metavar="[YYYY-MM-DDT]HH:MM",
        help="go forward to this local time of day, or to this date and time",
    )
    running.add_argument("--speed", type=float, default=1.0, help="let the post's time run so many times as fast")
    running.add_argument("--no-simulator", action="store_true", help="a real field only")
    city = commands.add_parser("city", help="import a city's real inventory")
    city.add_argument("act", choices=("import",))
    city.add_argument("city")
    city.add_argument("--from", dest="source", required=True, help="folder of the city's files")
    city.add_argument("--home")
    city.add_argument("--report", metavar="FILE", help="all rows left out, as .csv, or with the quality as .json")
    city.add_argument("--strict", action="store_true", help="store nothing when any row has to be left out")
    city.add_argument("--accept-losses", action="store_true", help="even when most objects of one kind would go")
    join = commands.add_parser("join", help="plan a post of several hosts; the file is carried to each of them")
    _add_place(join)
    join.add_argument(
        "--host", action="append", required=True, metavar="ADDRESS=SERVICE,...", help="a host and what it does"
    )
    _add_record_parsers(commands)
    _add_backup_parsers(commands)
    _add_field_parsers(commands)


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--city", default="dijon")
    parser.add_argument("--home", help="where the post keeps its state (default: var/CITY)")


def _add_record_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    logbook = commands.add_parser("logbook", help="check an export of the logbook")
    logbook.add_argument("act", choices=("verify",))
    logbook.add_argument("file")
    logbook.add_argument("--key", help="the public key (base64) that must have signed, as GET /api/logbook/key tells")
    audit = commands.add_parser("audit", help="check the audit log against its chain and its heads")
    _add_place(audit)
    audit.add_argument("act", choices=("verify",))
    archive = commands.add_parser("archive", help="old readings in Parquet files: move what is due, list, check")
    archive.add_argument("act", choices=("run", "status", "verify"))
    _add_place(archive)


def _add_backup_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backup = commands.add_parser("backup", help="take a backup of a post, running or not")
    _add_place(backup)
    backup.add_argument("--to", help="folder of the backups, on another disk (default: what HOME/backup.toml says)")
    backup.add_argument(
        "--keep", type=int, help="delete older backups of that folder, but so many (default: backup.toml)"
    )
    restore = commands.add_parser("restore", help="make a home of a backup, on a bare machine")
    restore.add_argument("--from", dest="source", required=True, help="a backup, or the folder of backups (the newest)")
    restore.add_argument("--home", help="an empty or missing folder (default: var/CITY of the backup)")
    restore.add_argument("--until", metavar="TIME", help="ISO 8601: bring the rows back as they were at this moment")
    restore.add_argument("--alone", action="store_true", help="leave out the archived log: to the backup's own moment")
    verify = commands.add_parser("verify", help="check every bit of a backup")
    verify.add_argument("--from", dest="source", required=True, help="a backup, or the folder of backups (the newest)")
    verify.add_argument("--restore", action="store_true", help="also restore it for a moment and check every table")
    standby = commands.add_parser("standby", help="a second home that follows the first and can take over")
    standby.add_argument("act", choices=("follow", "promote", "leave"))
    standby.add_argument("--home", required=True, help="the standby's own home, on another disk")
    standby.add_argument("--of", help="the home of the running post to follow, for the first time")


def _add_field_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    sim = commands.add_parser("sim", help="break and mend things in the simulated field")
    _add_place(sim)
    sim.add_argument("act", choices=("storm", "fault", "heal", "offline", "report", "cadence"))
    sim.add_argument("--kind", help="lamp_out, day_burner, cycling, cabinet_loss, gateway_loss ...")
    sim.add_argument("--device")
    sim.add_argument("--gateway")
    sim.add_argument("--count", type=int)
    sim.add_argument("--within", type=float, dest="within_s")
    sim.add_argument("--for", type=float, dest="for_s")
    sim.add_argument("--every", type=float, dest="every_s")
    sim.add_argument("--scattered", action="store_true", default=None)
    sim.add_argument("--by-feeder", action="store_true", default=None, help="a storm takes grid feeders one by one")
    sim.add_argument("--feeder", help="a fault at every cabinet of a grid feeder, such as HTA-03")
    sim.add_argument("--uplink", help="a fault at every gateway of an uplink, such as UP-04")
    sim.add_argument("--amount", type=float, help="depends on the kind: which phase, which circuit, seconds ...")
    gateway = commands.add_parser("gateway", help="let a gateway in, or no more")
    _add_place(gateway)
    gateway.add_argument("act", choices=("add", "revoke"))
    gateway.add_argument("gateway")
    twin = commands.add_parser("twin", help="add an object with its gateway")
    _add_place(twin)
    twin.add_argument("act", choices=("add",))
    twin.add_argument("type")
    twin.add_argument("local_id")
    twin.add_argument("--commune", required=True, help="INSEE code")
    twin.add_argument("--position", required=True, help="lon,lat")
    twin.add_argument("--name")
    twin.add_argument("--of-gateway", dest="of_gateway", help="default: the object is its own gateway")
