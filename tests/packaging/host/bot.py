"""A module with the name that most Discord bots give theirs."""

WHOSE = "the host's own module"
