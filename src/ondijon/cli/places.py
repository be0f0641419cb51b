"""Where a post keeps its things below its home, and the card that lets its processes find one another."""

import os
import secrets
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from ondijon.infra.clocks import Anchor, HomeTime, SystemClock
from ondijon.kernel.errors import NotFound, Refused

PACKAGE = Path(__file__).resolve().parents[1]
CITIES = PACKAGE / "cities"
CARD_NAME = "post.json"


class MqttSignIn(TypedDict):
    """A broker's address, further nodes of its cluster, and one of its users."""

    host: str
    port: int
    username: str | None
    password: str | None
    others: tuple[tuple[str, int], ...]


class PostCard(Struct, frozen=True):
    """What the supervisor tells its roles: engines, city, port, the home's time, and what it is reckoned from.

    Of several hosts: which one this is, further nodes of the broker, and into how many shares the field is divided.
    """

    city: str
    http_port: int
    database_url: str
    bus_url: dict[str, str]
    mqtt_url: dict[str, str]
    time: HomeTime
    anchor: Anchor
    callout: tuple[str, str, str] | None
    node: str = ""
    http_address: str = "127.0.0.1"
    mqtt_others: tuple[tuple[str, int], ...] = ()
    shares: int = 1

    def mqtt_sign_in(self, role: str) -> MqttSignIn:
        """Where the broker is, and who a role is there."""
        parts = urlsplit(self.mqtt_url[role])
        return MqttSignIn(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 1883,
            username=parts.username,
            password=parts.password,
            others=self.mqtt_others,
        )

    def clock(self) -> SystemClock:
        """The post's time."""
        return SystemClock(self.time, self.anchor)


class DemoPassword(Struct, frozen=True):
    """An account of the demonstration, as printed at the start and offered on the sign-in page."""

    username: str
    name: str
    role: str
    password: str
    label: dict[str, str]


def city_folder(city: str) -> Path:
    """The data folder of a city; raises NotFound."""
    folder = CITIES / city
    if not city.isidentifier() or not (folder / "city.toml").exists():
        raise NotFound("error.city_not_found", city=city)
    return folder


def home_of(city: str, home: str | None) -> Path:
    """The home asked for, or var/<city> below the working directory; made when it is missing."""
    folder = Path(home) if home else Path("var") / city
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def write_card(home: Path, card: PostCard) -> None:
    """Leave the card for the roles, readable by this user only (it holds passwords)."""
    write_private(home / CARD_NAME, msgspec.json.encode(card))


def read_card(home: Path) -> PostCard:
    """The card of a running post; raises Refused when none runs here."""
    try:
        return msgspec.json.decode((home / CARD_NAME).read_bytes(), type=PostCard)
    except (OSError, msgspec.DecodeError) as error:
        raise Refused("error.no_post_here", home=str(home)) from error


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step, readable by its owner only."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    fresh.rename(path)


def metrics_token(home: Path) -> bytes:
    """What a collector of metrics must show: 256 bits in the home's `metrics-token`, made when it is missing."""
    path = home / "metrics-token"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32).encode())
    return path.read_bytes().strip()


def field_key(home: Path) -> bytes:
    """The demonstration's own secret, from which its simulated gateways' secrets are derived."""
    path = home / "field.key"
    if not path.exists():
        write_private(path, secrets.token_bytes(32))
    return path.read_bytes()
