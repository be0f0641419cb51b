"""The file that ties a post to a directory."""

from pathlib import Path

import pytest

from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import Grant, Role
from ondijon.web.oidc.settings import grants_of, is_safe_url, read_settings

ROLES = {"operator": Role("Opérateur", "Operator", ("see", "log")), "agent": Role("Agent", "Agent", ("see",))}
TEXT = """
issuer = "https://identite.example"
client_id = "ondijon"
secret_file = "oidc-secret"
label = "Compte de la métropole"
console_url = "https://console.example"

[[grant]]
group = "poste"
role = "operator"
communes = ["*"]
trades = ["*"]

[[grant]]
group = "mairie-fenay"
role = "agent"
communes = ["21263"]
trades = ["lighting"]
"""


def write(folder: Path, text: str, secret: str = "s3cret\n") -> Path:
    (folder / "oidc-secret").write_text(secret, "utf-8")
    path = folder / "oidc.toml"
    path.write_text(text, "utf-8")
    return path


def test_without_the_file_accounts_are_local_only(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "oidc.toml", ROLES) is None


def test_groups_become_roles_on_communes_and_trades_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = read_settings(write(tmp_path, TEXT), ROLES)
    assert found is not None
    settings, secret = found
    assert (secret, settings.redirect_uri) == ("s3cret", "https://console.example/api/oidc/back")
    assert grants_of(settings, ["mairie-fenay", "cantine", "poste"], ROLES) == (
        Grant("operator", ("*",), ("*",), ("see", "log")),
        Grant("agent", ("21263",), ("lighting",), ("see",)),
    )
    assert grants_of(settings, ["cantine"], ROLES) == ()


WRONG = (
    ("https://identite.example", "http://identite.example"),
    ("https://console.example", "http://console.example"),
    ("https://console.example", "https://console.example/app"),
    ("https://console.example", "https://console.example/"),
    ('role = "agent"', 'role = "boss"'),
    ('client_id = "ondijon"', 'client_id = "ondijon"\nalgorithms = ["none"]'),
    ('client_id = "ondijon"', 'client_id = "ondijon"\nalgorithms = ["RS256", "HS256"]'),
    ('client_id = "ondijon"', 'client_id = "ondijon"\nalgorithms = []'),
    ('client_id = "ondijon"', 'client_id = "ondijon"\nscopes = ["profile"]'),
    ('client_id = "ondijon"', 'client_id = "ondijon"\nclient_secret = "in the open"'),
    ('secret_file = "oidc-secret"', 'secret_file = "elsewhere"'),
    ("[[grant]]", "[[grant"),
)


@pytest.mark.parametrize(("right", "wrong"), WRONG)
def test_settings_that_would_be_read_or_forged_are_refused(tmp_path: Path, right: str, wrong: str) -> None:
    with pytest.raises(Refused) as refused:
        read_settings(write(tmp_path, TEXT.replace(right, wrong)), ROLES)
    assert refused.value.key == "error.bad_oidc"


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        read_settings(write(tmp_path, TEXT, " \n"), ROLES)


def test_plain_http_is_for_loopback_alone() -> None:
    safe = (
        "https://id.example",
        "https://id.example/realms/ville",
        "http://127.0.0.1:9",
        "http://[::1]:9",
        "http://localhost",
    )
    unsafe = ("http://id.example", "http://10.0.0.1", "ftp://id.example", "https://", "//id.example", "https://u:p@id.example",
              "https://id.example?x=1", "https://id.example#x", "http://127.0.0.1.example", "")  # fmt: skip
    assert [is_safe_url(url) for url in (*safe, *unsafe)] == [True] * len(safe) + [False] * len(unsafe)
