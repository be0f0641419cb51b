"""Whatever is broken in whatever file: the import is refused with the file's name and a reason."""

import shutil
import tomllib
from pathlib import Path

import pytest
from msgspec import convert

import ondijon
from ondijon.infra.inventory import read_boundaries, read_inventory
from ondijon.infra.inventory.folder import SourceFolder
from ondijon.infra.inventory.mapping import Dataset, Mapping, read_mapping
from ondijon.infra.inventory.tests.conftest import MAPPING
from ondijon.infra.inventory.tests.corruption import Corrupt, cases
from ondijon.infra.inventory.tests.whole_town import MORE, datasets_of, furnish
from ondijon.kernel.errors import Refused

CITIES = Path(ondijon.__file__).parent / "cities"
SHARED = CITIES.parents[2].parent / "shared" / "data"


def _made() -> list[tuple[str, Corrupt]]:
    mapping = convert(tomllib.loads(MAPPING + MORE), Mapping)
    return [(dataset.file, corrupt) for dataset, corrupt in cases(datasets_of(mapping))]


def _published() -> list[tuple[str, Dataset, Corrupt]]:
    found = [("montpellier", *case) for case in cases(datasets_of(read_mapping(CITIES / "montpellier")[1]))]
    return [*found, *(("dijon", *case) for case in cases(datasets_of(read_mapping(CITIES / "dijon")[1])))]


def _name(value: object) -> str | None:
    if isinstance(value, Dataset):
        return value.file
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(("file", "corrupt"), _made(), ids=_name)
def test_a_broken_file_of_a_made_town_refuses_the_import(town: Path, file: str, corrupt: Corrupt) -> None:
    furnish(town)
    dataset = next(one for one in datasets_of(read_mapping(town)[1]) if one.file == file)
    corrupt(town / file, dataset)
    with pytest.raises(Refused) as refusal:
        read_inventory(town, town)
    assert refusal.value.values["file"] == file
    assert refusal.value.key.startswith("error.import_")


@pytest.mark.parametrize(("city", "dataset", "corrupt"), _published(), ids=_name)
def test_a_broken_copy_of_a_published_file_is_refused(
    tmp_path: Path, city: str, dataset: Dataset, corrupt: Corrupt
) -> None:
    source = SHARED / city / dataset.file
    if not source.exists():
        pytest.skip(f"the published file is not at ../shared/data/{city}")
    copy = tmp_path / dataset.file
    shutil.copy(source, copy)
    corrupt(copy, dataset)
    with pytest.raises(Refused) as refusal:
        SourceFolder(tmp_path).read(dataset)
    assert refusal.value.values["file"] == dataset.file


def test_borders_without_a_commune_are_refused_too(tmp_path: Path) -> None:
    (tmp_path / "communes.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    with pytest.raises(Refused):
        read_boundaries(CITIES / "dijon", tmp_path)
