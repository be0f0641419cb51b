"""Every property, attribute and event declares its data class, purpose and retention; what does not, does not load."""

from enum import StrEnum

from msgspec import Struct


class DataClass(StrEnum):
    """How close a value is to a person."""

    PUBLIC = "public"
    OPERATIONAL = "operational"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class Privacy(Struct, frozen=True):
    """What a value is, why it is kept (a catalogue key), and for how many days at most."""

    data_class: DataClass
    purpose: str
    retention_days: int
