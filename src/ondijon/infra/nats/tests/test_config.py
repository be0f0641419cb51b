"""What a broker is told: nothing beyond loopback for one host; the other nodes, three copies and shares for three."""

from pathlib import Path

from ondijon.infra.nats.config import Node, Ports, render_config
from ondijon.infra.nats.secrets_file import read_or_make_secrets

NODES = ("10.0.0.1", "10.0.0.2", "10.0.0.3")


def test_one_host_listens_on_loopback_and_knows_no_other(tmp_path: Path) -> None:
    keys = read_or_make_secrets(tmp_path / "secrets.json")
    text = render_config(tmp_path, Ports(), keys, "1s")
    assert text.count('listen: "127.0.0.1:') == 2
    assert not any(word in text for word in ("cluster {", "stream_replicas", "mappings"))


def test_a_node_of_three_names_the_other_two_keeps_three_copies_and_maps_the_field_to_shares(tmp_path: Path) -> None:
    keys = read_or_make_secrets(tmp_path / "secrets.json")
    text = render_config(tmp_path, Ports(4222, 1883), keys, "1s", Node(NODES[1], NODES, keys, "secret", 4))
    assert 'routes: ["nats://routes:secret@10.0.0.1:6222", "nats://routes:secret@10.0.0.3:6222"]' in text
    assert [f'listen: "10.0.0.2:{port}"' in text for port in (4222, 1883, 6222)] == [True] * 3
    assert "stream_replicas: 3" in text
    assert '"ondijon.1.up.*.>": "ondijon.1.share.{{partition(4,1)}}.{{wildcard(1)}}.>"' in text
    assert 'server_name: "ondijon-10.0.0.2"' in text


def test_a_single_node_of_several_hosts_has_no_cluster(tmp_path: Path) -> None:
    keys = read_or_make_secrets(tmp_path / "secrets.json")
    text = render_config(tmp_path, Ports(4222, 1883), keys, "1s", Node(NODES[0], NODES[:1], keys, "secret", 1))
    assert 'listen: "10.0.0.1:4222"' in text
    assert not any(word in text for word in ("cluster {", "stream_replicas", "mappings"))
