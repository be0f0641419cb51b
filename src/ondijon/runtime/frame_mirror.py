"""A process that does not take readings in itself follows them by the frames of those that do."""

from ondijon.kernel import frames
from ondijon.kernel.city import City
from ondijon.kernel.errors import RemoteProtocolError
from ondijon.kernel.ports import Bus
from ondijon.kernel.readings import evolve_batch


async def mirror_frames(city: City, bus: Bus) -> None:
    """Let every frame from now on into the columns; the newest observation wins, so an own one changes nothing."""

    async def hear(subject: str, payload: bytes) -> None:
        try:
            batch = frames.decode_batch(payload)
        except RemoteProtocolError:
            return
        columns = city.columns.get(batch.twin_type)
        if columns is not None and len(batch) and int(batch.row.max()) < columns.rows:
            evolve_batch(columns, batch)

    await bus.subscribe(frames.SUBJECT, hear)
