"""English for what a notice says in Chinese: put together from known words, and none where a word is not known.

Nothing here translates. A subject all of whose words stand in definitions/reading/english.yaml gets a proposed English name;
what is not covered stays in the notice's language, and the programme says so.
"""

import re
from functools import cache
from importlib import resources

import yaml

LEADS = re.compile(r"^(?:全[市县区省州]|我[市县区]|完成|建成|建设|打造|培育|创建|发展|组织|开展|举办|为|的)+|的$")


@cache
def _words() -> dict[str, dict[str, str]]:
    file = resources.files("songhe.definitions") / "reading" / "english.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@cache
def _pattern(name: str) -> re.Pattern:
    return re.compile("|".join(sorted(map(re.escape, _words()[name]), key=len, reverse=True)))


def subject(zh: str) -> str | None:
    """A proposed English name of a subject, or None.

    >>> subject("社区日间照料服务站")
    'Community day-care service stations'
    """
    left, said = LEADS.sub("", zh), []
    while left:
        m = _pattern("words").match(left)
        if not m:
            return None
        said.append(_words()["words"][m.group(0)])
        left = left[m.end() :].lstrip("的、")
    return _capital(" ".join(said)) if said else None


def unit(zh: str) -> str | None:
    """The English word for a unit, or None."""
    return _words()["units"].get(zh)


def office(zh: str) -> str | None:
    """A proposed English name of an office: 市民政局 → Civil affairs bureau (city)."""
    names, tiers = _words()["offices"], _words()["tiers"]
    if zh in names:
        return _capital(names[zh])
    m = _pattern("offices").fullmatch(zh[1:]) if zh[:1] in tiers else None
    return f"{_capital(names[m.group(0)])} ({tiers[zh[0]]})" if m else None


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
