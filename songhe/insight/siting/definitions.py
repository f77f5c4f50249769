"""The default figures of a siting plan, as a bureau writes them: `definitions/planning/siting.yaml`."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from songhe.core.definitions import Flag, Map, Number, Text, checked

SCHEMA = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "walk_kmh": Number(least=1, most=10),
    "minutes": Number(whole=True, least=1, most=180),
    "most_villages": Number(whole=True, least=1),
}


@dataclass(frozen=True)
class SitingTerms:
    """`walk_kmh`: an older person on foot; `minutes`: what the form begins with; `most_villages`: of one plan."""

    walk_kmh: float
    minutes: int
    most_villages: int
    source: str


@cache
def siting_terms(file: Path | None = None) -> SitingTerms:
    """The shipped ones, or those of `file`. Raises BadDefinition with every fault."""
    file = file or Path(str(resources.files("songhe.definitions"))) / "planning" / "siting.yaml"
    data = checked(file, SCHEMA).data
    return SitingTerms(float(data["walk_kmh"]), data["minutes"], data["most_villages"], data["source"]["title"])
