"""The week in the family's words: visits, services, meals, what comes next."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from songhe.care.duties.terms import MODES, NEEDS
from songhe.care.evidence.family import Told as Complaint
from songhe.care.evidence.terms import FINDINGS, SUBJECTS
from songhe.care.meals.family import Eaten
from songhe.care.meals.terms import MEALS, WAYS
from songhe.care.services.family import Told
from songhe.care.visits.family import Week
from songhe.care.visits.models import OUTCOMES
from songhe.core.periods import Period

STATES = {
    "waiting": lazy("已收到，正在安排人"),
    "dispatched": lazy("已交给服务机构，等答复"),
    "accepted": lazy("已安排好人上门"),
    "serving": lazy("正在服务"),
    "done": lazy("做好了"),
    "called_back": lazy("做好了"),
    "rated": lazy("做好了，已评价"),
    "cancelled": lazy("已取消"),
    "returned": lazy("正在改派别人"),
}
TONES = {"done": "well", "called_back": "well", "rated": "well", "cancelled": "off"}


@dataclass(frozen=True)
class Line:
    """An order as one item of a list."""

    told: Told
    item: str
    when: str
    state: str
    tone: str
    carers: str


def english() -> bool:
    return (get_language() or "").startswith("en")


def said(told: Week) -> str:
    """The one line. Who was reached but not well is 探访过 only: more is for the consent to say."""
    if told.seen:
        return _("探访过，平安") if told.well else _("探访过")
    return _("这一周暂停探访") if told.excused else _("还没有探访")


def next_visits(told: Week, week: Period) -> str:
    if told.excused:
        return _("这一周不安排探访。有事请打村（社区）电话。")
    if not told.owed:
        return _("这一周没有固定的探访安排。")
    calls, visits = told.left.get("calls", 0), told.left.get("visits", 0)
    if not calls and not visits:
        return _("这一周该做的都做了，下周继续。")
    parts = [_("打 %(n)s 次电话") % {"n": calls}] if calls else []
    parts += [_("上门 %(n)s 次") % {"n": visits}] if visits else []
    return _("%(day)s 前，还会%(what)s。") % {"day": day(week.end), "what": _("、").join(parts)}


def day(on: date) -> str:
    return _("%(month)s 月 %(day)s 日") % {"month": on.month, "day": on.day}


def weekday(on: date) -> str:
    """11-24 周二"""
    return date_format(on, "n-j D")


def days(told: Week) -> list[dict] | None:
    if told.days is None:
        return None
    modes, outcomes = dict(MODES), dict(OUTCOMES)
    return [
        {
            "on": date.fromisoformat(row["on"]),
            "mode": modes.get(row["mode"], row["mode"]),
            "outcome": outcomes.get(row["outcome"], "") if "outcome" in row else "",
        }
        for row in told.days
    ]


def needs(told: Week) -> list[dict] | None:
    if told.needs is None:
        return None
    words = dict(NEEDS)
    return [
        {"need": words.get(row["need"], row["need"]), "closed": row["closed"], "due": date.fromisoformat(row["due_on"])}
        for row in told.needs
    ]


def line(told: Told) -> Line:
    who = [_("%(surname)s护理员") % {"surname": surname} for surname in told.carers or ()]
    return Line(
        told, told.item_en if english() else told.item, when(told), str(STATES[told.state]), TONES.get(told.state, "plain"),
        _("、").join(who),
    )  # fmt: skip


def when(told: Told) -> str:
    """The planned hour where somebody comes, the true one where somebody was there, else the window that was wished."""
    if told.started:
        begun = timezone.localtime(told.started)
        ended = f"–{timezone.localtime(told.finished):%H:%M}" if told.finished else ""
        return f"{weekday(begun.date())} {begun:%H:%M}{ended}"
    if told.starts and told.state == "accepted":
        planned = timezone.localtime(told.starts)
        return _("%(day)s %(time)s 左右") % {"day": weekday(planned.date()), "time": f"{planned:%H:%M}"}
    first, last = timezone.localtime(told.first), timezone.localtime(told.last)
    return f"{weekday(told.on)} {first:%H:%M}–{last:%H:%M}"


def sorted_lines(rows: list[Told] | None, week: Period) -> dict[str, list[Line] | None]:
    """This week's, later ones, and finished ones of earlier weeks that wait for a word."""
    if rows is None:
        return {"services": None, "later": None, "unrated": None}
    return {
        "services": [line(row) for row in rows if week.start <= _served_on(row) <= week.end],
        "later": [line(row) for row in rows if _served_on(row) > week.end and row.state != "cancelled"],
        "unrated": [line(row) for row in rows if _served_on(row) < week.start and row.may_rate],
    }


def _served_on(row: Told) -> date:
    """The day somebody came; before that, the day that was wished."""
    return timezone.localtime(row.started).date() if row.started else row.on


def meals(rows: list[Eaten] | None) -> dict | None:
    if rows is None:
        return None
    words, ways = dict(MEALS), dict(WAYS)
    told = [
        {"on": row.on, "meal": words.get(row.meal, row.meal), "way": ways.get(row.way, row.way), "point": row.point}
        for row in rows
    ]
    return {"rows": told, "n": len(told)}


def complaints(rows: list[Complaint] | None) -> list[dict]:
    subjects, findings = dict(SUBJECTS), dict(FINDINGS)
    return [
        {"row": row, "subject": subjects.get(row.subject, row.subject), "finding": findings.get(row.finding, "")}
        for row in rows or []
    ]


def from_to(today: date, week: Period, ahead: int) -> tuple[date, date]:
    """Which days' orders the page asks for: four weeks back, and as far ahead as can be ordered."""
    return week.start - timedelta(days=21), max(week.end, today + timedelta(days=ahead))
