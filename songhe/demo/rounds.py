"""Invented award rounds of the notices' own days: exemplars of a month, ten of a half-year, a demonstration home, two towns.

Named, voted on, published and confirmed by the product's own verbs. All marked 演示.
"""

from datetime import date, timedelta

from songhe.core import periods
from songhe.demo import staff
from songhe.demo.staff import name_for
from songhe.oversight.awards import actions
from songhe.oversight.awards.models import Nomination, Round
from songhe.registry.accounts.models import User
from songhe.registry.places.models import Place

DEEDS = (
    "照料独居邻居，逢节上门（演示）",
    "十年侍奉卧床老人（演示）",
    "组织邻里送餐（演示）",
    "带头看望空巢老人（演示）",
)
WHERE = "公众号、村务公开栏（演示）"
VOTERS = ("juzhang", "keyuan", "mishu", "shequban")


def month_of(town: Place, number: int, on: date) -> None:
    """A township's round of a month with so many named on a day, published and confirmed; none where nobody was named."""
    if not number:
        return
    period = periods.containing("month", on)
    row = actions.open_round(award="township-exemplar", place=town, period=period, by=None, post=None, origin="demo")
    for at in range(number):
        person = name_for(int(town.code[-3:]) * 60 + on.month * 5 + at)
        actions.nominate(round=row, name=person, unit=f"{town}（演示）", deeds=DEEDS[at % len(DEEDS)], on=on, by=None, post=None)  # fmt: skip
    actions.choose(round=row, where=WHERE, on=on + timedelta(days=7), by=None, post=None)
    actions.confirm(round=row, on=on + timedelta(days=24), by=None, post=None)


def chosen(award: str, place: Place, kind: str, names: list[str], *, named: date, published: date, confirmed: date) -> Round:  # fmt: skip
    """A round that was voted on: everybody votes for the first ones, so that there is no tie."""
    period = periods.containing(kind, named)  # type: ignore[arg-type]
    row = actions.open_round(award=award, place=place, period=period, by=None, post=None, origin="demo")
    standing: list[Nomination] = [
        actions.nominate(round=row, name=name, deeds=DEEDS[at % len(DEEDS)], on=named, by=None, post=None)
        for at, name in enumerate(names)
    ]
    row = actions.open_voting(round=row, by=None, post=None)
    for user in _voters():
        actions.cast_ballot(round=row, nominations=standing[: row.limit], by=user, post=None)
    reason = "" if len(standing) >= row.limit else "符合条件的只有这些（演示）"
    row = actions.choose(round=row, where=WHERE, reason=reason, on=published, by=None, post=None)
    return actions.confirm(round=row, on=confirmed, by=None, post=None)


def _voters() -> list[User]:
    known = staff.logins()
    return [known[name] for name in VOTERS if name in known] or list(known.values())[:1]


def dingzhou_2023(place: Place) -> None:
    """Ten of the city in the second half of 2023 and the demonstration home."""
    chosen("city-exemplar", place, "half", [name_for(9100 + n) for n in range(12)],
           named=date(2023, 9, 26), published=date(2023, 10, 11), confirmed=date(2023, 10, 23))  # fmt: skip
    chosen("demonstration-institution", place, "year", ["示范机构候选甲（演示）", "示范机构候选乙（演示）"],
           named=date(2023, 8, 28), published=date(2023, 9, 15), confirmed=date(2023, 9, 27))  # fmt: skip


def laixi_2020(place: Place, towns: list[str]) -> None:
    """Two demonstration towns after the two years."""
    chosen("demonstration-town", place, "year", towns, named=date(2022, 2, 18), published=date(2022, 3, 1),
           confirmed=date(2022, 3, 18))  # fmt: skip
