"""Search keys of a person, pure: what `Person.search` holds and what a query asks of it.

    name_terms("张三")            -> ["n:张", "n:三", "n:张三", "i:zs", "s:zhangsan"]
    question("张三 123X", tail)    -> "'n:张三' & 't:…'"        question("zs", tail) -> "( 'i:zs':* | 's:zs':* )"

Lexemes: `n:` one and two characters of the name, `i:` pinyin initials, `s:` the whole pinyin without spaces (asked by its
beginning), `t:` the blinded last four of the ID number. Knows no framework.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from songhe.core import names
from songhe.core.cells import plain
from songhe.core.crypto import Keyring
from songhe.core.surnames import ALSO

AD = {
    "id_number": b"person.id",
    "phone": b"person.phone",
    "address": b"person.address",
    "contact": b"contact.phone",
    "household": b"household.number",
    "benefit": b"benefit.number",
    "file": b"import.file",
    "correction": b"person.correction",
    "signature": b"assessment.signature",
    "gateway": b"gateway.secret",
    "complaint": b"complaint.text",
    "complainant": b"complaint.contact",
    "incident": b"incident.text",
    "code": b"proof.code",
    "position": b"visit.position",
}
TAIL = 10  # hex characters of a blinded tail: 40 bits over some eleven thousand different tails
SORT = 240  # length of the stored pinyin
_FORMER = re.compile(r"[、，,;；\s]+")
_TAIL = re.compile(r"[0-9]{3}[0-9X]")
_LETTERS = re.compile(r"[a-z·']+")


def name_terms(name: str) -> list[str]:
    """The search keys of one name."""
    found = names.keys(name)
    surname, _given = names.split(name)
    sounds = [found.sort.replace(" ", "")]
    if surname in ALSO and " " in found.sort:
        sounds.append(ALSO[surname] + found.sort.partition(" ")[2].replace(" ", ""))
    return [
        *(f"n:{gram}" for gram in found.grams),
        *(f"i:{initials}" for initials in found.initials),
        *(f"s:{sound[:60]}" for sound in sounds),
    ]


def all_name_terms(name: str, former: str = "") -> list[str]:
    """The search keys of a name and of former names, each once."""
    terms = name_terms(name)
    for other in _FORMER.split(former):
        if other:
            terms += name_terms(other)
    return list(dict.fromkeys(terms))


def sort_key(name: str) -> str:
    """The pinyin by which lists are ordered."""
    return names.keys(name).sort[:SORT]


def tail_maker(ring: Keyring) -> Callable[[str], str]:
    """A cached function from the last four of an ID number to its search key."""

    @lru_cache(maxsize=20_000)
    def tail_term(tail: str) -> str:
        return "t:" + ring.blind(tail.upper(), "id tail").hex()[:TAIL]

    return tail_term


def lexeme(term: str) -> str:
    """A term quoted for a tsquery."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def question(text: str, tail: Callable[[str], str]) -> str:
    """The tsquery for what somebody typed: characters of a name, pinyin or initials, ID tail; several words must all hold.

    Returns "" when nothing of it can be asked of the index.
    """
    parts = [part for part in (_part(word, tail) for word in plain(text).lower().replace("ü", "v").split()) if part]
    return " & ".join(parts)


def _part(word: str, tail: Callable[[str], str]) -> str:
    if _TAIL.fullmatch(word.upper()):
        return lexeme(tail(word.upper()))
    if _LETTERS.fullmatch(word):
        bare = re.sub(r"[·']", "", word)
        return f"( {lexeme('i:' + bare)}:* | {lexeme('s:' + bare)}:* )" if bare else ""
    chars = "".join(c for c in word if c.isalpha())
    if not chars:
        return ""
    if len(chars) == 1:
        return lexeme("n:" + chars)
    return " & ".join(lexeme("n:" + chars[i : i + 2]) for i in range(len(chars) - 1))
