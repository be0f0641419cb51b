"""The post's engines and roles as twins."""

from ondijon.kernel.manifest import HEALTH, PropertySpec, TwinTypeSpec
from ondijon.kernel.privacy import DataClass, Privacy

TRADE = "platform"
STATE = Privacy(DataClass.OPERATIONAL, "platform.purpose.operation", 366)

SERVICE = TwinTypeSpec(
    key="Service",
    model_name="Device",
    symbol="service",
    map="none",
    properties=(
        PropertySpec("up", "boolean", "", "deviceState", "up", STATE, live=True, stale_after_s=15),
        PropertySpec("restarts", "number", "", "restartCount", "restarts", STATE, live=True, chart=True),
        PropertySpec("memory_mb", "number", "MB", "memoryUsage", "memory", STATE, wire_scale=1e-6, chart=True),
        PropertySpec("cpu_pct", "number", "%", "cpuUsage", "cpu", STATE, wire_scale=100.0, chart=True),
        PropertySpec("loop_lag_ms", "number", "ms", "eventLoopDelay", "loop_lag_ms", STATE, chart=True),
        PropertySpec("readings", "number", "", "readingCount", "readings", STATE),
        PropertySpec("late", "number", "", "lateReadingCount", "late", STATE),
        PropertySpec("packs_missing", "number", "", "missingPackCount", "gaps", STATE, chart=True),
        PropertySpec("duplicates", "number", "", "duplicatePackCount", "duplicates", STATE),
        PropertySpec("dead_letters", "number", "", "deadLetterCount", "dead_letters", STATE, chart=True),
        PropertySpec("audit_protected", "boolean", "", "auditProtectionState", "audit_protected", STATE),
        PropertySpec("audit_head_age_s", "number", "s", "auditHeadAge", "audit_head_age_s", STATE),
        PropertySpec("backup_age_h", "number", "h", "backupAge", "backup_age_h", STATE),
        PropertySpec("backup_trial_age_h", "number", "h", "backupTrialAge", "backup_trial_age_h", STATE),
        PropertySpec("backup_log_age_s", "number", "s", "backupLogAge", "backup_log_age_s", STATE),
        PropertySpec("behind_s", "number", "s", "backlogAge", "behind_s", STATE, chart=True),
        PropertySpec("readings_shed", "number", "", "shedReadingCount", "shed", STATE, chart=True),
        PropertySpec("sockets", "number", "", "openWebSocketCount", "sockets", STATE, chart=True),
        PropertySpec("disk_full_days", "number", "d", "daysUntilDiskFull", "disk_full_days", STATE, chart=True),
        PropertySpec("online", "boolean", "", "connectionState", "online", STATE),
        PropertySpec(HEALTH, "number", "", "status", None, STATE, live=True),
    ),
    table_columns=("up", "restarts", "memory_mb", "cpu_pct"),
)
