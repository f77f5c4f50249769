"""Text as it comes out of other people's files, made plain: full-width forms, invisible characters, Excel's numbers.

    plain("　１３８ ００００１２３４") -> "138 00001234"
    text_of(45296.0)             -> "45296"

Knows nothing of what a cell means; identity, dates and names stand on it.
"""

from __future__ import annotations

import unicodedata

# full-width ASCII block to ASCII, the ideographic space to a space
_WIDE = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
# zero-width and direction marks, byte-order mark, soft hyphen: nobody meant to type them
_UNSEEN = dict.fromkeys([0xAD, 0x061C, 0xFEFF, 0x2060, *range(0x200B, 0x2010), *range(0x202A, 0x202F)])
_SPACES = dict.fromkeys([0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0xA0, 0x1680, 0x202F, 0x205F, *range(0x2000, 0x200B)], 0x20)
_TABLE = _WIDE | _UNSEEN | _SPACES


def text_of(value: object) -> str:
    """A cell as text: None is "", a float that is a whole number loses its ".0", everything else as it prints."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def plain(text: str) -> str:
    """Half-width, without invisible characters, trimmed. A leading apostrophe (Excel's text mark) goes too."""
    if text.isascii() and text.isalnum():
        return text
    out = text.translate(_TABLE).strip()
    if out[:1] in ("'", "’", "‘") and len(out) > 1:
        out = out[1:].lstrip()
    return out


def digits_of(text: str) -> str:
    """Every Unicode decimal digit as 0-9 (Arabic-Indic, bold, …); other characters stay."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in text)


def to_int(text: str) -> int | None:
    """A whole number from text, or None; never raises, takes no more than 18 digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
