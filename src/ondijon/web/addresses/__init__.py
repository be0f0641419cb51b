"""Addresses as people say them: an index in memory over a city's streets, house numbers and crossings."""

from ondijon.web.addresses.index import AddressHit, AddressIndex

__all__ = ["AddressHit", "AddressIndex"]
