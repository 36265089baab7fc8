"""Pseudonyms for the people who ask."""

from __future__ import annotations

import hmac

MAX_RETENTION_DAYS = 3650
"""For longer no question can be kept, whatever the configuration says."""
MIN_KEY_BYTES = 16
"""Below 128 bits a key could be tried out; with one that short the hash would protect nobody."""


def author_hash(key: bytes, author_id: int) -> bytes:
    """Return the pseudonym under which a person's questions are logged (HMAC-SHA256, 32 bytes).

    Discord ids are few enough to be tried one by one, so a hash without a key would be no protection.

    Raises:
        ValueError: The key is shorter than `MIN_KEY_BYTES`.
    """
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"the key has {len(key)} bytes, expected at least {MIN_KEY_BYTES}")
    return hmac.digest(key, str(author_id).encode(), "sha256")


def key_fingerprint(key: bytes) -> str:
    """Return what tells a key from another one and says nothing about it; no person has it as a pseudonym."""
    return hmac.digest(key, b"fingerprint of the key", "sha256").hex()
