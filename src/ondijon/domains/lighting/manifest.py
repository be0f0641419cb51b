"""Everything the lighting trade brings."""

from ondijon.domains.lighting.alarms import ALARMS, DETECTORS
from ondijon.domains.lighting.commands import DIM, RELEASE, SWITCH
from ondijon.domains.lighting.desk import (
    adaptive,
    assets,
    baseline,
    classes,
    energy,
    maintenance,
    policies,
    work_orders,
)
from ondijon.domains.lighting.desk.programmes import manifest as programmes
from ondijon.domains.lighting.model import CABINET, GROUP, STREETLIGHT, TRADE
from ondijon.kernel.manifest import Manifest, ProgrammeSpec
from ondijon.kernel.room import RoomManifest

MANIFEST = Manifest(
    trade=TRADE,
    twin_types=(STREETLIGHT, CABINET, GROUP),
    commands=(DIM, SWITCH, RELEASE),
    alarms=ALARMS,
    detectors=DETECTORS,
    programmes=(ProgrammeSpec(CABINET.key, "programme_version"),),
)

ROOM = RoomManifest(
    part=TRADE,
    acts=(
        *(*classes.ACTS, *policies.ACTS, *adaptive.ACTS, *programmes.ACTS),
        *(*assets.ACTS, *baseline.ACTS, *work_orders.ACTS),
    ),
    followers=programmes.FOLLOWERS,
    jobs=(*classes.JOBS, *energy.JOBS, *programmes.JOBS, *assets.JOBS),
    seeds=(*classes.SEEDS, *adaptive.SEEDS, *baseline.SEEDS, *programmes.SEEDS, *maintenance.SEEDS),
    holdings=(*assets.HOLDINGS, *work_orders.HOLDINGS),
    grounds=adaptive.GROUNDS,
)
