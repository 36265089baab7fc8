"""The one name this floor uses for a decoded JSON object."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
