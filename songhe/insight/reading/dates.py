"""Dates and periods as notices write them, read into a start, a deadline and the role they play.

"10月底前" → deadline 2023-10-31; "6-10月" → 2023-06-01..2023-10-31; "到2025年" → deadline 2025-12-31;
"截至2016年底" → as of. Lost characters ("20213", "1110日前") are read with a warning.
"""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from songhe.insight.reading.numerals import chinese_number
from songhe.insight.reading.vocabulary import vocabulary

Y = r"(?:20\d\d|[二2][〇零○O0][〇零○一二三四五六七八九\d]{2})年"
M = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?:份)?"
D = r"(?:3[01]|[12]\d|0?[1-9]|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号]"
REL = r"(?:今年|明年|后年|去年|上年|当年|本年度?|前年|次年|翌年)"
PART = r"(?:年?底|年?末|年内|内|全年|年度)"
TO = r"(?:至|到|-{1,2}|—{1,2}|~)"
BEFORE = r"(?:之前|以前|前)"
TEN = r"(?:上旬|中旬|下旬|月?底|月?末|初|中)"
QUARTER = r"(?:第?[一二三四1234]季度|第[一二三四]季(?![度节]))"
HALF = r"(?:上半年|下半年)"
PLAN5 = r"“?(?:十[二三四五六七]五)”?(?:规划)?(?:时期|期间|期末|末期|末)"
PREFIX = (
    r"(?P<pre>截至目前|截至|截止到|截止至|截止|到|至|自|从|(?<![低高少多小大等])于|在|比|较|同比|由|力争到|争取到)?"
)

PATTERNS = [
    (name, re.compile(PREFIX + body))
    for name, body in [
        (
            "iso",
            r"(?P<y>20\d\d)[-/.](?P<m>1[0-2]|0?[1-9])[-/.](?P<d>3[01]|[12]\d|0?[1-9])(?!\d)(?P<before>" + BEFORE + ")?",
        ),
        ("years", rf"(?P<y>20\d\d)年?{TO}(?P<y2>20\d\d)年(?P<part>底|末)?"),
        ("days", rf"(?P<y>{Y}|{REL})?(?P<m>{M})(?P<d>{D})(?:起)?{TO}(?:(?P<y2>{Y}|{REL})?(?P<m2>{M}))?(?P<d2>{D})"),
        ("daymonth", rf"(?P<y>{Y}|{REL})?(?P<m>{M})(?P<d>{D})(?:起)?{TO}(?P<y2>{Y}|{REL})?(?P<m2>{M})(?P<t2>{TEN})?"),
        ("day", rf"(?P<y>{Y}|{REL})?(?P<m>{M})(?P<d>{D})(?P<before>{BEFORE})?"),
        (
            "months",
            rf"(?P<y>{Y}|{REL})?(?P<m>1[0-2]|0?[1-9]|[一二三四五六七八九十]{{1,2}})(?:月(?:份)?)?(?P<t1>{TEN})?{TO}"
            rf"(?P<y2>{Y}|{REL})?(?P<m2>{M})(?P<t2>{TEN})?(?P<before>{BEFORE})?",
        ),
        ("month", rf"(?P<y>{Y}|{REL})?(?P<m>{M})(?P<t2>{TEN})?(?P<before>{BEFORE})?"),
        (
            "quarter",
            rf"(?P<y>{Y}|{REL})?(?P<q>{QUARTER})(?:{TO}(?P<q2>{QUARTER}))?(?P<t2>底|末|内)?(?P<before>{BEFORE})?",
        ),
        ("half", rf"(?P<y>{Y}|{REL})?(?P<h>{HALF})(?P<t2>底|末|内)?(?P<before>{BEFORE})?"),
        ("plan5", rf"(?P<p>{PLAN5})"),
        ("year", rf"(?P<y>{Y}|{REL})(?P<part>{PART})?(?P<before>{BEFORE})?"),
        ("bareyear", r"(?<=[到至])(?P<y>20\d\d)(?=[,,])"),
        (
            "festival",
            rf"(?P<y>{Y}|{REL})?(?P<feast>春节|端午节?|中秋节?|重阳节?|元旦|五一|六一|七一|八一|十一|国庆节?|劳动节|教师节|建军节|儿童节)(?P<before>{BEFORE})",
        ),
        ("fullyear", r"(?P<full>全年)(?![龄级度])"),
        ("yearend", rf"(?<![一二两三四五六七八九十\d每])(?P<part>年底|年末|年内|岁末)(?P<before>{BEFORE})?"),
    ]
]
LOST = [
    (name, re.compile(body))
    for name, body in [
        # 20213-11 = 2021年3月-11月;  202112月底前;  1110日前;  2021324
        (
            "year_month_range",
            r"(?<![\d.])(?P<y>20[1-3]\d)(?P<m>1[0-2]|[1-9])-(?P<m2>1[0-2]|[1-9])(?P<tail>月(?:底|末)?)?(?![\d.%])",
        ),
        (
            "year_month_day",
            r"(?<![\d.])(?P<y>20[1-3]\d)(?P<m>1[0-2]|[1-9])月?(?P<d>3[01]|[12]\d|[1-9])(?P<tail>日前?)(?!\d)",
        ),
        (
            "year_month",
            r"(?<![\d.])(?P<y>20[1-3]\d)(?P<m>1[0-2]|0?[1-9])月(?P<t2>上旬|中旬|下旬|底|末|初)?(?P<before>之前|以前|前)?",
        ),
        ("month_day", r"(?<![\d.月])(?=\d{3})(?P<m>1[0-2]|[1-9])(?P<d>3[01]|[12]\d|0?[1-9])日(?P<before>之前|以前|前)"),
        (
            "bare_year_month",
            r"(?<=[(:])(?P<y>20[1-3]\d)(?P<m>1[0-2]|[1-9])(?P<t2>上旬|中旬|下旬|底|末|初)?(?P<before>之前|以前|前)?(?=[)])",
        ),
        ("bare_month", r"(?<=[(])(?P<m>1[0-2]|[1-9])(?P<t2>上旬|中旬|下旬|底|末)(?P<before>之前|以前|前)?(?=[)])"),
    ]
]
WORKDAYS = re.compile(
    r"(?:在|于|自[^,。;]{1,20}?(?:之日|日)?起)?(?P<n>\d{1,3}|[一二三四五六七八九十]{1,3})个工作日(?:之内|以内|内)"
)


@dataclass
class When:
    """One date expression in chars[start:end] of its sentence.

    role: "by" a deadline, "during" a period, "asof" a state of things, "base" a year compared with, "ref" a mere mention.
    """

    start: int
    end: int
    begin: dt.date | None
    until: dt.date
    role: str
    words: str
    name: str = ""
    lost: str | None = None
    soft: bool = False
    year: int = 0
    guess: bool = False


@dataclass
class YearContext:
    """The year a date without one belongs to; it follows the last year written."""

    notice: int
    plan: int
    current: int = 0
    issued: dt.date | None = None  # late in the year, "2月底前" is of the next

    def __post_init__(self) -> None:
        """Start from the plan's year."""
        self.current = self.current or self.plan


def month_end(year: int, month: int) -> dt.date:
    """The last day of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def number(words: str) -> int:
    """Digits or Chinese numerals of a date part: "10月" "十月" "二〇二三年" → 10 10 2023."""
    core = re.sub(r"[年月日号份]", "", words).replace("○", "〇").replace("O", "〇")
    if core.isdigit():
        return int(core)
    core = core.translate(str.maketrans("0123456789", "〇一二三四五六七八九"))
    return chinese_number(core) or 0


def _year(words: str | None, ctx: YearContext) -> int | None:
    if not words:
        return None
    relative = {"今": 0, "当": 0, "本": 0, "明": 1, "次": 1, "翌": 1, "后": 2, "去": -1, "上": -1, "前": -2}
    if words[0] in relative and not words[0].isdigit():
        base = ctx.current if words[0] in "当次翌" else ctx.notice
        return base + relative[words[0]]
    year = number(words)
    return year if 1990 <= year <= 2100 else None


def _ten(year: int, month: int, ten: str | None) -> tuple[dt.date, dt.date]:
    """Start and end of a month or a part of it."""
    if ten == "上旬" or ten == "初":
        return dt.date(year, month, 1), dt.date(year, month, 10)
    if ten == "中旬":
        return dt.date(year, month, 11), dt.date(year, month, 20)
    if ten == "中":
        return dt.date(year, month, 1), dt.date(year, month, 15)
    if ten == "下旬":
        return dt.date(year, month, 21), month_end(year, month)
    return dt.date(year, month, 1), month_end(year, month)


def _safe(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def find_dates(chars: str, ctx: YearContext, masked: list[tuple[int, int]]) -> list[When]:
    """Every date expression in one sentence, in order; `masked` stretches (titles, numbers of papers) are left out."""
    taken = bytearray(len(chars))
    for a, b in masked:
        taken[a:b] = b"\1" * (b - a)
    found: list[When] = []
    hits: list[tuple[int, int, int, str, re.Match, bool]] = []
    for rank, (name, pattern) in enumerate(LOST):
        hits += [(m.start(), rank, m.end(), name, m, True) for m in pattern.finditer(chars)]
    for rank, (name, pattern) in enumerate(PATTERNS):
        hits += [(m.start(), 100 + rank, m.end(), name, m, False) for m in pattern.finditer(chars)]
    chosen = []
    for start, rank, end, name, m, lost in sorted(
        hits, key=lambda h: (h[1] >= 100, h[1] if h[1] < 100 else 0, -(h[2] - _core(h[4])), h[0])
    ):
        core = _core(m)
        if any(taken[core:end]) or (not lost and _bad_edge(chars, core, end)):
            continue
        taken[core:end] = b"\1" * (end - core)
        chosen.append((start, rank, end, name, m, lost))
    for start, _, end, name, m, lost in sorted(chosen, key=lambda h: h[0]):
        when = _read(name, m, ctx, lost)
        if when is None:
            continue
        when.start, when.end, when.words, when.name = start, end, m.group(0), name
        _next_year(when, ctx)
        when.lost = m.group(0) if lost else None
        _role(chars, m, when, ctx)
        if when.role not in ("ref", "base"):
            ctx.current = when.year or ctx.current
        found.append(when)
    return found


def _next_year(when: When, ctx: YearContext) -> None:
    """A paper of November that says 2月底前, or 春节前, means the coming year."""
    if not ctx.issued or when.year or when.role != "by" or when.name not in ("month", "day", "festival"):
        return
    if (
        ctx.issued.month >= 10
        and when.until.month <= 3
        and when.until < ctx.issued
        and when.until.year == ctx.issued.year
    ):
        moved = festival(re.sub("之?以?前$", "", when.words), ctx.issued.year + 1) if when.name == "festival" else None
        when.until = (
            moved - dt.timedelta(days=1)
            if moved
            else _safe(when.until.year + 1, when.until.month, min(when.until.day, 28)) or when.until
        )
        if when.name == "month" and not moved:
            when.until = month_end(when.until.year, when.until.month) if when.until.day == 28 else when.until


def _core(m: re.Match) -> int:
    pre = m.groupdict().get("pre")
    return m.start() + len(pre) if pre else m.start()


def festival(name: str, year: int) -> dt.date | None:
    """The day of a festival in a year, or None for a lunar one whose year is not listed in festivals.yaml."""
    known = vocabulary().festivals
    fixed = known["fixed"].get(name)
    if fixed:
        month, day = str(fixed).split("-")
        return dt.date(year, int(month), int(day))
    full = name if name in known["lunar"] else f"{name}节"
    return next((d for d in known["lunar"].get(full, []) if d.year == year), None)


def _bad_edge(chars: str, core: int, end: int) -> bool:
    before, after = chars[core - 1 : core], chars[end : end + 1]
    if before.isdigit() and chars[core].isdigit():
        return True
    if re.search(r"(?:每个?(?:学?年度?|季度?|月|周|半年|学期)|历年|常年)$", chars[max(0, core - 5) : core]):
        return True
    if before and before in "每第近" and chars[core] not in "十":
        return True
    return chars[core:end].endswith("月") and after in ("报", "刊", "饼", "季", "均", "嫂", "子", "亮")


def _read(name: str, m: re.Match, ctx: YearContext, lost: bool) -> When | None:
    g = m.groupdict()
    explicit = _year(g.get("y"), ctx)
    year = explicit or ctx.current
    begin: dt.date | None
    if name in ("year_month_range",):
        end = month_end(int(g["y"]), int(g["m2"]))
        return When(0, 0, dt.date(int(g["y"]), int(g["m"]), 1), end, "during", "", year=int(g["y"]))
    if name in ("year_month_day", "iso", "day", "month_day"):
        month, day = number(g["m"]), number(g["d"])
        until = _safe(year, month, day)
        if until is None:
            return None
        by = bool(g.get("before")) or "前" in (g.get("tail") or "")
        return When(0, 0, None if by else until, until, "by" if by else "during", "", year=explicit or 0)
    if name in ("year_month", "bare_year_month", "bare_month", "month"):
        return _month(g, year, explicit)
    if name == "years":
        a, b = int(g["y"]), int(g["y2"])
        return When(0, 0, dt.date(a, 1, 1), dt.date(b, 12, 31), "during", "", year=b) if a <= b else None
    if name == "days":
        year2 = _year(g.get("y2"), ctx) or year
        begin = _safe(year, number(g["m"]), number(g["d"]))
        until = _safe(year2, number(g["m2"] or g["m"]), number(g["d2"]))
        if until and begin and until < begin and not g.get("y2"):
            until = _safe(year2 + 1, until.month, until.day)
        return When(0, 0, begin, until, "during", "", year=explicit or 0) if until else None
    if name == "daymonth":
        begin = _safe(year, number(g["m"]), number(g["d"]))
        second = number(g["m2"])
        if begin is None or not 1 <= second <= 12:
            return None
        year2 = _year(g.get("y2"), ctx) or (year + 1 if second < begin.month else year)
        until = _ten(year2, second, (g.get("t2") or "").removeprefix("月") or None)[1]
        return When(0, 0, begin, until, "during", "", year=explicit or 0)
    if name == "months":
        return _months(g, year, explicit, ctx)
    if name == "quarter":
        q, q2 = _quarter(g["q"]), _quarter(g["q2"] or g["q"])
        begin = dt.date(year, q * 3 - 2, 1)
        by = bool(g.get("t2") or g.get("before") or g.get("pre") in ("到", "至", "力争到"))
        until = month_end(year, q2 * 3)
        return When(0, 0, None if by else begin, until, "by" if by else "during", "", year=explicit or 0)
    if name == "half":
        first = g["h"].startswith("上")
        by = bool(g.get("t2") or g.get("before"))
        begin, until = (
            (dt.date(year, 1, 1), dt.date(year, 6, 30)) if first else (dt.date(year, 7, 1), dt.date(year, 12, 31))
        )
        return When(0, 0, None if by else begin, until, "by" if by else "during", "", year=explicit or 0)
    if name == "plan5":
        which = "二三四五六七".index(g["p"].strip("“")[1])
        end_year = 2015 + 5 * which
        during = re.search("时期|期间", g["p"])
        return When(
            0,
            0,
            dt.date(end_year - 4, 1, 1) if during else None,
            dt.date(end_year, 12, 31),
            "during" if during else "by",
            "",
            year=end_year,
        )
    if name == "festival":
        feast = festival(g["feast"], year)
        return When(0, 0, None, feast - dt.timedelta(days=1), "by", "", year=explicit or 0) if feast else None
    if name == "fullyear":
        return When(0, 0, dt.date(ctx.current, 1, 1), dt.date(ctx.current, 12, 31), "during", "")
    if name == "yearend":
        return When(0, 0, None, dt.date(ctx.current, 12, 31), "by", "")
    return _whole_year(g, explicit)


def _quarter(words: str) -> int:
    return {"一": 1, "二": 2, "三": 3, "四": 4}.get(words.strip("第季度"), 0) or int(words.strip("第季度"))


def _month(g: dict, year: int, explicit: int | None) -> When | None:
    month = number(g["m"])
    if not 1 <= month <= 12:
        return None
    begin, until = _ten(year, month, (g.get("t2") or "").removeprefix("月") or None)
    before, ten = g.get("before"), g.get("t2")
    if before and not ten:  # 10月前: literally before the first of October
        return When(
            0, 0, None, dt.date(year, month, 1) - dt.timedelta(days=1), "by", "", year=explicit or 0, guess=True
        )
    by = bool(before) or (ten or "").endswith(("底", "末")) or g.get("pre") in ("到", "至", "力争到", "争取到")
    return When(0, 0, None if by else begin, until, "by" if by else "during", "", year=explicit or 0)


def _months(g: dict, year: int, explicit: int | None, ctx: YearContext) -> When | None:
    first, second = number(g["m"]), number(g["m2"])
    if not (1 <= first <= 12 and 1 <= second <= 12):
        return None
    year2 = _year(g.get("y2"), ctx) or (year + 1 if second < first else year)
    begin = _ten(year, first, (g.get("t1") or "").removeprefix("月") or None)[0]
    if (g.get("t1") or "").endswith(("底", "末")):
        begin = month_end(year, first)
    until = _ten(year2, second, (g.get("t2") or "").removeprefix("月") or None)[1]
    return When(0, 0, begin, until, "during", "", year=_year(g.get("y2"), ctx) or explicit or 0)


def _whole_year(g: dict, explicit: int | None) -> When | None:
    if explicit is None:
        return None
    if g.get("before") and not g.get("part"):
        return When(0, 0, None, dt.date(explicit - 1, 12, 31), "by", "", year=explicit, guess=True)
    part = g.get("part") or ""
    by = (
        part.strip("年") in ("底", "末", "内")
        or g.get("pre") in ("到", "至", "力争到", "争取到")
        or bool(g.get("before"))
    )
    if part in ("全年", "年度"):
        by = False
    begin = None if by else dt.date(explicit, 1, 1)
    return When(0, 0, begin, dt.date(explicit, 12, 31), "by" if by else "during", "", year=explicit)


AS_OF = re.compile(r"截至|截止")
COMPARED = re.compile(r"(?:比|较|同比|与|相比|自|从|由|在)$")
MENTION = re.compile(
    r"(?:根据|按照|依据|落实|贯彻|列入|纳入|关于|印发|参照|依照|对照|执行|围绕|结合|针对|做好|制定|实施|的|度)$"
)
EFFECTIVE = re.compile(r"^(?:起)?(?:正式)?(?:施行|实施|执行|起施行|起实施|起执行)")


def _role(chars: str, m: re.Match, when: When, ctx: YearContext) -> None:
    pre = m.groupdict().get("pre") or ""
    core, end = m.start() + len(pre), m.end()
    ahead, behind = chars[end : end + 12], chars[max(0, m.start() - 8) : m.start()]
    around = chars[max(0, m.start() - 3) : m.start()]
    if AS_OF.search(pre) or AS_OF.search(around):
        when.role = "asof"
    elif pre in ("比", "较", "同比") or (pre in ("由", "从") and re.match("的?[\\d约]", ahead)):
        when.role = "base"
    elif (
        (EFFECTIVE.match(ahead) and when.name in ("day", "iso", "month"))
        or (re.match(r"(?:起|以来|以前年度|第|会议|通过|号)", ahead) and when.name in ("day", "year", "month", "iso"))
        or (when.name in ("year", "half", "quarter") and when.role == "during" and not pre and MENTION.search(behind))
        or (when.name == "yearend" and behind.endswith(("每", "历", "上", "常")))
    ):
        when.role = "ref"
    if when.name == "yearend" and "年内" in m.group(0) and re.match(r"全?[市县区]?(?:已|累计|共)", ahead):
        when.role = "ref"  # 年内累计探访…: how much so far
    if when.name == "fullyear" and re.match("(?:目标|计划)?(?:任务|目标|计划|指标)", ahead):
        when.role = "ref"  # 完成全年任务的80%: a measure, no date
    if re.search("争取|力争|原则上|基本", chars[max(0, core - 6) : core]):
        when.soft = True
