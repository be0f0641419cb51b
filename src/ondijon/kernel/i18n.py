"""Words live in catalogues, one flat table of keys for each language."""

from collections.abc import Mapping

LANGUAGES = ("fr", "en")
Catalogue = Mapping[str, str]


def say(catalogue: Catalogue, key: str, values: Mapping[str, str | int | float]) -> str:
    """The sentence of a key with its values put in; an unknown key is shown as itself, so that nothing is hidden."""
    return catalogue.get(key, key).format_map(dict(values))
