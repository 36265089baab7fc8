"""What cogs tell each other by discord.py's own events: who tells it needs not know who wants to hear it."""

STALE_EVENT = "faqtotum_stale"
"""Dispatched after something was deleted or taken back that posted reports may show; without arguments."""
