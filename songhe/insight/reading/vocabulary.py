"""The words reading knows, loaded once from definitions/reading/*.yaml."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parents[2] / "definitions" / "reading"


def either(words: object) -> str:
    """A regular expression for any of the words, the longest first.

    >>> either(["至少", "至少要"])
    '至少要|至少'
    """
    return _either(tuple(words))  # type: ignore[arg-type]


@lru_cache(maxsize=512)
def _either(words: tuple[str, ...]) -> str:
    unique = sorted({str(w) for w in words}, key=lambda w: (-len(w), w))
    return "|".join(re.escape(w) for w in unique)


@dataclass(frozen=True)
class Unit:
    """A unit as written, the unit it counts as, and the class that decides how it is read."""

    name: str
    canonical: str
    kind: str


@dataclass(frozen=True)
class Vocabulary:
    """Everything in the four files, with the lists compiled where they are used often."""

    units: dict[str, Unit]
    multipliers: dict[str, int]
    counted_in: list[tuple[str, str]]
    words: dict
    nouns: dict
    chrome: dict
    not_counts: dict
    festivals: dict

    def pattern(self, *path: str) -> re.Pattern:
        """A compiled alternation of one word list, by its path: pattern("comparators", "before", ">=")."""
        return _pattern(path)

    def unit_of_thing(self, thing: str) -> str:
        """The measure word of a thing a table only names: the longest ending wins, else 个."""
        inner = re.sub(r"[((].*?[))]", "", thing)
        for ending, unit in self.counted_in:
            if inner.endswith(ending):
                return unit
        return "个"


def _load(name: str) -> dict:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times faster where it is built in
    return yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


@cache
def vocabulary() -> Vocabulary:
    """Load the files once a process."""
    units_file = _load("units")
    units = {u["name"]: Unit(u["name"], u.get("as", u["name"]), u["class"]) for u in units_file["units"]}
    endings = [(e, unit) for unit, things in units_file["counted_in"].items() for e in things]
    endings.sort(key=lambda pair: -len(pair[0]))
    return Vocabulary(
        units,
        units_file["multipliers"],
        endings,
        _load("words"),
        _load("nouns"),
        _load("chrome"),
        units_file["not_counts"],
        _load("festivals"),
    )


@cache
def _pattern(path: tuple[str, ...]) -> re.Pattern:
    known = vocabulary()
    node: object = {"words": known.words, "nouns": known.nouns}
    node = known.words if path[0] in known.words else known.nouns
    for key in path:
        node = node[key]  # type: ignore[index]
    if isinstance(node, dict):
        node = [w for group in node.values() for w in group]
    return re.compile(either(node))
