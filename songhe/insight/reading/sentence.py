"""One sentence taken apart: what is masked, its dates, its quantities, its segments and clauses, and its cues of tense."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache

from songhe.insight.reading.blocks import segments
from songhe.insight.reading.dates import WORKDAYS, When, YearContext, find_dates
from songhe.insight.reading.quantities import Quantity, find_quantities, mask
from songhe.insight.reading.vocabulary import either, vocabulary

WILL = r"将(?=再|新|建|在|于|继续|投|开展|组织|实施|完成|达|打造|为|进一步|陆续|全面|改|扩|增|培|举|推|安排|按|启动|覆盖|重点|着力|通过|围绕|以|力)"
MUST = r"(?<![主重首只概简纪摘提索扼想不紧次必险机需])要(?![点素约件闻塞害么旨职领览道])"
PLAN_VERB = r"(?:^|[■,。;:]|全[市县区省]|我[市县区]|年|月|拟|按照?|各地|共|单位|公司|中心|局|委|院)计划(?!的|生育|总|任务|表|书)|目标[是为:]"
WITHIN = r"(?<![近过去前后])(?<!最近)[一二两三四五六七八九十\d]年内"
STRIVE = r"争取(?![到了]|中央|国家|上级|省级?|部级|市级|专项|资金|预算内|债券|彩票|社会|各类|各级)"  # money won is no promise
CLAUSE = 150
WEAK = frozenset(("建有", "设有", "共有", "拥有", "现有"))
NOW_HAS = r"(?<!利用)(?<!依托)(?<!整合)现有(?=[^,。;]{0,12}[\d一二三四五六七八九十百千万])"
BUILT_NOUN = re.compile(
    r"已(?:建成?|入住|投用|备案|登记|运营|开业|取得|纳入|参保|签约)(?:居住[小]?区|小区|住宅|城区|社区|[^,。;\d■]{0,8}的(?!\d))"
)  # 已建成居住区, 已备案的机构: a kind of thing, no report
DONE_LE = r"(?<![为除极罢])了(?!解|结|然|望)"


@dataclass
class Sentence:
    """chars is the sentence, `offset` its place in the text; positions below are within chars."""

    chars: str
    offset: int
    block: object
    masked: str = ""
    dates: list[When] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    segs: list[tuple[int, int]] = field(default_factory=list)
    clauses: list[tuple[int, int]] = field(default_factory=list)
    cues: list[tuple[int, str]] = field(default_factory=list)
    workdays: list[re.Match] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def segment(self, at: int) -> tuple[int, int]:
        """The piece between semicolons that holds position `at`."""
        return next(((a, b) for a, b in self.segs if a <= at < b), (0, len(self.chars)))

    def clause(self, at: int) -> tuple[int, int]:
        """The piece between commas that holds position `at`."""
        i = bisect_right(self.starts, at) - 1
        start, end = self.clauses[i] if 0 <= i < len(self.clauses) else (0, len(self.chars))
        # a clause longer than anybody writes is looked at in a window: the reading stays linear
        return max(start, at - CLAUSE), min(end, at + CLAUSE)

    def clause_before(self, at: int) -> tuple[int, int] | None:
        """The clause before the one that holds `at`."""
        i = bisect_right(self.starts, at) - 2
        return self.clauses[i] if i >= 0 else None


@cache
def _cues() -> tuple[re.Pattern, re.Pattern]:
    words = vocabulary().words
    done = [w for w in words["done"] if w not in ("累计", "上半年全市")]
    plan = [w for w in words["strong_plan"] if w not in ("将", "要求", "计划", "目标", "争取")]
    return re.compile(either(done) + "|" + NOW_HAS + "|" + DONE_LE), re.compile(
        either(plan) + "|" + STRIVE + "|" + WITHIN + "|" + WILL + "|" + MUST + "|" + PLAN_VERB
    )


def analyse(chars: str, offset: int, block: object, years: YearContext, published_year: int) -> Sentence:
    """Everything found in one sentence."""
    s = Sentence(chars, offset, block)
    masked, stretches = mask(chars)
    s.dates = find_dates(chars, years, [st for st in stretches if not _dateish(chars[st[0] : st[1]])])
    blotted = list(masked)
    for when in s.dates:
        blotted[when.start : when.end] = "■" * (when.end - when.start)
    s.workdays = list(WORKDAYS.finditer(masked))
    for m in s.workdays:
        blotted[m.start() : m.end()] = "■" * (m.end() - m.start())
    s.masked = "".join(blotted)
    s.quantities = find_quantities(chars, s.masked)
    s.segs = segments(chars, 0, len(chars))
    s.clauses = segments(chars, 0, len(chars), ",;:。!?|")
    s.starts = [a for a, _ in s.clauses]
    _tenses(s, published_year)
    return s


def _dateish(words: str) -> bool:
    return bool(re.fullmatch(r"“?十[二三四五六七]五”?", words))


def _tenses(s: Sentence, published_year: int) -> None:
    done, plan = _cues()
    s.cues = [
        (m.start(), "weak" if m.group(0) in WEAK else "done")
        for m in done.finditer(s.masked)
        if not (m.group(0) == "已" and BUILT_NOUN.match(s.masked, m.start()))
    ]
    s.cues += [(m.start(), "plan") for m in plan.finditer(s.masked)]
    for when in s.dates:
        if when.role == "asof":
            s.cues.append((when.start, "done" if when.until.year <= published_year else "plan"))
        elif when.role == "by" or (when.role == "during" and when.year > published_year):
            s.cues.append((when.start, "plan"))
        elif when.role == "during" and when.year and when.year < published_year and when.until.year < published_year:
            s.cues.append((when.start, "done"))
    s.cues.sort()
    # 到2023年,每县至少建有1所: after a word of plan, 建有 promises
    firm: str | None = None
    settled = []
    for where, kind in s.cues:
        if kind == "weak":
            kind = (
                "plan"
                if firm == "plan" or re.search(r"(?:至少|都|均|各|每[\u4e00-\u9fff()、]{1,10})$", s.masked[:where])
                else "done"
            )
        else:
            firm = kind
        settled.append((where, kind))
    s.cues = settled


def tense_at(s: Sentence, at: int) -> str | None:
    """ "done" or "plan" by the nearest cue before `at`, else one shortly after it in the same segment, else None."""
    before = [kind for where, kind in s.cues if where <= at]
    if before:
        return before[-1]
    _, end = s.segment(at)
    after = [kind for where, kind in s.cues if at < where < end]
    return after[0] if after else None
