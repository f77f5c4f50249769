"""Personal fields sealed, blinded, masked, and turned into search keys; one key ring for the process.

    seal("phone", "13800001234")     -> b"k1:…"         open_field("phone", cell) -> "13800001234"
    id_blind("99068219400101123X")   -> 32 bytes        search_terms("张三", "…123X") -> ["n:张", "n:三", "n:张三", "i:zs", …]
    masked(person, "id_number")      -> "9906**********123X"

Search keys are lexemes of `Person.search`: `n:` one and two characters of the name, `i:` pinyin initials, `s:` the whole
pinyin without spaces (found by its beginning), `t:` the blinded last four of the ID number. A whole ID number or telephone
number is found by its blind index, not here. Keys of former names are included.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, TextField, Value

from songhe.core import identity, names
from songhe.core.crypto import Keyring

FIELDS = {"id_number": b"person.id", "phone": b"person.phone", "address": b"person.address"}
OTHER = {"contact": b"contact.phone", "household": b"household.number", "benefit": b"benefit.number", "file": b"import.file"}
AD = FIELDS | OTHER
COLUMN = {"id_number": "id_sealed", "phone": "phone_sealed", "address": "address_sealed"}
TAIL = 10  # hex characters of a blinded tail: 40 bits over some eleven thousand different tails


@lru_cache(maxsize=4)
def _ring(secret: str) -> Keyring:
    return Keyring.parse(secret)


def ring() -> Keyring:
    """The process's key ring, from settings.DATA_KEY."""
    return _ring(settings.DATA_KEY)


def seal(field: str, text: str) -> bytes | None:
    """The sealed cell of a field, or None for an empty text."""
    return ring().seal(text, AD[field]) if text else None


def open_field(field: str, cell: bytes | memoryview | None) -> str:
    """The clear text of a sealed cell, or "". Show it only after `actions.unmask`."""
    return ring().open_sealed(cell, AD[field]) if cell else ""


def open_column(field: str, cells: Sequence[bytes | memoryview | None]) -> list[str]:
    """open_field over a column."""
    return [text or "" for text in ring().open_many(cells, AD[field])]


def id_blind(number: str) -> bytes | None:
    return ring().blind(number, "id") if number else None


def phone_blind(number: str) -> bytes | None:
    return ring().blind(number, "phone") if number else None


@lru_cache(maxsize=20_000)
def _tail(secret: str, tail: str) -> str:
    return "t:" + _ring(secret).blind(tail, "id tail").hex()[:TAIL]


def tail_term(tail: str) -> str:
    """The search key for the last four characters of an ID number."""
    return _tail(settings.DATA_KEY, tail.upper())


def name_terms(name: str) -> list[str]:
    """The search keys of one name."""
    found = names.keys(name)
    sounds = {found.sort.replace(" ", "")} | {sound.replace(" ", "") for sound in _other_sounds(name, found.sort)}
    return [
        *(f"n:{gram}" for gram in found.grams),
        *(f"i:{initials}" for initials in found.initials),
        *(f"s:{sound}" for sound in sorted(sounds)),
    ]


def _other_sounds(name: str, sort: str) -> list[str]:
    """The whole pinyin with the surname's other reading (单 heard as dan)."""
    surname, _given = names.split(name)
    other = names.ALSO.get(surname)
    return [other + sort[sort.find(" ") :]] if other and " " in sort else []


def search_terms(name: str, id_number: str = "", former_name: str = "") -> list[str]:
    """All search keys of a person, each once."""
    terms = name_terms(name)
    for former in re.split(r"[、，,;；\s]+", former_name):
        if former:
            terms += name_terms(former)
    if id_number:
        terms.append(tail_term(id_number[-4:]))
    return list(dict.fromkeys(terms))


def search_value(terms: Iterable[str]) -> Func:
    """The terms as a value for `Person.search`."""
    return Func(Value(list(terms), output_field=ArrayField(TextField())), function="array_to_tsvector")


def sort_key(name: str) -> str:
    """The pinyin by which lists are ordered."""
    return names.keys(name).sort[:240]


def masked_value(field: str, text: str) -> str:
    """A clear value as screens and ordinary exports show it."""
    if field == "id_number":
        return identity.mask_id(text)
    if field in ("phone", "contact"):
        return identity.mask_phone(text)
    return identity.mask_address(text)


def masked(person, field: str) -> str:
    """A sealed field of a person, masked; "" where there is none."""
    cell = getattr(person, COLUMN[field])
    return masked_value(field, open_field(field, cell)) if cell else ""
