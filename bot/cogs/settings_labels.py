"""What the settings are called."""

from __future__ import annotations

from . import settings_texts as texts

LABELS = {
    "watch": texts.WATCH,
    "overhear": texts.OVERHEAR,
    "admin_roles": texts.ADMIN_ROLES,
    "overheard_budget": texts.OVERHEARD_BUDGET,
    "addressed_budget": texts.ADDRESSED_BUDGET,
    "channel_seconds": texts.CHANNEL_SECONDS,
    "repeat_seconds": texts.REPEAT_SECONDS,
    "report_channel": texts.REPORT_CHANNEL,
    "report_hour": texts.REPORT_HOUR,
    "time_zone": texts.TIME_ZONE,
    "language": texts.LANGUAGE,
}
