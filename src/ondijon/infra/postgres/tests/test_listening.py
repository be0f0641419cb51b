"""Other hosts reach the database as the post's own role only, from the addresses planned, with a password."""

from pathlib import Path

from ondijon.infra.postgres.listening import HBA_NAME, Listening


def test_only_the_planned_hosts_and_only_the_post_may_come(tmp_path: Path) -> None:
    listening = Listening("10.0.0.1", ("10.0.0.1", "10.0.0.2"), "secret")
    listening.write_rules(tmp_path, None, "ondijon", "ondijon_post")
    assert (tmp_path / HBA_NAME).read_text().splitlines() == [
        "local all all trust",
        "host ondijon ondijon_post 10.0.0.1/32 scram-sha-256",
        "host ondijon ondijon_post 10.0.0.2/32 scram-sha-256",
    ]
    assert listening.settings(tmp_path)["listen_addresses"] == "10.0.0.1"
    assert listening.dsn("ondijon", "ondijon_post") == "postgresql://ondijon_post:secret@10.0.0.1:5432/ondijon"
