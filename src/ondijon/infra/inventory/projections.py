"""Reference systems: the one that the mapping names, and whether a file agrees."""

import pyproj
from pyproj.exceptions import ProjError

from ondijon.infra.inventory.mapping import Dataset
from ondijon.kernel.errors import Refused

_SAME_DEG = 1e-5  # about a metre


def find_system(dataset: Dataset, words: str | None = None) -> pyproj.CRS:
    """The system of these words, or the mapping's; raises Refused when nobody knows it."""
    try:
        return pyproj.CRS(dataset.crs if words is None else words)
    except ProjError as error:
        told = dataset.crs if words is None else words.strip()[:60]
        raise Refused("error.import_bad_crs", file=dataset.file, crs=told) from error


def check_projection(words: str, dataset: Dataset) -> None:
    """Raise Refused when what a file says of its system is not what the mapping says.

    Names of one system differ between tools, so both are asked where the middle of the mapping's area lies.
    """
    theirs, ours = find_system(dataset, words), find_system(dataset)
    if ours.area_of_use is None:
        return
    west, south, east, north = ours.area_of_use.bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    place = pyproj.Transformer.from_crs("EPSG:4326", ours, always_xy=True).transform(lon, lat)
    found = pyproj.Transformer.from_crs(theirs, "EPSG:4326", always_xy=True).transform(*place)
    if not all(abs(one - other) < _SAME_DEG for one, other in zip(found, (lon, lat), strict=True)):
        raise Refused("error.import_other_crs", file=dataset.file, crs=dataset.crs, found=theirs.name)
