"""Smooth seeded noise over the plane, for organic lines and uneven density."""

import numpy as np

from ondijon.kernel.arrays import Floats

_TABLE = 64


class Noise:
    """Value noise: a random lattice, interpolated smoothly; the same seed gives the same plane."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._lattice = rng.uniform(-1.0, 1.0, (_TABLE, _TABLE))

    def at(self, points: Floats, wavelength_m: float) -> Floats:
        """Values in -1..1 at points (n, 2)."""
        scaled = points / wavelength_m
        cell = np.floor(scaled)
        part = scaled - cell
        part = part * part * (3.0 - 2.0 * part)
        x, y = (cell.astype(np.int64) % _TABLE).T
        right, up = (x + 1) % _TABLE, (y + 1) % _TABLE
        px, py = part.T
        low = self._lattice[x, y] * (1 - px) + self._lattice[right, y] * px
        high = self._lattice[x, up] * (1 - px) + self._lattice[right, up] * px
        values: Floats = low * (1 - py) + high * py
        return values

    def octaves(self, points: Floats, wavelength_m: float, count: int) -> Floats:
        """A sum of `count` noises, each of half the wavelength and half the height of the one before."""
        total = np.zeros(len(points), dtype=np.float64)
        for octave in range(count):
            shifted = points + 977.0 * (octave + 1)
            total += self.at(shifted, wavelength_m / 2**octave) / 2**octave
        return total


class Warp:
    """A small smooth displacement of the whole plane: what met before still meets after."""

    def __init__(self, rng: np.random.Generator, wavelength_m: float, height_m: float, octaves: int) -> None:
        self._x, self._y = Noise(rng), Noise(rng)
        self._wavelength_m, self._height_m, self._octaves = wavelength_m, height_m, octaves

    def moved(self, points: Floats) -> Floats:
        """Where points (n, 2) go."""
        shift = np.column_stack(
            [noise.octaves(points, self._wavelength_m, self._octaves) for noise in (self._x, self._y)]
        )
        result: Floats = points + shift * self._height_m
        return result
