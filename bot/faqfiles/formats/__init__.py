"""FAQs in the formats of others and in our own, from bytes and to bytes."""

from .model import MAX_BYTES, MAX_ENTRIES, Format, Imported
from .reading import read_faq
from .writing import WRITABLE, write_faq

__all__ = ["MAX_BYTES", "MAX_ENTRIES", "WRITABLE", "Format", "Imported", "read_faq", "write_faq"]
