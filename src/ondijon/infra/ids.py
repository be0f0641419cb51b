"""UUIDv7 ids (RFC 9562)."""

from uuid import UUID

from uuid_utils.compat import uuid7


class UuidSource:
    """Unique ids in order of creation."""

    def new_id(self) -> UUID:
        return uuid7()
