"""What keeps the bot from its work in a server, and what to do about it."""
