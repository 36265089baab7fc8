import hashlib
import hmac

import pytest

from bot.core.privacy import MIN_KEY_BYTES, author_hash

KEY = bytes(range(32))


def test_it_is_hmac_sha256_over_the_decimal_id() -> None:
    assert author_hash(KEY, 80351110224678912) == hmac.new(KEY, b"80351110224678912", hashlib.sha256).digest()


def test_people_and_keys_differ() -> None:
    assert len({author_hash(KEY, 1), author_hash(KEY, 2), author_hash(KEY[::-1], 1)}) == 3


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least 16"):
        author_hash(b"x" * (MIN_KEY_BYTES - 1), 1)
