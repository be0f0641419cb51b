"""Fields that close their files when a test is over."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ondijon.simulator.field.tests.small_city import SmallField

MakeField = Callable[..., SmallField]


@pytest.fixture
def make_field(tmp_path: Path) -> Iterator[MakeField]:
    """Makes small fields; called twice it is the same field after a restart."""
    made: list[SmallField] = []

    def make(**wanted: Any) -> SmallField:
        made.append(SmallField(tmp_path, **wanted))
        return made[-1]

    yield make
    for field in made:
        field.close()


@pytest.fixture
def field(make_field: MakeField) -> SmallField:
    return make_field()
