"""What the paper is: title, issuer, document number, dates of publication and effect, kind, and the period it plans for."""

import datetime as dt
import re
from dataclasses import dataclass, field

from songhe.insight.reading.dates import When, YearContext, find_dates, number
from songhe.insight.reading.text import LINE, SPACE, Cut, Text, normal_char, simplified

KINDS = [  # the first that the title (or the opening) answers to
    ("reply", r"(?:建议|提案).{0,12}(?:答复|回复|复函)|答复的?函"),
    ("consultation", r"征求.{0,12}意见|公开征集|征集.{0,8}意见"),
    ("bulletin", r"(?:通报|总结|工作报告|情况(?:的)?(?:报告|公报)|公报|进展情况|完成情况|自评)"),
    ("plan", r"(?:方案|计划|规划|行动|任务|清单|要点|民生实事|工程|安排|目标)"),
    ("opinion", r"(?:意见|办法|规定|细则|标准|规范|措施|政策)"),
    ("notice", r"(?:通知|通告|公告|函)"),
]
NUMBER = re.compile(r"[\u4e00-\u9fff]{1,10}(?:[〔\[(【](?:20\d\d|19\d\d)[〕\])】])\s?第?(?:\d{1,4})\s?号?")
TITLE = re.compile(
    r"(?:关于.{2,80}?的?(?:通知|意见|方案|通告|公告|答复|函|报告|通报|决定|办法)|.{4,60}(?:方案|计划|规划|意见|办法|通知|细则|要点|清单|通报|答复|公告|规定|纲要)(?:\([^()]{1,16}\))?)"
)
PAPER_TITLE = re.compile(
    r"[^。;!?、《]{0,40}关于[^。;!?]{2,70}?的?(?:通知|意见|通告|公告|答复|函|报告|通报|决定|方案)(?:\([^)]{1,12}\))?"
)
ISSUER = r"[\u4e00-\u9fff]{2,30}?(?:人民政府办公室|人民政府办公厅|人民政府|民政局|卫生健康委员会|卫生健康委|卫生健康局|教育局|教育体育局|财政局|住房和城乡建设局|住房城乡建设局|农业农村局|交通运输局|人力资源和社会保障局|发展和改革委员会|发展改革委|委员会|办公室|管委会|局|委|厅|街道办事处|领导小组|镇政府)"
PUBLISHED = re.compile(
    r"(?:发布|发文|公开|更新|成文|生成)?(?:时间|日期)\s*[::]\s*(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})"
)
STAMP = re.compile(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s+\d{1,2}:\d\d")
SOURCE = re.compile(r"(?:来源|作者|发布)[^\n]{0,40}?(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)")
SIGNED = re.compile(
    r"((?:20\d\d|[二2][〇零○O0][〇零○一二三四五六七八九]{2})年(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?:3[01]|[12]\d|0?[1-9]|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])日)"
)
SIGNED_LOST = re.compile(r"(?<!\d)(20[1-3]\d)(1[0-2]|[1-9])(3[01]|[12]\d|[1-9])$")
YEARLY = re.compile(r"(?:提升|攻坚|活动|突破|深化|落实|建设|服务|推进)年|年内|今年|本年度|年度目标")
BEHIND = re.compile(r"(?:截[至止]到?|比|较|自|从|相比|与|在|〔|\(|于)$")
EFFECTIVE = re.compile(r"自(20\d\d年\d{1,2}月\d{1,2}日)起(?:正式)?(?:施行|实施|执行)")


@dataclass
class Paper:
    """The facts of the paper as a whole."""

    title: str = ""
    issuer: str | None = None
    document_number: str | None = None
    published: dt.date | None = None
    effective: dt.date | None = None
    kind: str = "notice"
    year: int = 0
    plan_year: int = 0
    period: When | None = None
    own_places: set[str] = field(default_factory=set)
    warnings: list[tuple[str, int, int, dict]] = field(default_factory=list)


def describe(text: Text, cuts: list[Cut], on: dt.date | None) -> Paper:
    """Read the paper's own facts from its head, its signature and the chrome that was cut away."""
    paper, chars = Paper(), text.chars
    cut_words = "\n".join(_folded(text.raw[c.start : min(c.end, c.start + 400)]) for c in cuts[:40])
    paper.title = _title(text, cut_words)
    paper.published = _published(text, cut_words, paper)
    head = chars[:1500]
    m = next(
        (n for n in NUMBER.finditer(head) if head[max(0, n.start() - 1) : n.start()] not in ("(", "》", ",")), None
    )
    paper.document_number = (
        re.sub(r"^.*(?:文件|办公室|办公厅|人民政府|委员会|[会局厅委]关于)", "", m.group(0))
        if m and m.start() < 300
        else None
    )
    paper.issuer = _issuer(text, paper)
    effective = EFFECTIVE.search(chars)
    if effective:
        paper.effective = _date(effective.group(1))
    outside = re.sub(r"《[^》]*》", "", paper.title)
    named = (k for k, pattern in KINDS if re.search(pattern, outside if k == "bulletin" else paper.title))
    paper.kind = next(named, "news" if not m else "notice")
    if (
        not re.search(
            r"通知|意见|方案|计划|规划|办法|细则|答复|函|公告|通报|报告|要点|清单|规定|决定|通告|纲要|任务|实事|安排|标准|规范|细则|分解|措施|工程|指标|目标表|登记表|公报|总结",
            paper.title,
        )
        and not m
    ):
        paper.kind = "news"
    title_year = re.findall(r"(20\d\d)(?=年|-|—|~|至)|(?<=[-—~至])(20\d\d)(?=年)", paper.title)
    years = sorted({int(a or b) for a, b in title_year})
    ranged = bool(re.search(r"20\d\d年?(?:-|—|~|至)+20\d\d", paper.title))
    years = years if ranged or len(years) < 2 else years[-1:]
    issued = re.search(r"20[0-4]\d", paper.document_number or "")
    plan5 = re.search(r"十([三四五六])五", paper.title)
    if plan5 and not years and not paper.published and not on:  # a five-year plan is of the first of its years
        on = dt.date(2011 + 5 * "二三四五六".index(plan5.group(1)), 1, 1)
    if issued and not years and not paper.published and not on:
        on = dt.date(int(issued.group(0)), 12, 31)
    paper.year = (paper.published or on or dt.date(years[0] if years else _first_year(chars, paper.kind), 1, 1)).year
    paper.plan_year = years[0] if len(years) == 1 and years[0] >= paper.year - 1 else paper.year
    if len(years) > 1:  # 2023-2025年, issued in December 2022: months without a year are of 2023
        paper.plan_year = min(max(paper.year, years[0]), years[-1])
    paper.period = _period(paper, chars, years)
    paper.own_places = _own_places(paper, text)
    return paper


def _folded(words: str) -> str:
    return "".join(normal_char(c) for c in simplified(words)[0])


def _first_year(chars: str, kind: str) -> int:
    """The year of a paper that gives none of its own: the first it speaks of, and of a plan the earliest it plans for."""
    years = [int(y) for y in re.findall(r"(20[0-4]\d)年", chars)]
    if not years:
        return 2000
    if kind not in ("plan", "opinion", "notice", "consultation"):
        return years[0]
    ahead = {
        int(m.group(1))
        for m in re.finditer(r"(20[0-4]\d)年", chars)
        if not BEHIND.search(chars[max(0, m.start() - 6) : m.start()])
    }
    since = max((int(y) for y in re.findall(r"截[至止]到?(20[0-4]\d)年", chars)), default=0)
    return min((y for y in ahead if y >= since), default=years[0])


def _title(text: Text, cut_words: str) -> str:
    chars = text.chars
    starts = [0] + [i for i in range(1, min(len(chars), 900)) if text.gap[i] >= LINE]
    lines = [chars[a:b] for a, b in zip(starts, [*starts[1:], len(chars)], strict=True)][:14]
    named = re.search(r"(?:信息名称|名\s*称|标题)\s*[::]\s*(\S{6,80})", cut_words)
    if named:
        return named.group(1)
    for take in (1, 2, 3):  # a title may run over lines
        for i in range(len(lines)):
            joined = "".join(lines[i : i + take])
            if len(joined) <= 90 and PAPER_TITLE.fullmatch(joined):
                return joined
    for line in lines[:8]:
        if (
            6 <= len(line) <= 60
            and not re.search(r"^[一二三四五六七八九十]{1,3}、|[。;《]", line)
            and TITLE.fullmatch(line)
        ):
            return line
    number = NUMBER.search(chars[:300])
    opening = chars[number.end() if number else 0 : 600]
    inside = re.search(r"(?:[\u4e00-\u9fff]{2,20}?)?关于[^。]{2,60}?的(?:通知|意见|通告|公告|答复|函|通报)", opening)
    if inside and len(lines[0]) > 90:
        return inside.group(0)
    good = [
        line
        for line in lines[:6]
        if 8 <= len(line) <= 50
        and "。" not in line
        and not SIGNED.fullmatch(line)
        and not re.search(r"主办|承办|版权|新闻网|日报$|新闻稿$|新闻发布$", line)
    ]
    return good[0] if good else (lines[0][:40] if lines else "")


def _published(text: Text, cut_words: str, paper: Paper) -> dt.date | None:
    chars = text.chars
    lost = _lost_signature(text, paper)
    for words in (cut_words, _folded(text.raw[:600])):
        m = PUBLISHED.search(words) or STAMP.search(words) or SOURCE.search(words)
        if m:
            found = _ymd(*m.groups())
            if found:
                return found
    tail = chars[-400:]
    signed = list(SIGNED.finditer(tail)) or [m for m in SIGNED.finditer(chars[:4000]) if _signature(chars, m)]
    for m in reversed(signed):
        if _signature(chars, m, len(chars) - len(tail) if m.string is tail else 0):
            return _date(m.group(1))
    return lost


def _lost_signature(text: Text, paper: Paper) -> dt.date | None:
    """2021324 on a line of its own: a date whose 年月日 were lost. Warned of even when the page gives the date elsewhere."""
    at, found = 0, None
    for end in [*(i for i in range(1, len(text.chars)) if text.gap[i] >= LINE), len(text.chars)]:
        m = SIGNED_LOST.search(text.chars[at:end]) if end - at < 30 else None
        at = end
        day = _ymd(*m.groups()) if m else None
        if m and day:
            paper.warnings.append(
                ("lost_date", end - len(m.group(0)), end, {"words": m.group(0), "read": day.isoformat()})
            )
            found = day
    return found


def _signature(chars: str, m: re.Match, base: int = 0) -> bool:
    """A date that signs: after a name of an office and before nothing, a heading or the next title."""
    start, end = m.start() + base, m.end() + base
    before, after = chars[max(0, start - 12) : start], chars[end : end + 6]
    return bool(
        re.search(r"(?:办公室|办公厅|政府|局|委|委员会|厅|会|院|部|室|处|科|组|中心|残联|妇联|团委|联|[。!)])$", before)
    ) and not re.match(r"[,、前起至\-以印期间内]|会议", after)


def _ymd(y: str, m: str, d: str) -> dt.date | None:
    try:
        return dt.date(int(y), int(m), int(d))
    except ValueError:
        return None


def _date(words: str) -> dt.date | None:
    y, rest = words.split("年")
    m, d = rest.split("月")
    return _ymd(str(number(y)), str(number(m)), str(number(d)))


def _issuer(text: Text, paper: Paper) -> str | None:
    chars = text.chars
    m = re.match(rf"({ISSUER})(?:关于|办公室关于)", paper.title)
    if m:
        return m.group(1)
    tail = chars[-200:]
    base = len(chars) - len(tail)
    for m in reversed(
        list(re.finditer(rf"({ISSUER})(?=20\d\d年\d{{1,2}}月\d{{1,2}}日(?![前起至])|20\d{{4,6}}$|二[〇零○])", tail))
    ):
        for at in range(m.start(), m.end(1)):  # the name starts its line, or follows the last stop
            if text.gap[base + at] >= SPACE or (at and tail[at - 1] in "。!?;)"):
                found = re.match(ISSUER, tail[at : m.end(1)])
                if found and at + found.end() == m.end(1):
                    return found.group(0)
    m = re.match(rf"({ISSUER})", chars[:60])
    return m.group(1) if m else None


def _period(paper: Paper, chars: str, years: list[int]) -> When | None:
    """The period a plan covers, which gives an undated target its deadline."""
    if len(years) >= 2:
        return When(0, 0, dt.date(years[0], 1, 1), dt.date(years[-1], 12, 31), "during", paper.title, year=years[-1])
    opening = re.sub(r"《[^》]{1,80}》", lambda m: "■" * len(m.group(0)), chars[:900])
    ctx = YearContext(paper.year, paper.plan_year)
    for when in find_dates(opening, ctx, []):
        if (
            when.name in ("months", "days", "daymonth")
            and when.begin
            and re.search(r"自|从", opening[max(0, when.start - 1) : when.start + 1])
            and re.match(r".{0,20}(?:开展|实施|组织|进行|启动)", opening[when.end : when.end + 30])
        ):
            return when
        if (
            when.name == "years"
            and not years
            and re.search(r"(?:计划|方案|行动|规划)\(?$|\($", opening[max(0, when.start - 8) : when.start])
        ):
            return when
    plan5 = re.search(r"“?(十[二三四五六])五”?", paper.title)
    if plan5:
        found = find_dates(f"“{plan5.group(1)}五”时期", ctx, [])
        return found[0] if found else None
    if len(years) == 1 and paper.kind in ("plan", "consultation", "notice", "opinion") and years[0] >= paper.year - 1:
        return When(0, 0, dt.date(years[0], 1, 1), dt.date(years[0], 12, 31), "during", paper.title, year=years[0])
    if not years and paper.kind == "plan" and (YEARLY.search(paper.title) or YEARLY.search(opening)):
        latest = max((int(y) for y in re.findall(r"(20[0-4]\d)年", chars)), default=0)
        if latest <= paper.year and paper.published:  # a plan of this year alone, which its goals call 年内, 今年
            return When(0, 0, dt.date(paper.year, 1, 1), dt.date(paper.year, 12, 31), "during", "年内", year=paper.year)
    return None


def _own_places(paper: Paper, text: Text) -> set[str]:
    """The city the paper speaks for: its own name is no share of its target."""
    own: set[str] = set()
    for words in filter(None, (paper.issuer, paper.title[:40])):
        m = re.match(
            r"(?:中共)?((?:[\u4e00-\u9fff]{1,8}?省|[\u4e00-\u9fff]{2,8}?自治区)?[\u4e00-\u9fff]{1,9}?(?:市|县|区|自治州|旗|盟|镇|街道|乡))",
            words,
        )
        if m and not re.search(
            r"[局委厅]|对[市县区省]|关于|印发|推动|加强|做好|推进|深化|促进|完善|建设|开展", m.group(1)
        ):
            own |= {m.group(1), re.sub("^.{1,8}?省", "", m.group(1))}
    return own
