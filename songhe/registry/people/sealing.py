"""Personal fields sealed, blinded and masked with the process's own key ring (settings.DATA_KEY).

seal("phone", "13800001234") -> b"k1:…"         open_field("phone", cell) -> "13800001234"
id_blind("99068219400101123X") -> 32 bytes, equal for equal numbers
masked(person, "id_number")  -> "9906**********123X"
search_terms("张三", "…123X")  -> the lexemes of `Person.search` (see searchkeys)
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, TextField, Value

from songhe.core import identity
from songhe.core.crypto import Keyring
from songhe.registry.people import searchkeys
from songhe.registry.people.searchkeys import AD

COLUMN = {"id_number": "id_sealed", "phone": "phone_sealed", "address": "address_sealed"}


@lru_cache(maxsize=4)
def _ring(secret: str) -> Keyring:
    return Keyring.parse(secret)


@lru_cache(maxsize=4)
def _tails(secret: str):
    return searchkeys.tail_maker(_ring(secret))


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


def tail_term(tail: str) -> str:
    """The search key for the last four characters of an ID number."""
    return _tails(settings.DATA_KEY)(tail)


def search_terms(name: str, id_number: str = "", former_name: str = "") -> list[str]:
    """All search keys of a person, each once."""
    terms = searchkeys.all_name_terms(name, former_name)
    return [*terms, tail_term(id_number[-4:])] if id_number else terms


def search_value(terms: Iterable[str]) -> Func:
    """The terms as a value for `Person.search`."""
    return Func(Value(list(terms), output_field=ArrayField(TextField())), function="array_to_tsvector")


def question(text: str) -> str:
    """The tsquery for what somebody typed into the search box, or ""."""
    return searchkeys.question(text, tail_term)


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


sort_key = searchkeys.sort_key
