"""The FAQ in the hands of a server's admins: ``/faq`` and the menus of messages."""
