"""The lengths, hours and prices of a week's plan, as a bureau writes them: `definitions/planning/week.yaml`."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from songhe.core.definitions import Flag, Items, Map, Number, Text, checked
from songhe.insight.planning.weekly.model import DAYS, Rules
from songhe.registry.people.terms import BITS, tags_of

_MINUTES = Number(least=0, most=1440)
_PRICE = Number(least=0)
SCHEMA = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "minutes": Map(
        {"visit": Number(least=1, most=480), "call": Number(least=1, most=240), "door": Number(least=0, most=60)}
    ),
    "hours": Items(_MINUTES, least=DAYS),
    "urgency": Map(
        {
            "first": Items(Text(allowed=tuple(BITS)), least=0),
            "then": Items(Text(allowed=tuple(BITS)), least=0),
            "then_age_from": Number(whole=True, least=0, most=120),
        }
    ),
    "prices": Map(dict.fromkeys(("leave_own", "keep", "balance", "early", "rest", "apart", "undone"), _PRICE)),
}


@dataclass(frozen=True)
class WeekTerms:
    """`hours[day]`: minutes of each helper on each day; `rules`: lengths and prices for the planner;
    `door`: minutes between two doors at the same point.

    `first` and `then` are bit maps of circumstances, used where a duty has no tiers of its own.
    """

    hours: tuple[int, ...]
    rules: Rules
    door: float
    first: int
    then: int
    then_age_from: int
    version: str
    source: str


def read(file: Path) -> WeekTerms:
    """Raises BadDefinition with every fault."""
    data = checked(file, SCHEMA).data
    prices = {name: float(value) for name, value in data["prices"].items()} | {"apart": int(data["prices"]["apart"])}
    rules = Rules(
        visit_minutes=int(data["minutes"]["visit"]),
        call_minutes=int(data["minutes"]["call"]),
        **prices,  # type: ignore[arg-type]
    )
    version = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    urgency = data["urgency"]
    return WeekTerms(
        hours=tuple(int(m) for m in data["hours"][:DAYS]),
        rules=rules,
        door=float(data["minutes"]["door"]),
        first=tags_of(urgency["first"]),
        then=tags_of(urgency["then"]),
        then_age_from=urgency["then_age_from"],
        version=version,
        source=data["source"]["title"],
    )


@cache
def week_terms() -> WeekTerms:
    """The shipped ones."""
    return read(Path(str(resources.files("songhe.definitions"))) / "planning" / "week.yaml")
