"""Invented sites on real villages: each walks from planned to in use on days near those its notice sets. All marked 演示."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from songhe.registry.facilities import actions
from songhe.registry.facilities.models import Facility
from songhe.registry.places.models import Place

SEED = 20211116
PAPER = "演示：验收单"


@dataclass(frozen=True)
class Spec:
    """One site to be invented: its walk as [(status, day)] in order, days after the last possible one left out."""

    village: Place
    kind: str
    name: str
    walk: Sequence[tuple[str, date]]
    project: str


def chance(key: str, size: int = 8) -> np.ndarray:
    """Numbers in [0, 1) that depend on the key alone: the same site has the same days however often it is loaded."""
    number = sum(ord(c) * 31**at for at, c in enumerate(key[-24:])) % 2**60
    return np.random.Generator(np.random.Philox(key=[SEED, number])).random(size)


def around(day: date, early: int, late: int, share: float) -> date:
    """A day from `early` days before to `late` days after, by a share in [0, 1)."""
    return day + timedelta(days=int(-early + share * (early + late)))


def build(spec: Spec) -> Facility:
    """Put one site on file and let it walk, through the register's own doors."""
    (first, on), *rest = spec.walk
    paper = PAPER if first == "accepted" else ""
    site = actions.register(
        by=None, post=None, place=spec.village, kind=spec.kind, name=spec.name, on=on, status=first, project=spec.project,
        paper=paper, origin="demo",
    )  # fmt: skip
    for status, day in rest:
        if status == "in_use":
            actions.record_activity(
                by=None, post=None, facility=site, on=day, kind="meal" if "餐" in spec.name else "culture",
                count=8 + int(chance(spec.name)[7] * 30), evidence="演示：签到表",
            )  # fmt: skip
        actions.move(
            by=None, post=None, facility=site, status=status, on=day, paper=PAPER if status == "accepted" else ""
        )
    return site


def beds(site: Facility, kind: str, count: int, on: date) -> None:
    """A lot of new beds of a site."""
    actions.add_beds(by=None, post=None, facility=site, kind=kind, count=count, on=on, evidence="演示：台账")


def converted(site: Facility, count: int, on: date) -> None:
    """Residential beds made into nursing beds."""
    actions.add_beds(
        by=None, post=None, facility=site, kind="nursing", count=count, on=on, origin="converted", from_kind="residential",
        evidence="演示：改造验收",
    )  # fmt: skip


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
