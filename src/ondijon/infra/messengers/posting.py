"""One HTTP POST to somebody else's server: no redirect, no proxy, no cookie, a short look at the answer."""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping

from msgspec import Struct

from ondijon.kernel.errors import EngineAway, Refused

_MOST_ANSWER_BYTES = 16_384
# Too early, too many, timeout: the same request may do later (RFC 9110, RFC 6585).
_LATER = frozenset({408, 425, 429})
MakeTls = Callable[[], ssl.SSLContext]


class Answer(Struct, frozen=True):
    """What a server said that took the message; at most 16 KiB of its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def post_json(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    timeout_s: float,
    make_tls: MakeTls,
    server_name: str | None = None,
) -> Answer:
    """POST and return a 2xx answer; raises EngineAway for what may be tried again, Refused for what may not.

    server_name: whose certificate must be shown when `url` names an address instead.
    """
    # Its libraries take a sixth of a second, which a post that tells nobody does without.
    import httpx

    extensions = {} if server_name is None else {"sni_hostname": server_name}
    sent = {"Content-Type": "application/json", "User-Agent": "OnDijon", **headers}
    try:
        async with (
            httpx.AsyncClient(verify=make_tls(), timeout=timeout_s, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, content=body, headers=sent, extensions=extensions) as response,
        ):
            answer = Answer(response.status_code, response.headers, await _read(response.aiter_raw()))
    except httpx.HTTPError as error:
        raise EngineAway("error.receiver_away", detail=f"{type(error).__name__} {error}"[:200]) from error
    if 200 <= answer.status < 300:
        return answer
    if answer.status >= 500 or answer.status in _LATER:
        raise EngineAway("error.receiver_away", detail=str(answer.status))
    raise Refused("error.receiver_refused", detail=str(answer.status))


async def _read(chunks: AsyncIterator[bytes]) -> bytes:
    kept = bytearray()
    async for chunk in chunks:
        kept += chunk[: _MOST_ANSWER_BYTES - len(kept)]
        if len(kept) >= _MOST_ANSWER_BYTES:
            break
    return bytes(kept)
