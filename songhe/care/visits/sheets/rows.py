"""What the ticks of a row say: contacts as a keyboard line would give them, or what somebody has to decide.

contacts(3, {"d2.call", "d4.visit", "n.errand"}, monday=date(2026, 11, 9))
    -> [Contact(3, "call", 2026-11-10), Contact(3, "home_visit", 2026-11-12, "needs", ["errand"])], []

电 a call that reached the person, 上 a home visit, 没 nobody answered that day. An outcome or a need goes with the last
contact of the row. The same three things a keyboard line says, so a sheet typed and the same sheet read make the same records.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from songhe.care.visits.rules import Contact
from songhe.core.problem import Problem

_MODE = {"call": "call", "visit": "home_visit"}


def contacts(row: int, ticked: Iterable[str], *, monday: date) -> tuple[list[Contact], list[Problem]]:
    """The contacts of one row (its number on the sheet) from its ticked columns, or why they contradict each other."""
    found, wrong = [], []
    marks = set(ticked)
    for at in range(7):
        day = monday + timedelta(days=at)
        here = {mark.split(".")[1] for mark in marks if mark.startswith(f"d{at + 1}.")}
        if "nobody" in here and len(here) > 1:
            wrong.append(_both(row, day))
        found += [Contact(row, _MODE[mark], day) for mark in ("call", "visit") if mark in here]
        if here == {"nobody"}:
            found.append(Contact(row, "call", day, "no_answer"))
    outcomes = sorted(mark[2:] for mark in marks if mark.startswith("o."))
    needs = sorted(mark[2:] for mark in marks if mark.startswith("n."))
    if len(outcomes) > 1:
        wrong.append(_several(row))
    if (outcomes or needs) and not found:
        wrong.append(_alone(row))
    if wrong:
        return [], wrong
    if outcomes:
        found[-1].outcome = outcomes[0]
    return found, _with_needs(row, found, needs)


def _with_needs(row: int, found: list[Contact], needs: list[str]) -> list[Problem]:
    """Needs go with the last contact that reached the person."""
    if not needs:
        return []
    reached = [contact for contact in found if contact.outcome in ("well", "unwell")]
    if not reached:
        return [_unreached(row)]
    reached[-1].needs = needs
    if reached[-1].outcome == "well":
        reached[-1].outcome = "needs"
    return []


def _both(row: int, day: date) -> Problem:
    return Problem(
        "sheet_both",
        f"第 {row} 行 {day.month}月{day.day}日既勾了联系上，又勾了“没”。请看图决定留哪一个。",
        f"Row {row}, {day}: both reached and nobody answered are ticked. Look at the picture and keep one.",
    )


def _several(row: int) -> Problem:
    return Problem(
        "sheet_several",
        f"第 {row} 行“情况”勾了不止一个。请留一个。",
        f"Row {row}: more than one outcome is ticked. Keep one.",
    )


def _alone(row: int) -> Problem:
    return Problem(
        "sheet_alone",
        f"第 {row} 行勾了情况或需要，但没有勾哪天探访。请问帮扶人员后补上，或去掉。",
        f"Row {row}: an outcome or need is ticked but no contact. Ask the helper and add it, or take it out.",
    )


def _unreached(row: int) -> Problem:
    return Problem(
        "sheet_unreached",
        f"第 {row} 行勾了需要，但没有联系到本人的探访。请核对。",
        f"Row {row}: a need is ticked but no contact reached the person. Check it.",
    )
