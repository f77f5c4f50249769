"""Lists out: exactly what is filtered, masked unless asked for and allowed, watermarked, with its row in the audit.

    with export(by=user, post=post, place=town, circumstance="living_alone", reason="核对台账") as made:
        made.path, made.name, made.rows

The file is written inside the reader's own transaction and is gone when the block ends.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.core.tabular import Column, write_csv, write_xlsx
from songhe.registry.accounts.access import require
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import rules, sealing, terms
from songhe.registry.people.models import Person
from songhe.registry.people.queries import people_query
from songhe.registry.people.roster.columns import LEVELS, LIVING
from songhe.registry.people.standing import allow
from songhe.registry.places.models import Place

CHUNK = 5_000
COLUMNS = [
    Column("姓名", width=12), Column("身份证号码", width=22), Column("性别", width=8), Column("出生日期", "date"),
    Column("年龄", "number", 8), Column("联系电话", width=16), Column("县（市、区）"), Column("乡镇（街道）", width=16),
    Column("村（社区）", width=18), Column("居住地址", width=30), Column("户籍地", width=24), Column("居住方式"),
    Column("困难情形", width=24), Column("能力等级"), Column("评估日期", "date"), Column("状态", width=10), Column("状态起始", "date"),
    Column("已明确帮扶人", width=12), Column("建档日期", "date"), Column("核实日期", "date"),
]  # fmt: skip


@dataclass(frozen=True)
class Export:
    """A finished file; it goes away with the `with` block."""

    path: Path
    name: str
    rows: int
    content_type: str


@contextmanager
def export(
    *,
    by: User | None,
    post: Post | None,
    place: Place | None = None,
    fmt: Literal["xlsx", "csv"] = "xlsx",
    clear: bool = False,
    reason: str = "",
    on: date | None = None,
    **filters: Any,
) -> Iterator[Export]:
    """The list that the same filters show, as a file. `clear`: numbers, telephones and addresses in full, against a reason.

    Raises Refusal (unknown filter, place outside the area, no reason) or Denied.
    """
    allow(by, post, "people.export")
    if fmt not in ("xlsx", "csv"):
        raise Refusal("unknown_format", zh="只能导出 xlsx 或 csv。", en="Exports are xlsx or csv.", field="fmt")
    if clear:
        if post is not None:
            require(post, "people.unmask")
        if len(reason.strip()) < 2:
            raise Refusal(
                "reason_missing",
                zh="导出完整的证件号、电话和住址须写明事由。",
                en="Say why numbers, telephones and addresses are needed in full.",
                field="reason",
            )
    on = on or timezone.localdate()
    people = people_query(post, place=place, on=on, **filters).select_related("village", "town", "county")
    mark = _watermark(by, post, reason)
    with transaction.atomic(), tempfile.NamedTemporaryFile(suffix=f".{fmt}") as file:
        rows = _rows(people.order_by("name_sort", "id").iterator(CHUNK), clear=clear, on=on)
        if fmt == "xlsx":
            count = write_xlsx(file, COLUMNS, rows, sheet="老年人", watermark=mark)
        else:
            with open(file.name, "w", encoding="utf-8-sig", newline="") as text:
                count = write_csv(text, COLUMNS, rows, watermark=mark)
        file.flush()
        where = place or (post.place if post else None)
        audit.note(
            "people.export", "person", area_id=where.pk if where else None, rows=count, clear=clear, format=fmt,
            filters={name: str(value)[:40] for name, value in filters.items() if name != "q"}, searched="q" in filters,
            reason=reason.strip()[:120],
        )  # fmt: skip
        name = f"老年人名单_{where or '全部'}_{on:%Y%m%d}.{fmt}"
        yield Export(Path(file.name), name, count, _TYPES[fmt])


_TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}


def _watermark(by: User | None, post: Post | None, reason: str) -> str:
    who = f"{by} {post.get_role_display()} {post.place}" if by and post else "系统"
    return f"{who} {timezone.localtime():%Y-%m-%d %H:%M} 导出" + (
        f"，事由：{reason.strip()[:60]}" if reason.strip() else ""
    )


def _rows(people: Iterator[Person], *, clear: bool, on: date) -> Iterator[list[Any]]:
    while part := list(islice(people, CHUNK)):
        shown = {}
        for field, column in sealing.COLUMN.items():
            texts = sealing.open_column(field, [getattr(person, column) for person in part])
            shown[field] = texts if clear else [sealing.masked_value(field, text) if text else "" for text in texts]
        for at, person in enumerate(part):
            yield _row(person, {field: texts[at] for field, texts in shown.items()}, on)


def _row(person: Person, shown: dict[str, str], on: date) -> list[Any]:
    return [
        person.name, shown["id_number"], "男" if person.sex == "m" else "女", person.birth, rules.age_on(person.birth, on),
        shown["phone"], str(person.county or ""), str(person.town or ""), str(person.village), shown["address"], person.hukou_text,
        LIVING[person.living][0] if person.living else "", "、".join(str(label) for label in terms.labels_of(person.tags)),
        LEVELS[person.ability_level][0] if person.ability_level is not None else "", person.ability_on,
        str(dict(terms.STATUSES)[person.status]), person.status_from, "是" if person.helper_named else "否", person.case_file_on,
        person.verified_on,
    ]  # fmt: skip
