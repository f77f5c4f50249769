"""Invented sites on real villages: each walks from planned to in use on days near those its notice sets. All marked 演示."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np

from songhe.registry.facilities import actions
from songhe.registry.facilities.actions import Enrolment
from songhe.registry.facilities.models import Facility
from songhe.registry.places.models import Place

SEED = 20211116
PAPER = "演示：验收单"


def planned(place: Place, kind: str, name: str, walk: Sequence[tuple[str, date]], project: str) -> Enrolment:
    """One site with its walk; what is in use proves it by an activity of that day."""
    row = Enrolment(
        place=place, kind=kind, name=name, project=project,
        walk=[(status, on, PAPER if status == "accepted" else "") for status, on in walk],
    )  # fmt: skip
    doing = "meal" if "餐" in name else "culture"
    row.activities = [
        (on, doing, 8 + int(chance(name)[7] * 30), "演示：签到表") for status, on in walk if status == "in_use"
    ]
    return row


def enrol(rows: Iterable[Enrolment]) -> list[Facility]:
    """Take them in as a register that exists already: one transaction, a few statements."""
    return actions.enrol(by=None, post=None, rows=rows, origin="demo")


def chance(key: str, size: int = 8) -> np.ndarray:
    """Numbers in [0, 1) that depend on the key alone: the same site has the same days however often it is loaded."""
    number = sum(ord(c) * 31**at for at, c in enumerate(key[-24:])) % 2**60
    return np.random.Generator(np.random.Philox(key=[SEED, number])).random(size)


def around(day: date, early: int, late: int, share: float) -> date:
    """A day from `early` days before to `late` days after, by a share in [0, 1)."""
    return day + timedelta(days=int(-early + share * (early + late)))


def spread(villages: Sequence[Place], count: int) -> list[Place]:
    """`count` villages, as evenly as there are; some twice where there are fewer."""
    return [villages[at % len(villages)] for at in range(count)] if villages else []


def names(villages: Iterable[Place], what: str) -> list[tuple[Place, str]]:
    """A name for each: 周村日间照料服务站, the second one in a village numbered."""
    seen: dict[int, int] = {}
    found = []
    for village in villages:
        seen[village.pk] = seen.get(village.pk, 0) + 1
        tail = "" if seen[village.pk] == 1 else f"（{seen[village.pk]}）"
        found.append((village, f"{village}{what}{tail}"))
    return found
