"""What goes wrong between the bot and Discord."""

import aiohttp
import discord

UNHEARD = (discord.HTTPException, aiohttp.ClientError, OSError)
"""Raised by requests that Discord refuses, and by those that do not reach it: discord.py tries few of these again."""
