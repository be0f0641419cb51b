"""The join file says who does what, and refuses what cannot work."""

import argparse
from pathlib import Path

import pytest

from ondijon.cli.join import JOIN_NAME, SHARES, parse_hosts, read_join, run_join
from ondijon.kernel.errors import Refused

THREE = ["10.0.0.1=postgres,nats,core", "10.0.0.2=nats,gateway", "10.0.0.3=nats,gateway,web"]


async def _join(home: Path, hosts: list[str]) -> None:
    await run_join(argparse.Namespace(city="dijon", home=str(home), host=hosts))


async def test_each_host_is_told_the_database_its_nearest_broker_first_and_the_names_of_its_twins(
    tmp_path: Path,
) -> None:
    await _join(tmp_path, THREE)
    join = read_join(tmp_path / JOIN_NAME)
    assert join.nodes_for("10.0.0.3") == ["10.0.0.3", "10.0.0.1", "10.0.0.2"]
    assert join.bus_url("10.0.0.2", "post.gateway").count("nats://post.gateway:") == 3
    assert join.database_url().endswith("@10.0.0.1:5432/ondijon")
    assert (join.shares, join.that_do("gateway")) == (SHARES, ["10.0.0.2", "10.0.0.3"])
    assert [join.device("10.0.0.3", name) for name in ("post", "nats", "gateway", "web")] == [
        "post-3",
        "nats-3",
        "gateway-3",
        "web",
    ]
    assert (tmp_path / JOIN_NAME).stat().st_mode & 0o077 == 0


async def test_a_second_plan_keeps_the_secrets_that_others_know_already(tmp_path: Path) -> None:
    await _join(tmp_path, THREE)
    first = read_join(tmp_path / JOIN_NAME)
    await _join(tmp_path, [*THREE[:2], "10.0.0.4=nats,gateway,web"])
    second = read_join(tmp_path / JOIN_NAME)
    assert (second.bus, second.database_password) == (first.bus, first.database_password)
    assert second.hosts[2].address == "10.0.0.4"


@pytest.mark.parametrize(
    ("hosts", "key"),
    [
        (["here=postgres,nats,core,gateway,web"], "error.join_bad_host"),
        (["10.0.0.1=postgres,nats,core,gateway,web,cook"], "error.join_bad_host"),
        (["10.0.0.1=nats,core,gateway,web"], "error.join_service_count"),
        ([*THREE[:2], "10.0.0.3=nats,gateway,web,core"], "error.join_service_count"),
        (["10.0.0.1=postgres,nats,core", "10.0.0.2=nats,gateway,web"], "error.join_nodes"),
        ([*THREE, "10.0.0.3=gateway"], "error.join_bad_host"),
    ],
)
def test_a_plan_that_cannot_work_is_refused(hosts: list[str], key: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_hosts(hosts)
    assert refused.value.key == key
