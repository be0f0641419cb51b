"""Whether the post does its work again, asked from outside."""

import time
from typing import Any

import httpx

from tests.faults.acts import dim_body
from tests.faults.deadline import until
from tests.faults.field_gateway import FieldGateway
from tests.faults.running_post import RunningPost
from tests.faults.town import CABINETS, own_gateway, own_light, own_light_urn

PROBE = 7
COME_BACK_LIMIT_S = 60.0


def _is_in(post: RunningPost, value: float) -> bool:
    sql = "SELECT count(*) FROM readings JOIN twins USING (twin_no) WHERE urn = $1 AND value = $2"
    return post.count(sql, own_light_urn(PROBE, 0), value) == 1


def gateway_can_sign_in(post: RunningPost) -> None:
    """Wait until a device that was not connected gets in."""

    def signed_in() -> bool:
        probe = FieldGateway(post, own_gateway(PROBE))
        try:
            probe.try_connect()
            until("an answer", lambda: probe.connected_at or probe.refused, 10)
        except OSError:
            return False
        finally:
            probe.leave()
        return bool(probe.connected_at)

    until("a gateway can sign in", signed_in, COME_BACK_LIMIT_S)


def reading_is_taken_in(post: RunningPost) -> None:
    """Wait until a device gets in and its reading is in the history."""
    gateway_can_sign_in(post)
    value = round(time.time() % 1e6, 3)
    with FieldGateway(post, own_gateway(PROBE), keeps_trying=True) as gateway:
        gateway.send(gateway.up + "telemetry", gateway.next_pack({"n": f"{own_light(PROBE, 0)}/power", "v": value}))
        until("a reading is taken in", lambda: _is_in(post, value), COME_BACK_LIMIT_S)


def page_is_served(post: RunningPost) -> None:
    """Wait until the console answers and says that every role is ready."""
    until("the page is served", post.is_ready, COME_BACK_LIMIT_S)


def simulated_field_reports(post: RunningPost) -> None:
    """Wait until every simulated cabinet has said something new."""
    since = post.rows("SELECT max(received_at) AS at FROM readings")[0]["at"]
    reports = """SELECT count(DISTINCT gateway) FROM readings JOIN twins USING (twin_no)
                 WHERE gateway LIKE 'CAB-%' AND received_at > $1"""
    until("every cabinet has reported", lambda: post.count(reports, since) == CABINETS, COME_BACK_LIMIT_S)


def command_is_taken(post: RunningPost) -> None:
    """Wait until an order has been written down."""
    claire, body = post.desk("claire"), dim_body(own_light_urn(PROBE, 1), level_pct=20, expires_s=5)

    def taken() -> Any:
        try:
            return claire.ask("/api/commands", body).status_code == 202
        except httpx.HTTPError:
            return False

    until("a command is taken", taken, COME_BACK_LIMIT_S)
