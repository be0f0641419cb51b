"""The annunciator keeps the alarm list: each alarm that is not over stands in exactly one card."""

from ondijon.runtime.annunciator.annunciator import CARD_SUBJECT, Annunciator

__all__ = ["CARD_SUBJECT", "Annunciator"]
