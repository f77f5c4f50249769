"""What a 督办单 or 提醒函 is written about: a late target or ledger item, as the fields of a letter with its facts filled in.

of_item(line, on=date(2023, 10, 20)).fields["现状"] -> "已完成28个（应完成33个），最新进展：其余已进场（2023年10月9日）"
"""

from dataclasses import dataclass
from datetime import date

from songhe.core import workdays
from songhe.oversight.bulletins.rules import day as zh_day
from songhe.oversight.ledger import queries as ledger
from songhe.oversight.ledger.definitions import terms
from songhe.oversight.programmes import queries as programmes
from songhe.oversight.programmes.definitions import Programme
from songhe.registry.places.models import Place

STATES = {"open": "推进中", "at_risk": "有风险", "late": "已逾期", "awaiting": "已申请销号，待签字"}


@dataclass(frozen=True)
class Occasion:
    """The kind of letter it calls for, the fields that are known, its subject line and the day to answer by."""

    kind: str
    fields: dict[str, str]
    subject: str
    answer_by: date


def of_goal(programme: Programme, line: programmes.Line, *, on: date) -> Occasion:
    """A programme's goal at a place: to the units that lead it, or to the place that owes its share."""
    goal, source = line.goal, programme.data["source"]
    paper = source.get("number") or source["date"].isoformat()
    clause = "、".join(goal.definition.get("commitments") or [])
    fields = {
        "单位": _units(programme, line),
        "事项": goal.definition["subject"]["zh"],
        "依据": f"《{source['title']}》（{paper}{'，' + clause if clause else ''}）",
        "期限": zh_day(line.deadline),
        "现状": _standing(line),
    }
    return _made(line.state == "late", fields, f"{programme.id}/{clause or goal.id}", on)


def of_item(line: ledger.Line, *, on: date) -> Occasion:
    """A line of the ledger: to the unit that leads it."""
    item = line.item
    fields = {
        "单位": item.lead_unit,
        "事项": item.title,
        "依据": item.source_document or "台账事项" + item.number,
        "期限": zh_day(line.due_on),
        "现状": _progress(line),
    }
    return _made(line.state.name == "late", fields, f"{item.number} {item.title}"[:120], on)


def _made(late: bool, fields: dict[str, str], subject: str, on: date) -> Occasion:
    answer = workdays.after(on, terms().answer_days)[0]
    known = fields | {"截止日": zh_day(on), "回复期限": zh_day(answer)}
    return Occasion("supervision" if late else "reminder", known, subject, answer)


def _units(programme: Programme, line: programmes.Line) -> str:
    place: Place = line.place
    if place.code != programme.place:
        return place.name
    names = {row["id"]: row["name"]["zh"] for row in programme.data.get("bodies") or []}
    return "、".join(names[name] for name in line.goal.definition.get("lead") or []) or place.name


def _standing(line: programmes.Line) -> str:
    unit = (line.goal.definition.get("unit") or {}).get("zh", "")
    if line.actual is None:
        return "尚未报数"
    if line.base is not None:
        return f"{line.actual:g}{unit}（{line.numerator:g}/{line.base:g}），应达到{line.target:g}{unit}"
    return f"已完成{line.actual:g}{unit}（应完成{line.target:g}{unit}）"


def _progress(line: ledger.Line) -> str:
    item, latest = line.item, line.progress
    done = ""
    if item.quantity and latest is not None and latest.done is not None:
        done = f"已完成{_plain(latest.done)}{item.unit}（应完成{_plain(item.quantity)}{item.unit}）"
    said = f"最新进展：{latest.text}（{zh_day(latest.on)}）" if latest else "没有登记进展"
    return "，".join(part for part in (done or STATES.get(line.state.name, ""), said) if part)


def _plain(number) -> str:  # type: ignore[no-untyped-def]
    return f"{number.normalize():f}"
