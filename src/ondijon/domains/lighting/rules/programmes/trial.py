"""A content tried out against what is in force: the lights it touches, resolved before and after."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.programmes.calendar import Nights
from ondijon.domains.lighting.rules.programmes.floors import UnderFloor, lights_held_up, list_under_floor
from ondijon.domains.lighting.rules.programmes.lights import Lights, rows_in
from ondijon.domains.lighting.rules.programmes.model import Content
from ondijon.domains.lighting.rules.programmes.resolve import Allowance, Resolution, resolve
from ondijon.domains.lighting.rules.programmes.sun import Place
from ondijon.kernel.arrays import Bools, Ints32


class Ground(Struct, frozen=True, eq=False):
    """What a content is tried out on: the lights, what is in force, the nights, what policies allow in them."""

    lights: Lights
    contents: Sequence[Content]
    nights: Nights
    allowances: Sequence[Allowance]
    place: Place


class Trial(Struct, frozen=True, eq=False):
    """The lights (`rows`) that a content means or its former version meant, before and after.

    changed: by row and night, whether the stored night is another.
    """

    ground: Ground
    content: Content
    rows: Ints32
    before: Resolution
    after: Resolution
    changed: Bools

    def under_floor(self) -> list[UnderFloor]:
        """Where the content asks for less than a floor that no policy lifts, most lights first."""
        return list_under_floor(self.after, self.ground.lights, self.content.key)

    def lights_held_up(self) -> int:
        """How many lights the floor holds up above what the content asks."""
        return int(lights_held_up(self.after, self.content.key).sum())


def try_content(ground: Ground, content: Content, former: Content | None = None) -> Trial:
    """Try a content in the place of the one in force under its key, or of `former` when it is given."""
    others = [one for one in ground.contents if one.key != content.key]
    was = former or next((one for one in ground.contents if one.key == content.key), None)
    meant = rows_in(content.scope, ground.lights)
    if was is not None:
        meant |= rows_in(was.scope, ground.lights)
    rows = np.flatnonzero(meant).astype(np.int32)
    before = resolve(ground.lights, [*others, was] if was else others, ground.nights, ground.allowances, rows)
    after = resolve(ground.lights, [*others, content], ground.nights, ground.allowances, rows)
    return Trial(ground, content, rows, before, after, _changed(before, after, rows))


def _changed(before: Resolution, after: Resolution, rows: Ints32) -> Bools:
    """By pairs of signatures, as there are far fewer than lights."""
    number = {profile: place for place, profile in enumerate(dict.fromkeys((*before.profiles, *after.profiles)))}
    stored = []
    for one in (before, after):
        of_profile = np.array([number[profile] for profile in one.profiles], np.int32)
        stored.append(of_profile[one.profile_of][one.by_night])
    pairs = np.stack([before.signatures.of_light[rows], after.signatures.of_light[rows]], axis=1)
    found, of_row = np.unique(pairs, axis=0, return_inverse=True)
    differs: Bools = stored[0][found[:, 0]] != stored[1][found[:, 1]]
    return differs[of_row.reshape(-1)]
