"""Names for the array types that the hot path uses."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Bytes8 = NDArray[np.uint8]
Ints8 = NDArray[np.int8]
Ints16 = NDArray[np.int16]
Ints32 = NDArray[np.int32]
Ints64 = NDArray[np.int64]
Floats = NDArray[np.float64]
AnyArray = NDArray[Any]
