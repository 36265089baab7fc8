"""The IANA time zones in portions that fit into Discord's menus."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from .. import limits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

UTC = "UTC"
_REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
"""Where people live. The database's other names are older ones of the same zones, and fixed offsets."""


@cache
def zones_by_region() -> Mapping[str, tuple[str, ...]]:
    """Return the names of all time zones by region, sorted; the region UTC has nothing but UTC."""
    names = sorted(available_timezones())
    found = {region: tuple(name for name in names if name.startswith(f"{region}/")) for region in _REGIONS}
    return {region: zones for region, zones in found.items() if zones} | {UTC: (UTC,)}


def region_of(name: str) -> str | None:
    """Return the region of a time zone, None if it is in none."""
    return next((region for region, zones in zones_by_region().items() if name in zones), None)


def count_pages(region: str) -> int:
    """Return how many menus the time zones of a region fill."""
    return -(-len(zones_by_region()[region]) // limits.SELECT_OPTIONS)


def zones_on_page(region: str, page: int) -> tuple[str, ...]:
    """Return the time zones of a region that are in one menu, from 0."""
    return zones_by_region()[region][page * limits.SELECT_OPTIONS : (page + 1) * limits.SELECT_OPTIONS]


def page_of(name: str) -> int:
    """Return in which menu of its region a time zone is."""
    region = region_of(name)
    return zones_by_region()[region].index(name) // limits.SELECT_OPTIONS if region else 0


def label_of(name: str) -> str:
    """Return what people call a time zone: its place, without the region."""
    return name.partition("/")[2].replace("_", " ") or name


def offset_of(name: str, now: datetime) -> str:
    """Return how far a time zone is from UTC at the moment, such as ``UTC+05:30``."""
    offset = now.astimezone(ZoneInfo(name)).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"
