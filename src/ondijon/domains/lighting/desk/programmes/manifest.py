"""What programmes bring to the room."""

from datetime import timedelta

from ondijon.domains.lighting.desk.programmes import acts, resolving, watching
from ondijon.domains.lighting.desk.programmes.asked import DraftProgramme, JudgeProgramme, OnProgramme
from ondijon.domains.lighting.desk.programmes.seed import load_programmes
from ondijon.kernel.room import ActSpec, FollowerSpec, JobSpec, SeedSpec

ACTS = (
    ActSpec("lighting.draft_programme", DraftProgramme, acts.draft),
    ActSpec("lighting.propose_programme", JudgeProgramme, acts.propose),
    ActSpec("lighting.publish_programme", OnProgramme, acts.publish),
    ActSpec("lighting.reject_programme", JudgeProgramme, acts.reject),
    ActSpec("lighting.withdraw_programme", JudgeProgramme, acts.withdraw),
    ActSpec("lighting.end_special_evening", JudgeProgramme, acts.end_special_evening),
)
FOLLOWERS = (FollowerSpec("lighting.give_gateways", resolving.FOLLOWED, resolving.follow_changes),)
JOBS = (
    JobSpec("lighting.extend_programmes", timedelta(hours=1), resolving.extend),
    JobSpec("lighting.watch_programmes", timedelta(seconds=30), watching.watch),
)
SEEDS = (SeedSpec("programmes.toml", load_programmes),)
