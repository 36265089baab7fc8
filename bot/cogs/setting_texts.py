"""What the settings are called."""

WATCH = "Watched channels and forums"
OVERHEAR = "Answers there"
ADMIN_ROLES = "May administer"
OVERHEARD_BUDGET = "False answers when it overhears"
ADDRESSED_BUDGET = "False answers when it is asked"
CHANNEL_SECONDS = "Pause of a channel"
REPEAT_SECONDS = "Pause before the same answer"
REPORT_CHANNEL = "Report in"
REPORT_HOUR = "Report at"
TIME_ZONE = "Time zone"
LANGUAGE = "Language"

LABELS = {
    "watch": WATCH,
    "overhear": OVERHEAR,
    "admin_roles": ADMIN_ROLES,
    "overheard_budget": OVERHEARD_BUDGET,
    "addressed_budget": ADDRESSED_BUDGET,
    "channel_seconds": CHANNEL_SECONDS,
    "repeat_seconds": REPEAT_SECONDS,
    "report_channel": REPORT_CHANNEL,
    "report_hour": REPORT_HOUR,
    "time_zone": TIME_ZONE,
    "language": LANGUAGE,
}
"""By their names in the ledger."""
