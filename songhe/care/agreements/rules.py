"""Arithmetic of beds and devices: who is left out, which step is next, which device sleeps. No framework, no clock.

excluded_by(Facts(status="institution"), ["resident"], …)  -> "resident"
next_step("planned")                                        -> "signed"
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

WALK = ("surveyed", "assessed", "planned", "signed", "fitted", "accepted")
POOR = frozenset({"destitute", "subsistence_allowance", "near_threshold"})


@dataclass(frozen=True)
class Facts:
    """What decides about a bed on a day: status and living of the file, circumstances held, benefits held, ability level."""

    status: str = "living"
    living: str = ""
    circumstances: frozenset[str] = frozenset()
    benefits: tuple[str, ...] = ()
    level: int | None = None
    destitute_support: str = ""  # "institution": 集中供养, as the circumstance's detail says


def excluded_by(facts: Facts, tests: Sequence[str], *, levels: Sequence[int], overlapping: Sequence[str]) -> str:
    """The first test of a scheme that leaves this person out, "" if none does. An unassessed person is not left out yet.

    >>> excluded_by(Facts(benefits=("长期护理保险居家护理",)), ["overlapping_benefit"], levels=[1], overlapping=["长期护理保险居家护理"])
    'overlapping_benefit'
    """
    inside = facts.status == "institution" or facts.living == "institution"
    says = {
        "destitute_in_institution": "destitute" in facts.circumstances
        and (inside or facts.destitute_support == "institution"),
        "resident": inside,
        "overlapping_benefit": any(kind in overlapping for kind in facts.benefits),
        "not_dependent": facts.level is not None and facts.level not in levels,
        "not_poor": not (facts.circumstances & POOR),
    }
    return next((test for test in tests if says[test]), "")


TESTS = ("destitute_in_institution", "resident", "overlapping_benefit", "not_dependent", "not_poor")


def next_step(reached: str) -> str:
    """What is to be done next; "" after acceptance (service and renewal go on) and after the end.

    >>> next_step("")
    'surveyed'
    """
    if reached == "":
        return WALK[0]
    if reached not in WALK or reached == WALK[-1]:
        return ""
    return WALK[WALK.index(reached) + 1]


def dormant(
    *, kind: str, installed_on: date, last_signal: datetime | None, now: datetime, today: date, hours: dict[str, int],
    never_days: int,
) -> bool:  # fmt: skip
    """Whether a device that should speak has been silent too long, or never spoke since it was put up."""
    if last_signal is None:
        return (today - installed_on).days >= never_days
    return now - last_signal > timedelta(hours=hours[kind])


def short_of(promised: int, delivered: int) -> int:
    """Minutes still owed in a month; more than promised owes nothing."""
    return max(0, promised - delivered)
