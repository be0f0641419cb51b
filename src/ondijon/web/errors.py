"""Errors leave as a catalogue key, its values and an HTTP status, never as a sentence or a stack trace."""

import logging
from typing import Any

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from ondijon.kernel.errors import FieldFault, NotAllowed, NotFound, OndijonError, Refused

_LOG = logging.getLogger(__name__)

AnyRequest = Request[Any, Any, Any]
Body = dict[str, Any]


class NotSignedIn(OndijonError):
    """Nobody is signed in here, or not any more."""


class Locked(OndijonError):
    """The session stands locked until its person has proved again who it is."""


class BadOrigin(OndijonError):
    """The request does not come from our own screens."""


class TooOften(OndijonError):
    """Tried too many times; `retry_s` among the values tells when to come back."""


class TooLarge(OndijonError):
    """More bytes or more picture than we take."""


# First match counts. ConnectionError: an engine is away for the moment (the rows port says so with one).
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotSignedIn, 401),
    (Locked, 423),
    (BadOrigin, 403),
    (NotAllowed, 403),
    (NotFound, 404),
    (TooOften, 429),
    (TooLarge, 413),
    (Refused, 400),
    (ConnectionError, 503),
    (FieldFault, 502),
)
# Refusals that mean that somebody else was first.
_CONFLICTS = frozenset({"error.already_undone", "error.not_awaiting", "error.changed_meanwhile"})
_KEY_OF_STATUS = {
    400: "error.bad_request",
    401: "error.not_signed_in",
    403: "error.not_allowed",
    404: "error.not_found",
    405: "error.not_found",
    413: "error.too_large",
    429: "error.too_often",
}


def status_of(error: OndijonError) -> int:
    """The HTTP status of one of our errors."""
    if isinstance(error, Refused) and error.key in _CONFLICTS:
        return 409
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def error_body(error: OndijonError) -> Body:
    """What a client gets to read of an error."""
    return {"error": {"key": error.key, "values": dict(error.values)}}


def _answer(status: int, body: Body, headers: dict[str, str] | None = None) -> Response[Body]:
    return Response(body, status_code=status, media_type=MediaType.JSON, headers=headers)


def answer_ours(_: AnyRequest, error: OndijonError) -> Response[Body]:
    status = status_of(error)
    if status >= 500:
        _LOG.error("refused with %d: %s", status, error)
    retry = {"Retry-After": str(error.values["retry_s"])} if isinstance(error, TooOften) else None
    return _answer(status, error_body(error), retry)


def answer_http(_: AnyRequest, error: HTTPException) -> Response[Body]:
    status = error.status_code
    key = _KEY_OF_STATUS.get(status, "error.bad_request" if status < 500 else "error.server")
    if status >= 500:
        _LOG.error("the framework failed", exc_info=error)
    return _answer(status, {"error": {"key": key, "values": {}}})


def answer_fault(_: AnyRequest, error: Exception) -> Response[Body]:
    _LOG.error("a request failed", exc_info=error)
    return _answer(500, {"error": {"key": "error.server", "values": {}}})


ERROR_ANSWERS: ExceptionHandlersMap = {
    OndijonError: answer_ours,
    HTTPException: answer_http,
    Exception: answer_fault,
}
