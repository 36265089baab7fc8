"""The nightly report: posted where the server wants it, and acted on with buttons."""
