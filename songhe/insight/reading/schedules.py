"""Dates that promise an act but no number: stages, milestones, consultations."""

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING

from songhe.insight.reading.dates import When, number
from songhe.insight.reading.deadlines import Reach, closes_paragraph, governs
from songhe.insight.reading.items import Item, Warn, words_span
from songhe.insight.reading.quantities import Quantity
from songhe.insight.reading.sentence import Sentence, tense_at
from songhe.insight.reading.vocabulary import either, vocabulary

if TYPE_CHECKING:
    from songhe.insight.reading.grammar import Reader

LABEL = re.compile(r"(?:完成时[限间]|时[限间](?:要求|节点|进度|安排)?|完成期限|办结时限)[::为]*$")
CONSEQUENCE = re.compile(r"^[^。;]{0,12}对[^,。;]*的[^,。;]*(?:约谈|问责|批评|奖励|表彰|处罚|扣减|收回|追责)")
MET = re.compile(r"(?:[上下]午|晚上?)")  # 6月19日下午,副市长主持召开会议: told, unless summoned
SUMMONS = re.compile(r"定于|拟于|将于|请于|兹定|须于|时间")
OPEN_FROM_TO = re.compile(
    r"(?:公示|公告|征求意见|征集|报名|申报|受理|评审|投票|服务|培训|活动|实施|合同)(?:时间|期限|期|日期)(?:为|:|自|从|是|定于)?$"
)
FINISHES = re.compile(r"(?:前|要|全面|全部|基本)*(?:完成|建成|启动|召开|出台|印发|制定|开展|组织|举办|实现)[^,。;]{2,}")
DONE_BY = re.compile(r"完成|竣工|投用|投入使用|投入运营|验收|开工|交付|启用|建成")
STAGE = re.compile(r"阶段|步骤|时期|环节|步")


@cache
def _acts() -> re.Pattern:
    return re.compile(either(vocabulary().words["schedule_verbs"]))


def schedules_of(
    s: Sentence, reach: Reach, is_title: bool, reader: "Reader", heads: list[str], made: list[Item]
) -> list[Item]:
    """The scheduled acts of one sentence."""
    found: list[Item] = []
    dates = [w for w in s.dates if governs(w)]
    for n, when in enumerate(dates):
        following = dates[n + 1].start if n + 1 < len(dates) else len(s.chars)
        item = _one(s, when, following, is_title, reader, reach, made, heads)
        if item is None or any(_same(item, other) for other in found):
            continue
        if found and when.soft and found[-1].deadline == item.deadline:
            continue
        found.append(item)
        if when.lost:
            span = (s.offset + when.start, s.offset + when.end)
            reader.warnings.append(Warn("lost_date", [span], {"words": when.lost, "read": _reading(when)}))
    for when in s.dates:
        if when.lost and not any(w.code == "lost_date" and w.facts["words"] == when.lost for w in reader.warnings):
            span = (s.offset + when.start, s.offset + when.end)
            reader.warnings.append(Warn("lost_date", [span], {"words": when.lost, "read": _reading(when)}))
    return found + _working_days(s, reader)


def _reading(when: When) -> str:
    return f"{when.begin}–{when.until}" if when.begin else when.until.isoformat()


def _same(a: Item, b: Item) -> bool:
    return a.deadline == b.deadline and a.begin == b.begin


def _one(
    s: Sentence,
    when: When,
    following: int,
    is_title: bool,
    reader: "Reader",
    reach: Reach,
    made: list[Item],
    heads: list[str],
) -> Item | None:
    seg = s.segment(when.start)
    clause = s.clause(when.start)
    end = min(following, seg[1])
    how = {i.at for i in made if i.kind == "standard"}
    counted = [q for q in s.quantities if when.end <= q.start < end and not q.base and s.offset + q.start not in how]
    in_clause_before = [q for q in s.quantities if clause[0] <= q.start < when.start]
    after = s.masked[when.end : end]
    whole_year = when.name in ("year", "years", "plan5")
    if is_title and not re.search(
        r"[\u4e00-\u9fff]{2}", re.sub(r"^[\d一二三四五六七八九十()、.第]+", "", s.masked).replace("■", "")
    ):
        return None
    bracketed = s.chars[max(0, when.start - 1) : when.start] == "("
    if is_title and _is_title_date(s, when) and (bracketed or not in_clause_before):
        if whole_year and not STAGE.search(s.masked):
            return None
        if when.role == "during" and re.search(r"情况|通报|一览表|统计表|明细|汇总", s.masked):
            return None  # 进展情况(二季度): the time a report is of
        return _make(s, when, clause if not STAGE.search(s.chars) else (0, len(s.chars)), s.chars)
    if (
        when.name == "day"
        and re.search(r"(?:办公室|办公厅|政府|局|委|委员会|厅|[。!])$", s.chars[: when.start])
        and "前" not in when.words
    ):
        return None  # a signature
    if closes_paragraph(s, when) and made:
        return None
    if LABEL.search(s.chars[max(0, when.start - 9) : when.start]) or ("|" in s.chars and reader._own_cell(s, when)):
        if made:
            return None
        title = heads[-1] if heads else s.chars
        return _make(s, when, clause, title)
    if CONSEQUENCE.search(after) or (
        MET.match(s.chars[when.end :]) and not SUMMONS.search(s.chars[clause[0] : when.start])
    ):
        return None
    if OPEN_FROM_TO.search(s.masked[clause[0] : when.start]) and when.role in ("by", "during"):
        return _make(s, when, clause, s.chars[clause[0] : clause[1]])
    published = reader.paper.published
    if (
        reader.paper.kind in ("news", "bulletin", "reply")
        and when.role == "during"
        and when.name in ("day", "days")
        and published
        and when.until <= published
    ):
        return None  # what the news tells of
    if tense_at(s, when.start) == "done" and _is_past(s, when, reader):
        return None
    if in_clause_before and when in reach.closing:
        return None
    if any(i.implied and s.offset + when.end <= i.at < s.offset + end for i in made):
        return None  # 2024年底,实现…全覆盖 is a target of its own
    first_act = [q for q in counted if not _is_duty(s, q, reader)]
    if first_act and first_act[0].unit.kind == "money" and when.role == "by" and _act_before(s, when, first_act[0]):
        first_act = []  # 6月底前,全部完成配置,财政安排500万元: the sum is of the work, the date of the act
    if when.name == "fullyear":
        return None
    if first_act and not _own_act_first(s, when, first_act[0].start):
        return None
    if (whole_year or when.name in ("half", "quarter")) and not _opens(s, when, clause):
        return None
    if re.search(r"^(?:起|以来|度|的)", after) or (whole_year and when.name != "year"):
        return None
    promised = when.role == "by" and not whole_year and re.match(r"[,、]?[\u4e00-\u9fff]{2}", after)
    # a row of a list ends with its date: 制定服务标准 县市场监管局 2024年5月底
    row = (
        when.role == "by"
        and not after.strip("。;,|)■")
        and not s.quantities
        and _acts().search(s.masked[max(0, when.start - 40) : when.start])
    )
    if row:
        return _make(s, when, (0, when.end), s.chars[: when.start])
    if when.role == "during" and bracketed and STAGE.search(s.chars[clause[0] : when.start]):
        return _make(s, when, clause, s.chars[clause[0] : clause[1]])
    if not promised and not _acts().search(after[:60]):
        return None
    if (
        when.role == "during"
        and when.name == "year"
        and re.match(r",(?:全|我)", after)
        and not _acts().search(after[:20])
    ):
        return None
    if whole_year and re.match(r"[^,。;]{0,12}应[\u4e00-\u9fff]尽[\u4e00-\u9fff]", after):
        return None
    if whole_year and re.search(r"[到至](?=20|“?十)", when.words) and not DONE_BY.search(after[:40]):
        return None  # 到2025年,体系基本健全: a state of things, no act with a date
    if when in reach.closing and re.fullmatch(
        r"(?:全部|全面|基本|前|底前)?(?:完成|建成|到位|落实|达标)?[。;,]?", after.strip("■")
    ):
        return None
    return _make(s, when, (when.start, max(end, when.end)), s.chars[when.start : end])


def _is_title_date(s: Sentence, when: When) -> bool:
    """A heading's date stands in brackets or after the words; "到2025年,…" opens a sentence instead."""
    before, after = s.chars[max(0, when.start - 1) : when.start], s.chars[when.end : when.end + 2]
    return (
        before in ("(", ":", "。")
        or after[:1] in (")", "")
        or after in ("。", ");", ")。", ":")
        or bool(STAGE.search(s.chars))
    )


def _is_past(s: Sentence, when: When, reader: "Reader") -> bool:
    """Something that happened is no plan, unless a plan's own deadline says otherwise."""
    if when.role == "by":
        before = [kind for at, kind in s.cues if at < when.start]
        return bool(before and before[-1] == "done" and reader.paper.published and when.until <= reader.paper.published)
    return True


def _is_duty(s: Sentence, q: object, reader: "Reader") -> bool:
    from songhe.insight.reading.kinds import period_of  # the only place that needs it: avoids a circle

    return period_of(s, q, 0) is not None  # type: ignore[arg-type]


def _act_before(s: Sentence, when: When, money: Quantity) -> bool:
    """A whole clause that finishes something stands between the date and the sum."""
    clause = s.clause(money.start)
    piece = s.masked[when.end : clause[0]].lstrip(",、")
    return len(piece) >= 6 and bool(_acts().search(piece))


def _own_act_first(s: Sentence, when: When, quantity: int) -> bool:
    """6月底前完成选址,…10月底前建成20个 has its own date; 10月底前,遴选…,打造20个 has not: an act without a count, then a stop."""
    piece = s.masked[when.end : quantity].lstrip(",、")
    clause = s.clause(when.start)
    if (
        when.role == "by"
        and when.name != "plan5"
        and quantity >= clause[1]
        and FINISHES.match(s.masked[when.end : clause[1]])
    ):
        return True  # 6月底前建成城北客运站,新建泊位1500个
    if (
        when.role == "by"
        and re.search(r"[\u4e00-\u9fff]{3}$", s.masked[clause[0] : when.start])
        and quantity >= clause[1]
    ):
        return True
    if (
        when.role == "during"
        and when.begin
        and when.name in ("months", "days", "daymonth")
        and re.match(r"[^,。;]{4,}[,;]", piece)
    ):
        return True
    return ";" in piece or "。" in piece


def _opens(s: Sentence, when: When, clause: tuple[int, int]) -> bool:
    """2020年在…全面推开: a year that opens its clause and is followed by an act."""
    if when.role == "by":
        return True
    lead = s.masked[clause[0] : when.start].strip("■")
    after = s.masked[when.end : when.end + 6]
    return (
        not lead
        and bool(
            re.match(r"(?:在|完成|启动|全面|建成|开展|实施|制定|出台|推进|基本|实现|力争|开工|建立|组织|,)", after)
        )
        and not re.match(r",(?:全市计划|我市计划)", after)
    )


def _make(s: Sentence, when: When, where: tuple[int, int], title: str) -> Item:
    start, end = words_span(*where)
    if not start <= when.start < end:
        start, end = words_span(when.start, max(where[1], when.end))
    clean = re.sub(
        r"^(?:\d{1,2}[.、]|[((][一二三四五六七八九十\d]{1,3}[))]|[一二三四五六七八九十]{1,3}、)", "", title
    ).strip("。;,: ")
    item = Item(
        kind="schedule",
        start=s.offset + start,
        end=s.offset + end,
        title=clean[:60],
        begin=when.begin,
        deadline=when.until,
        deadline_written=when.words,
        confidence=0.85 if not when.lost else 0.55,
        at=s.offset + when.start,
    )
    item.subject = re.sub(re.escape(when.words), "", clean).strip(",(): ")[:40]
    if when.guess:
        item.other_deadlines = [(when.until + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)]
    return item


def _working_days(s: Sentence, reader: "Reader") -> list[Item]:
    """在15个工作日内,提出意见: counted from publication, holidays out."""
    found = []
    for m in s.workdays:
        if not re.search(
            r"意见|建议|反馈|征求|征集|报名|申报|公示", re.split("[;。]", s.chars[m.start() : m.end() + 40])[0]
        ):
            continue
        if re.search(r"收到|受理|提[交出]|接到|确认|完成", s.chars[m.start() : m.end()]):
            continue  # counted from somebody's application
        days = number(m["n"])
        published = reader.paper.published
        if published is None or days == 0:
            continue
        until, sure = add_working_days(published, days)
        start, end = words_span(m.start(), len(s.chars))
        found.append(
            Item(
                kind="schedule",
                start=s.offset + start,
                end=s.offset + end,
                title=s.chars[m.start() : end].strip("。,"),
                subject="征求意见",
                begin=published,
                deadline=until,
                deadline_written=m.group(0),
                confidence=0.7,
                at=s.offset + m.start(),
            )
        )
        if not sure:
            reader.warnings.append(
                Warn(
                    "working_days_guessed",
                    [(s.offset + m.start(), s.offset + m.end())],
                    {"words": m.group(0), "read": until.isoformat()},
                )
            )
    return found


def add_working_days(start: dt.date, days: int) -> tuple[dt.date, bool]:
    """The last of `days` working days after `start`, and whether the year's holidays are known (else Monday to Friday)."""
    from chinese_calendar import is_workday

    day, left, sure = start, min(days, 400), True
    while left > 0:
        day += dt.timedelta(days=1)
        try:
            working = is_workday(day)
        except NotImplementedError:
            working, sure = day.weekday() < 5, False
        left -= working
    return day, sure
