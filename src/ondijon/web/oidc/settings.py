"""How a post is tied to an OpenID provider: a file that a person writes and reads."""

import tomllib
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import Grant, Role

# Signatures that only the provider can make; `none` and the HMAC family, keyed with what is public, never count.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")


class GroupGrant(Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever is in this group of the directory holds this role, there, in these trades (`*` = all)."""

    group: str
    role: str
    communes: tuple[str, ...]
    trades: tuple[str, ...]


class OidcSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`oidc.toml`: secret_file is beside it; console_url is how people reach the console, without a path."""

    issuer: str
    client_id: str
    secret_file: str
    label: str
    console_url: str
    grant: tuple[GroupGrant, ...]
    groups_claim: str = "groups"
    name_claim: str = "name"
    username_claim: str = "preferred_username"
    scopes: tuple[str, ...] = ("openid", "profile")
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")

    @property
    def redirect_uri(self) -> str:
        return f"{self.console_url}/api/oidc/back"


def read_settings(path: Path, roles: Mapping[str, Role]) -> tuple[OidcSettings, str] | None:
    """The settings and the client's secret, None when the file is absent; raises Refused with what is wrong."""
    if not path.exists():
        return None
    try:
        settings = msgspec.convert(tomllib.loads(path.read_text("utf-8")), OidcSettings)
        secret = (path.parent / settings.secret_file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused("error.bad_oidc", problem=str(error)) from error
    check_settings(settings, roles)
    if not secret:
        raise Refused("error.bad_oidc", problem="the secret is empty")
    return settings, secret


def check_settings(settings: OidcSettings, roles: Mapping[str, Role]) -> None:
    """Raise Refused where a sign-in could be read on the way, forged, or give a role that is not in the table."""
    for name, url in (("issuer", settings.issuer), ("console_url", settings.console_url)):
        if not is_safe_url(url):
            raise Refused("error.bad_oidc", problem=f"{name}: https, or http on loopback")
    if urlsplit(settings.console_url).path or settings.console_url.endswith("/"):
        raise Refused("error.bad_oidc", problem="console_url: without a path")
    weak = sorted(set(settings.algorithms) - set(ALGORITHMS))
    if weak or not settings.algorithms:
        raise Refused("error.bad_oidc", problem=f"algorithms: {', '.join(weak) or 'none'}")
    if "openid" not in settings.scopes:
        raise Refused("error.bad_oidc", problem="scopes: openid is missing")
    for one in settings.grant:
        if one.role not in roles:
            raise Refused("error.bad_oidc", problem=f"no role {one.role}")


def is_safe_url(url: str) -> bool:
    """https without a user in it, or plain http where nothing leaves the machine."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None or parts.fragment or parts.query:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def grants_of(settings: OidcSettings, groups: Sequence[str], roles: Mapping[str, Role]) -> tuple[Grant, ...]:
    """What somebody in these groups holds, in the order of the file; nothing for groups it does not name."""
    return tuple(
        Grant(one.role, one.communes, one.trades, roles[one.role].verbs)
        for one in settings.grant
        if one.group in groups
    )
