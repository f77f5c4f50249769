"""Invented weeks of calls and visits: mostly kept, with believable gaps. Same seed, person and week: same records.

A village has its own diligence, a few are poor, and all improve a little; the failures are of the usual kinds (one call
short, no home visit, nobody at all). Nothing here is measured anywhere.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

ZONE = ZoneInfo("Asia/Shanghai")
NEEDS = ("errand", "top_up", "doctor", "comfort", "cleaning", "call_family", "repair", "safety")
NOTES = (
    "",
    "",
    "",
    "",
    "说最近腿疼，已劝其就医",
    "儿子周末回来",
    "家里暖气已通",
    "帮忙取了快递",
    "想吃饺子",
    "药快吃完了",
)
CALL_DAYS = ((0, 3), (1, 4), (0, 4), (1, 3), (2, 5))


@dataclass(frozen=True)
class Owed:
    """A duty as the generator needs it."""

    person: int
    village: int
    helper: int
    calls: int
    visits: int


def _draws(seed: int, week: int, people: int) -> np.ndarray:
    """Twenty numbers in [0, 1) for every person number, independent of who else is there."""
    return np.random.Generator(np.random.Philox(key=[seed, week])).random((people + 1, 20))


def diligence(seed: int, villages: int) -> np.ndarray:
    """The share of weeks a village keeps, by place number: most 0.96–0.995, one in twelve clearly worse."""
    rng = np.random.Generator(np.random.Philox(key=[seed, 0]))
    usual, poor, which = rng.random(villages + 1), rng.random(villages + 1), rng.random(villages + 1)
    return np.where(which < 0.08, 0.62 + 0.25 * poor, 0.955 + 0.043 * usual)


def week_rows(
    duties: list[Owed], *, monday: date, until: datetime, age_in_weeks: int, seed: int = 20211116
) -> Iterator[dict]:
    """Rows for `visits` of one week, oldest weeks a little worse; nothing after `until`."""
    if not duties:
        return
    draws = _draws(seed, monday.toordinal(), max(d.person for d in duties))
    base = diligence(seed, max(d.village for d in duties)) - 0.0035 * age_in_weeks
    for duty in duties:
        for row in _person_week(duty, draws[duty.person], base[duty.village], monday):
            if datetime.fromisoformat(row["occurred_at"]) <= until:
                yield row


def _person_week(duty: Owed, r: np.ndarray, keeps: float, monday: date) -> Iterator[dict]:
    calls, visits = duty.calls + int(r[1] < 0.15), duty.visits + int(r[2] < 0.06)
    if r[0] > keeps:
        if r[3] < 0.45:
            visits = max(duty.visits - 1, 0)
        elif r[3] < 0.85:
            calls = max(duty.calls - 1, 0)
        else:
            calls = visits = 0
    days = CALL_DAYS[int(r[4] * len(CALL_DAYS))]
    for n in range(calls):
        mode = "video" if r[5] < 0.07 else "call"
        yield _row(duty, r, n, mode, monday + timedelta(days=days[n % 2] + n // 2), 8.5 + 9 * r[6 + n % 2])
    for n in range(visits):
        day = monday + timedelta(days=(int(r[8] * 5) + n) % 6)
        yield _row(duty, r, 8 + n, "home_visit", day, 8 + 9.5 * r[9])
    if r[10] < 0.035:
        yield _row(duty, r, 12, "call", monday + timedelta(days=days[0]), 8.2, outcome="no_answer")


def service_rows(
    duties: list[Owed], *, first: date, days: int, until: datetime, seed: int = 20211116
) -> Iterator[dict]:
    """A month of the paired volunteers' home services, rather early in the month; one in twenty-five is missed."""
    if not duties:
        return
    draws = _draws(seed + 1, first.toordinal(), max(d.person for d in duties))
    for duty in duties:
        r = draws[duty.person]
        if r[0] <= 0.96:
            row = _row(duty, r, 16, "home_service", first + timedelta(days=int(r[1] ** 2 * days)), 9 + 7 * r[2])
            if datetime.fromisoformat(row["occurred_at"]) <= until:
                yield row


def _row(duty: Owed, r: np.ndarray, n: int, mode: str, day: date, hour: float, outcome: str = "") -> dict:
    at = datetime.combine(day, time(0), ZONE) + timedelta(minutes=int(hour * 60) + n)
    needs = []
    if not outcome:
        outcome = "well"
        if n == 8 and r[11] < 0.012:
            outcome, needs = "needs", [NEEDS[int(r[12] * len(NEEDS))]]
        elif n == 0 and r[13] < 0.003:
            outcome, needs = "unwell", ["doctor"]
    paper = r[14] < 0.025
    arrived = at + (timedelta(days=8 - at.weekday(), hours=1) if paper else timedelta(minutes=2 + int(r[15] * 50)))
    return {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"songhe demo {duty.person} {day} {mode} {n}")),
        "person": duty.person,
        "mode": mode,
        "outcome": outcome,
        "occurred_at": at.isoformat(),
        "recorded_at": arrived.isoformat(),
        "made_by": duty.helper,
        "channel": "paper" if paper else "phone",
        "needs": needs,
        "note": NOTES[int(r[16] * len(NOTES))] if n == 8 else "",
    }
