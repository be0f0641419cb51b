"""What the directory brings to the room."""

from ondijon.control_room.directory.commands import FindOnDuty, RetireContact, SaveContact
from ondijon.control_room.directory.desk.acts import find_on_duty, retire, save
from ondijon.control_room.directory.desk.seed import load_directory
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.room import ActSpec, Holding, RoomManifest, SeedSpec

ROOM = RoomManifest(
    part="directory",
    acts=(
        ActSpec("directory.save", SaveContact, save),
        ActSpec("directory.retire", RetireContact, retire),
        ActSpec("directory.find_on_duty", FindOnDuty, find_on_duty),
    ),
    holdings=(
        Holding(
            "directory.persons",
            "contact_persons",
            (),
            "entered_at",
            Privacy(DataClass.PERSONAL, "directory.purpose.persons", 400),
        ),
    ),
    seeds=(SeedSpec("directory.toml", load_directory),),
)
