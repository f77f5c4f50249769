"""What a column of somebody's ledger may hold: fields, the headers they usually stand under, how a cell is read and shown."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from songhe.core.cells import plain, text_of
from songhe.core.dates import read_date
from songhe.core.problem import Problem, Refused
from songhe.insight.reading.dates import YearContext, find_dates

FIELDS = [
    ("number", _("编号")),
    ("title", _("事项")),
    ("detail", _("具体内容")),
    ("programme", _("所属工程")),
    ("target", _("目标编号")),
    ("commitment", _("承诺编号")),
    ("source_document", _("依据文件")),
    ("place", _("责任地区")),
    ("lead_unit", _("牵头单位")),
    ("cooperating_units", _("配合单位")),
    ("person", _("责任人")),
    ("quantity", _("数量")),
    ("unit", _("单位")),
    ("starts_on", _("开始日期")),
    ("due_on", _("完成期限")),
    ("progress", _("进展情况")),
    ("done", _("累计完成")),
    ("problem", _("存在问题")),
    ("state", _("状态（只导出）")),
    ("closed_on", _("销号日期（只导出）")),
]
SYNONYMS = {
    "number": ("序号", "编号", "任务编号", "台账编号"),
    "title": ("事项", "任务", "任务名称", "工作任务", "重点任务", "目标任务", "项目名称", "工作内容"),
    "detail": ("具体内容", "任务内容", "工作举措", "具体措施", "主要内容", "推进措施"),
    "programme": ("所属工程", "工程名称", "专项行动"),
    "target": ("目标编号",),
    "commitment": ("承诺编号",),
    "source_document": ("依据文件", "任务来源", "文件依据", "来源"),
    "place": ("责任地区", "乡镇", "乡镇街道", "乡镇（街道）", "所属乡镇", "属地"),
    "lead_unit": ("牵头单位", "责任单位", "牵头部门", "责任部门", "主责单位"),
    "cooperating_units": ("配合单位", "协办单位", "配合部门", "参与单位"),
    "person": ("责任人", "责任领导", "具体责任人", "负责人"),
    "quantity": ("数量", "目标数", "任务数", "目标值", "计划数"),
    "unit": ("单位", "计量单位"),
    "starts_on": ("开始日期", "启动时间", "开始时间", "起始时间"),
    "due_on": ("完成期限", "完成时限", "完成时间", "时限要求", "办结时限", "截止时间", "时间节点"),
    "progress": ("进展情况", "工作进展", "目前进展", "推进情况", "完成情况", "落实情况"),
    "done": ("累计完成", "已完成数", "完成数"),
    "problem": ("存在问题", "问题", "困难问题", "存在的问题"),
    "state": ("状态", "进度状态", "办理状态"),
    "closed_on": ("销号日期", "销号时间", "办结日期"),
}
NEEDED = ("title", "lead_unit", "due_on")


def read_deadline(value: Any, year: int) -> tuple[date, str]:
    """(the last day, the words when they are no plain date). 10月底前 takes `year`. Raises Refused with the reason."""
    reading = read_date(value)
    if reading.ok and reading.precision == "day":
        return reading.day, ""
    words = plain(text_of(value))
    found = [when for when in find_dates(words, YearContext(year, year), []) if not when.lost]
    if len(found) == 1:
        return found[0].until, words[:40]
    if reading.ok:
        return reading.day, words[:40]
    raise Refused(
        Problem(
            "deadline",
            f"“{words[:20]}”不是能确定的日期。请写成 2023-10-31 或“10月底前”。",
            f"“{words[:20]}” is no definite date. Write 2023-10-31 or 10月底前.",
        )
    )


def read_number(value: Any) -> Decimal | None:
    """A quantity, or None for an empty cell. Raises Refused."""
    words = plain(text_of(value)).replace(",", "") if value not in (None, "") else ""
    if not words:
        return None
    try:
        number = Decimal(words)
        if number.is_finite() and abs(number) < 10**9:
            return round(number, 2)
    except InvalidOperation:
        pass
    raise Refused(Problem("number", f"“{words[:20]}”不是数字。单位请写在另一列。", f"“{words[:20]}” is no number. Put the unit into a column of its own."))  # fmt: skip
