"""What people write in the logbook."""

from msgspec import Struct


class Write(Struct, frozen=True):
    """A line in a person's own words; without a trade it is the room's, without a commune everybody's of that trade."""

    text: str
    trade: str | None = None
    commune: str | None = None
    subject: str | None = None


class Correct(Struct, frozen=True):
    """A new line that says what the line named should have said."""

    line_no: int
    text: str
