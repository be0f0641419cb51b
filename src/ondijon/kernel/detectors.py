"""A detector derives from readings, and from what it derived before, what one reading alone does not tell."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints32, Ints64
from ondijon.kernel.readings import Columns
from ondijon.kernel.twins import TwinsOfType


class DetectorView(Struct, frozen=True, eq=False):
    """What a detector may look at: columns and identities of every type, and the time."""

    columns: Mapping[str, Columns]
    twins: Mapping[str, TwinsOfType]
    now_us: int


class Derived(Struct, frozen=True, eq=False):
    """New values of the derived properties: shape (writes, rows), observed when the readings were they come from."""

    rows: Ints32
    values: Floats
    observed_us: Ints64


Evolve = Callable[[DetectorView, Ints32], Derived]


class DetectorSpec(Struct, frozen=True, eq=False):
    """One detector: after each batch `evolve(view, rows)` gets the rows of its type that the batch touched.

    It is pure and remembers nothing but the derived properties it `writes` (declared without a wire name): these live
    in the columns and outlive a restart with them. told_steps: by how much each must have moved before consoles and
    history hear of it; 0 = every time, infinite = never.
    """

    key: str
    twin_type: str
    writes: tuple[str, ...]
    told_steps: tuple[float, ...]
    evolve: Evolve
