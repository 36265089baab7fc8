"""``/settings``: how the bot behaves in a server, as a panel of menus."""
