"""Invented paper for the demo: 2021 in the ledger and closed, October 2023 frozen and told, a late entry beside it, a letter,
two superiors' forms that disagree, an appraisal, a draw, the bodies of Tangshan and Laixi. By the product's own verbs, once.
"""

import io
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from songhe.core import periods
from songhe.core.refusal import Refusal
from songhe.demo import weeks
from songhe.insight.indicators.models import Frozen
from songhe.oversight.awards import actions as awards
from songhe.oversight.bulletins import actions as bulletins
from songhe.oversight.bulletins import occasions
from songhe.oversight.bulletins.models import Bulletin
from songhe.oversight.ledger import actions as ledger
from songhe.oversight.ledger.models import Item
from songhe.oversight.participation import actions as meetings
from songhe.oversight.programmes import actions as figures
from songhe.oversight.programmes import definitions, queries
from songhe.registry.accounts.models import User
from songhe.registry.facilities import actions as facilities
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code

DONE, RUNNING = "dingzhou-2021", "dingzhou-2023"
SYSTEM = {"by": None, "post": None}
PAPER = {"by": 0, "post": None}
LATE = "乡镇迟报，按学校报表补录（演示）"
BODIES = {"130200": ("tangshan-joint-meeting", "tangshan-leading-group"), "370285": ("laixi-joint-meeting",)}
CELLS = [
    # form, who asks, place in the file, caption, indicator, side
    ("民政厅月报（演示）", "省民政厅", "探访率", "本月探访关爱率", "pairing", "value"),
    ("民政厅月报（演示）", "省民政厅", "建档数", "建档立卡人数", "case_file_complete", "numerator"),
    ("市政府督查表（演示）", "市政府督查室", "探访", "本月探访关爱率", "weekly_visiting", "value"),
    ("市政府督查表（演示）", "市政府督查室", "建档", "建档立卡人数", "case_file_complete", "denominator"),
]


def load(*, city: Place, users: dict[str, User], today: date) -> None:
    """Make what is not there; inside `core.acting.everywhere()`, after the notices."""
    for code, names in BODIES.items():
        if Place.objects.filter(code=code).exists():
            for name in names:
                meetings.found_body(place=by_code(code), definition=name, **SYSTEM)
    if Bulletin.objects.filter(programme=RUNNING).exists():
        return
    _ledger_of_2021(city, users, today)
    _bulletin(city)
    _letter(city, today)
    _forms(city)
    awards.appraise(definition="township-visiting", place=city, period=_last_month(city, today), **SYSTEM)
    drawn = facilities.draw(place=city, kinds=["day_care_station"], size=3, on=today, seed="演示种子-2023", **SYSTEM)
    for pk in drawn.drawn[:1]:
        _spot_check(pk, drawn, today)


def _spot_check(pk: int, drawn, today: date) -> None:  # type: ignore[no-untyped-def]
    from songhe.registry.facilities import queries as sites

    site = sites.by_ids(post=None, ids=[pk])[pk]
    try:
        facilities.open_inspection(
            facility=site, kind="spot", on=today, team=["抽查组甲（演示）", "抽查组乙（演示）"], draw=drawn, **SYSTEM
        )
    except Refusal:  # somebody is looking at it already
        return


def _ledger_of_2021(city: Place, users: dict[str, User], today: date) -> None:
    """Every target and milestone of 2021, closed near its day; late where the figure came late."""
    if "juzhang" not in users or Item.objects.filter(programme=DONE, kind="target", target="stations").exists():
        return
    laid = ledger.lay_out(programme=DONE, origin="demo", **SYSTEM)
    lines = queries.status(programme=definitions.named(DONE), on=today, place=city)
    late = {line.goal.id for line in lines if line.state == "met_late"}
    for item in sorted(laid, key=lambda item: (item.parent_id is None, -item.pk)):  # what lies below first
        on = min(today, item.due_on + timedelta(days=20) if item.target in late else item.due_on)
        asked = ledger.ask_close(
            item=item, statement="已完成，明细见工程页（演示）", signers=[users["juzhang"]], by=users.get("keyuan"), post=None,
            on=on,
        )  # fmt: skip
        ledger.sign(close_out=asked, verdict="agree", by=users["juzhang"], post=None, on=on)


def _bulletin(city: Place) -> None:
    """October 2023 as its last evening knew it; then a township's late entry, which stands beside the frozen figure."""
    month = periods.parse("2023-10")
    evening = datetime.combine(date(2023, 11, 1), time(8), weeks.ZONE)
    bulletins.close_month(place=city, period=month, now=evening, **PAPER)
    made = bulletins.draft(programme=RUNNING, period=month, **PAPER)
    words = {"problems": "部分设施投用较晚，个别学校活动没有开展。", "next": "逾期事项逐件销号，下月底前补齐。"}
    made = bulletins.write(bulletin=made, words=words, **PAPER)
    bulletins.issue(bulletin=made, on=date(2023, 11, 2), **PAPER)
    programme = definitions.named(RUNNING)
    line = queries.standing_of(programme=programme, goal=programme.goal("school_events"), on=month.end, place=city)
    short = next((p for p in line.places if p.base and p.numerator < p.base), None) if line else None
    if short is not None:
        figures.enter_figure(
            programme=RUNNING, goal="school_events", place=short.place, value=int(short.base), base=int(short.base),
            as_of=month.end, evidence="演示：学校报表（迟报）", origin="demo", **SYSTEM,
        )  # fmt: skip
        bulletins.recount(place=city, period=month, reason=LATE, **PAPER)


def _letter(city: Place, today: date) -> None:
    programme = definitions.named(RUNNING)
    lines = queries.status(programme=programme, on=today, place=city)
    line = next((one for one in lines if one.state == "late"), None)
    if line is None:
        return
    asked = occasions.of_goal(programme, line, on=today)
    blank = {name: asked.fields.get(name, "") or "按通知要求办理（演示）" for name in bulletins_fields()}
    letter = bulletins.write_letter(
        place=city, kind=asked.kind, fields=blank, subject=asked.subject, answer_by=asked.answer_by, **PAPER
    )
    bulletins.issue_letter(letter=letter, on=today, **PAPER)


def bulletins_fields() -> tuple[str, ...]:
    from songhe.oversight.bulletins.templating import LETTER_FIELDS

    return tuple(LETTER_FIELDS)


def _last_month(city: Place, today: date):  # type: ignore[no-untyped-def]
    """The last month that was frozen with the demo's weeks in it."""
    found = (
        Frozen.objects.filter(place=city, period__lt=f"{today:%Y-%m}")
        .order_by("-period")
        .values_list("period", flat=True)
    )
    return periods.parse(found[0] if found else f"{today:%Y-%m}")


def _forms(city: Place) -> None:
    """Two forms ask for one thing in two ways: the list of disagreements says which and why."""
    month = _last_month(city, timezone.localdate())
    for name in dict.fromkeys(row[0] for row in CELLS):
        rows = [row for row in CELLS if row[0] == name]
        form = bulletins.put_form(
            place=city, name=name, asked_by=rows[0][1], file_name=f"{name}.xlsx", content=_workbook(rows), **PAPER
        )
        cells = [
            {"cell": cell, "caption": caption, "indicator": indicator, "side": side}
            for _name, _asks, cell, caption, indicator, side in rows
        ]
        bulletins.map_cells(form=form, cells=cells, **PAPER)
        bulletins.fill(form=form, period=month, **PAPER)


def _workbook(rows: list[tuple]) -> bytes:
    """A superior's empty form: a line a figure, its place written as 【name】."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append([rows[0][0]])
    sheet.append(["项目", "本月数"])
    for _name, _asks, cell, caption, _indicator, _side in rows:
        sheet.append([caption, f"【{cell}】"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
