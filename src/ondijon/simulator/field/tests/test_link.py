"""What a connection does with messages while there is none."""

import numpy as np

from ondijon.simulator.field.link import Door, Letter, Link

DOOR = Door("127.0.0.1", 1, keepalive_s=60, retry_min_s=0.1, retry_max_s=1.0, packs_kept=3, packs_in_flight=2)


def make_link() -> Link:
    return Link(DOOR, "CAB-0", "secret", will=None, subscribe="x/#", rng=np.random.default_rng(1))


async def test_while_offline_the_oldest_packs_give_way_and_are_counted() -> None:
    link = make_link()
    for number in range(5):
        link.send("up", b"%d" % number, droppable=True)
    assert (link.dropped, link.waiting) == (2, 3)


async def test_acknowledgements_do_not_give_way_to_packs() -> None:
    link = make_link()
    link.send("ack", b"{}")
    for number in range(5):
        link.send("up", b"%d" % number, droppable=True)
    assert link.waiting == 4


async def test_what_a_forgetful_broker_did_not_acknowledge_waits_again() -> None:
    link = make_link()
    link.requeue([Letter("up", b"1"), Letter("up", b"2")])
    assert link.waiting == 2


async def test_leaving_without_a_connection_takes_no_time() -> None:
    await make_link().leave()
