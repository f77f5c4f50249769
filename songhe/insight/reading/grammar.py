"""From blocks to items: every sentence is analysed once, every quantity is given its kind, its deadline and its scope."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from songhe.insight.reading import kinds, naming
from songhe.insight.reading.allocate import Share, shares
from songhe.insight.reading.blocks import Block, sentences
from songhe.insight.reading.coverage import full_coverage
from songhe.insight.reading.dates import When, YearContext
from songhe.insight.reading.deadlines import Reach, closes_paragraph, own_deadline, reach_of
from songhe.insight.reading.document import Paper
from songhe.insight.reading.items import Item, Warn, quote_span
from songhe.insight.reading.progress import Cell
from songhe.insight.reading.quantities import Quantity
from songhe.insight.reading.responsible import responsibilities
from songhe.insight.reading.schedules import schedules_of
from songhe.insight.reading.sentence import Sentence, analyse, tense_at
from songhe.insight.reading.subjects import right_of, subject_of
from songhe.insight.reading.text import Text
from songhe.insight.reading.traps import is_trap
from songhe.insight.reading.vocabulary import either, vocabulary

FROM_HERE_ON = re.compile(
    r"展望(?:20\d\d|未来|来年|明年|新的?一年)|下一步|下步|下一阶段|下阶段|接下来|今后一个时期|(?:整改|工作|有关|相关)要求|下半年(?:工作|重点|打算)|工作打算"
)
STANDARD_HEAD = re.compile(r"(?:与|和|及|、)标准[。:;]?$|标准(?:与|和|及|、)")
OPENS_STANDARDS = re.compile(
    r"(?:下列|以下|如下)[\u4e00-\u9fff]{0,8}(?:标准|条件|要求|规范):$|(?:标准|条件|要求|规范)(?:如下|为|是)?:$"
)
ARTICLE = re.compile(r"第[一二三四五六七八九十]{1,3}条(?!例)")
MARK = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|[((][一二三四五六七八九十\d]{1,3}[))]|\d{1,2}[.、])")


def _could_hold(whole: Item, part: Item) -> bool:
    """May `part` be a share of `whole`, said shortly before it?"""
    return (
        whole.unit == part.unit
        and whole.kind == "target"
        and (whole.value or 0) >= (part.value or 0)
        and part.start - whole.start < 400
    )


@dataclass
class Heading:
    """What stands above a block: its words, its tense or kind, its date."""

    words: str
    kind: str | None
    when: When | None


@dataclass
class Reader:
    """The state of one reading; items and warnings gather here."""

    text: Text
    paper: Paper
    places: frozenset[str]
    items: list[Item] = field(default_factory=list)
    warnings: list[Warn] = field(default_factory=list)
    headings: dict[int, Heading] = field(default_factory=dict)
    intros: dict[int, When] = field(default_factory=dict)
    years: YearContext = field(init=False)
    cells: dict[int, Cell] = field(default_factory=dict)
    default_tense: str = "plan"
    told: str | None = None
    paper_kind: str | None = None
    batch: str = ""

    def __post_init__(self) -> None:
        """Years without a year belong to the plan's year."""
        self.years = YearContext(self.paper.year, self.paper.plan_year, issued=self.paper.published)
        if re.search(
            r"(?:管理办法|规定|规范|标准|管理细则|评定办法|条件)(?:\([^)]*\))?(?:》?的通知)?$", self.paper.title
        ) or (re.search(r"办法|细则|规则|规程|指引", self.paper.title) and len(ARTICLE.findall(self.text.chars)) > 2):
            self.paper_kind = "standard"

    def read(self, blocks: list[Block]) -> None:
        """All blocks in order."""
        self.default_tense = self._default_tense(blocks)
        goal: When | None = None
        for i, block in enumerate(blocks):
            following = blocks[i + 1] if i + 1 < len(blocks) else None
            goal = self._block(block, following) or goal

    def _default_tense(self, blocks: list[Block]) -> str:
        if self.paper.kind in ("bulletin", "reply"):
            return "done"
        if self.paper.kind != "news":
            return "plan"
        if any(FROM_HERE_ON.search(self.text.chars, b.start, b.end) for b in blocks):
            return "done"  # what stands before 下一步 has been done
        done = deadlines = 0
        years = YearContext(self.paper.year, self.paper.plan_year)
        for block in blocks[:200]:
            words = self.text.chars[block.start : min(block.end, block.start + 3000)]
            s = analyse(words, block.start, block, years, self.paper.year)
            done += sum(kind == "done" for _, kind in s.cues)
            deadlines += sum(when.role == "by" for when in s.dates)
        return "plan" if deadlines > done or (deadlines > 1 and deadlines >= done) else "done"

    def _tell(self, analysed: list[Sentence]) -> None:
        """News that has begun to report goes on reporting, paragraph by paragraph, until it turns to what is planned."""
        if self.paper.kind != "news":
            return
        kinds_seen = [kind for s in analysed for _, kind in s.cues]
        if "plan" in kinds_seen:
            self.told = None if kinds_seen[-1] == "plan" else self.told
        elif kinds_seen.count("done") > 1:
            self.told = "done"

    def _heading_kind(self, words: str) -> str | None:
        known = vocabulary().words
        for kind, key in (("standard", "standard_heads"), ("done", "done_heads"), ("plan", "plan_heads")):
            if re.search(either(known[key]), words) or (kind == "standard" and STANDARD_HEAD.search(words)):
                return kind
        return None

    def _block(self, block: Block, following: Block | None) -> When | None:
        chars = self.text.chars
        above = [self.headings[h.number] for h in block.heads if h.number in self.headings]
        base_year = next((h.when.year for h in reversed(above) if h.when and h.when.year), 0)
        self.years.current = base_year or self.paper.plan_year
        analysed = []
        pieces = sentences(chars, block.start, block.title_end) + sentences(
            chars, max(block.start, block.title_end), block.end
        )
        for a, b in pieces:
            analysed.append(analyse(chars[a:b], a, block, self.years, self.paper.year))
        title = chars[block.start : block.title_end]
        own = None
        if title:
            own = self._own_heading(block, title, analysed)
            self.headings[block.number] = own
        parent_key = block.heads[-1].number if block.heads else -1
        carry: When | None = None
        cell = self.cells.get(block.start)
        self.batch = ""
        rolling: str | None = ("done" if cell.done else "plan") if cell else None
        if self.paper.kind in ("bulletin", "reply", "news") and FROM_HERE_ON.search(chars, block.start, block.end):
            self.default_tense = "plan"
        responsible = responsibilities(chars[block.start : block.end])
        stated = self._stated_deadline(analysed) or self._due(cell, block)
        block_items: list[Item] = []
        parents: list[Item] = []
        head_words = [h.words for h in above] + ([own.words] if own else [])
        inherited = (
            stated or self._heading_when(own, above) or self.intros.get(parent_key) or self.intros.get(block.number)
        )
        for s in analysed:
            if not s.quantities and not s.dates and 4 <= len(s.chars) <= 20:
                head_words = [
                    *head_words,
                    re.sub(r"^(?:深入|广泛|积极|全面)?(?:开展|推进|打造|实施)|[。!]$", "", s.chars),
                ]
            heads_kind = next((h.kind for h in [own, *reversed(above)] if h and h.kind and h.words), self.paper_kind)
            reach = reach_of(s)
            fresh = self._quantities(s, reach, carry, inherited, rolling, heads_kind, head_words, stated, parents)
            for item in fresh:
                item.responsible, item.cooperating = responsible
            block_items += fresh
            self.batch = naming.batch_before(s.masked) or self.batch
            if s.cues and not (own and s.offset < block.title_end):
                rolling = s.cues[-1][1]
            fresh_dates = [w for w in reach.leading if w.role in ("by", "during")]
            if fresh_dates and not self._past(s, fresh_dates[-1]):
                carry = fresh_dates[-1]
            scheduled = schedules_of(
                s, reach, own is not None and s.offset < block.title_end, self, head_words, block_items
            )
            for item in scheduled:
                item.responsible, item.cooperating = responsible
            self.items += scheduled
        if own and OPENS_STANDARDS.search(chars[max(block.start, block.end - 20) : block.end]):
            own.kind = "standard"
        self._tell(analysed)
        self._intro(block, following, analysed, carry, parent_key)
        self.items += block_items
        return carry

    def _own_heading(self, block: Block, title: str, analysed: list[Sentence]) -> Heading:
        first = analysed[0] if analysed else None
        when = None
        if re.search(r"全年|年度(?:目标|任务|工作)", title) and not re.search("20\\d\\d", title):
            year = self.years.current
            when = When(0, 0, dt.date(year, 1, 1), dt.date(year, 12, 31), "during", "全年", year=year)
        if first and not (title.strip("。") == self.paper.title and re.search("[今明去后]年", title)):
            inside = [
                w for w in first.dates if w.role in ("by", "during") and first.offset + w.end <= block.title_end + 1
            ]
            when = inside[-1] if inside and block.level < 9 else when
        return Heading(title.strip("。:;"), self._heading_kind(title), when)

    def _heading_when(self, own: Heading | None, above: list[Heading]) -> When | None:
        return next((h.when for h in [own, *reversed(above)] if h and h.when), None)

    def _stated_deadline(self, analysed: list[Sentence]) -> When | None:
        """完成时限:2023年6月底 anywhere in the paragraph governs all of it."""
        for s in analysed:
            for when in s.dates:
                if "|" in s.chars and self._own_cell(s, when):
                    return when
                if when.role in ("by", "during") and closes_paragraph(s, when):
                    return when
                if re.search(
                    r"(?:完成时[限间]|时[限间](?:要求|节点|进度|安排)?|完成期限|办结时限|计划完成时间|建设周期|建设时间|整改时限)[::为]*$",
                    s.chars[max(0, when.start - 9) : when.start],
                ):
                    return when
        return None

    def _due(self, cell: Cell | None, block: Block) -> When | None:
        """The date of the row a task stands in."""
        if not cell or not cell.due:
            return None
        a, b = cell.due
        dates = analyse(self.text.chars[a:b], a, block, self.years, self.paper.year).dates
        return dates[0] if dates else None

    def _own_cell(self, s: Sentence, when: When) -> bool:
        """A cell of a row that holds nothing but a date."""
        before, after = s.chars[: when.start].rstrip(" "), s.chars[when.end :].lstrip(" ")
        return (not before or before.endswith("|")) and bool(re.match(r"(?:完成|前|底)?(?:\||$)", after))

    def _intro(
        self, block: Block, following: Block | None, analysed: list[Sentence], carry: When | None, key: int
    ) -> None:
        """到2025年,实现以下目标: — the date holds for the list that follows."""
        ending = self.text.chars[max(block.start, block.end - 12) : block.end]
        lists_follow = following is not None and following.level in (3, 5, 6, 7) and block.level not in (3, 5, 6, 7)
        opens = ending.endswith((":", "如下。", "如下", "目标。", "——")) or (lists_follow and len(analysed) <= 2)
        if carry and opens and carry.role in ("by", "during"):
            own_key = block.number if block.title_end > block.start else key
            self.intros[own_key] = carry
            if own_key != key and block.level == 9:
                self.intros[key] = carry

    def _rate(self, s: Sentence, q: Quantity, when: When | None) -> bool:
        """每餐补贴3元 in a clause of its own: a rate, which the date before it does not end."""
        start, _ = s.clause(q.start)
        return bool(
            when
            and when.start < start
            and re.search(
                r"每[餐单次人床张户名位]|每[个家所处](?:一次性)?(?:给予|奖|补)|各(?:奖|补)", s.masked[start : q.start]
            )
        )

    def _above(self, s: Sentence, when: When | None, before: Item) -> bool:
        return bool(when and s.offset + when.end <= before.start)

    def _named(self, s: Sentence, when: When | None) -> bool:
        """发放2024年上半年运营补贴: the time belongs to the name of the sum."""
        return bool(when and re.search(r"(?:发放|拨付|兑付|兑现|结算|下达|申领)$", s.masked[: when.start]))

    def _past(self, s: Sentence, when: When) -> bool:
        return tense_at(s, when.start) == "done" and when.role == "during" and when.until.year < self.paper.year

    def _quantities(
        self,
        s: Sentence,
        reach: Reach,
        carry: When | None,
        inherited: When | None,
        rolling: str | None,
        heads_kind: str | None,
        heads: list[str],
        stated: When | None,
        parents: list[Item],
    ) -> list[Item]:
        listed = shares(s, self.places, self.paper.own_places)
        made: list[Item] = []
        for i, q in enumerate(s.quantities):
            if q.base or is_trap(s, i):
                q.base = True  # it counts nothing, for the schedules either
                continue
            tense = (
                tense_at(s, q.start)
                or rolling
                or (heads_kind if heads_kind in ("done", "plan") else None)
                or self.told
                or self.default_tense
            )
            share = listed.get(i)
            explicit = share.when if share and share.when else own_deadline(s, q, reach)
            follows_area = made and made[-1].unit == "平方米" and q.explicit
            if (
                (heads_kind == "standard" or follows_area)
                and made
                and made[-1].kind == "standard"
                and self._above(s, explicit, made[-1])
            ):
                explicit = None  # a date ends where the standards begin
            item = self._item(s, i, q, tense, heads_kind, explicit, listed.get(i), heads)
            if item is None:
                continue
            when = explicit
            if item.kind in ("target", "allocation"):
                when = when or (stated if stated else None) or carry or inherited or self.paper.period
            elif item.kind == "budget":
                when = (
                    when
                    if when in reach.leading
                    and not item.per
                    and not self._rate(s, q, when)
                    and not self._named(s, when)
                    else None
                )  # 春节前发放 behind a sum dates the payment, not the sum
            else:
                when = None
            self._date(item, when)
            self._asof(item, s, q)
            self._name(item, s, q, made, share)
            item.confidence = naming.confidence(q, item)
            made += self._spread(item, listed.get(i), parents)
            if item.kind in ("target", "achieved", "budget"):
                parents.append(item)
            self.warnings += naming.doubts(s, q, item)
        made += full_coverage(s, self, reach, carry or inherited or self.paper.period, rolling, heads_kind, made)
        return made

    def _item(
        self,
        s: Sentence,
        i: int,
        q: Quantity,
        tense: str,
        heads_kind: str | None,
        explicit: When | None,
        share: Share | None,
        heads: list[str],
    ) -> Item | None:
        per = kinds.period_of(s, q, s.quantities[i - 1].end if i else 0)
        unit = q.unit
        dated = explicit is not None and explicit.role in ("by", "during")
        if unit.kind == "money":
            kind = kinds.money_kind(s, i, tense, heads_kind)
        elif (
            per
            and unit.kind in ("events", "count", "people", "visits", "lessons", "time")
            and (q.comparator in (">=", "<=") or tense != "done")
        ) or (
            per
            and unit.kind == "share"
            and re.search(r"抽查|检查|抽检|巡查|走访|评估|复核|核查|回访", s.masked[s.clause(q.start)[0] : q.start])
        ):
            kind = "duty"
        elif kinds.is_cost_share(s, q) and (tense != "done" or kinds.is_rate_rule(s, q)):
            kind = "budget"
        elif kinds.is_standard(s, i, tense, heads_kind, dated) or (
            unit.kind == "time" and not kinds.is_stock_of_hours(q)
        ):
            kind = "standard"
        else:
            kind = kinds.plain_kind(tense)
        if share and share.place and kind in ("target", "budget") and unit.kind != "share":
            kind = "allocation"
        if per and kind not in ("duty", "budget", "standard"):
            per = None if kind == "achieved" else per
        start, end = quote_span(s, q)
        item = Item(
            kind=kind,
            start=s.offset + start,
            end=s.offset + end,
            value=q.value,
            value_max=q.value_max,
            unit=unit.canonical,
            comparator=q.comparator,
            per=per,
        )
        item.at = s.offset + q.start
        item.fallback = MARK.sub("", heads[-1])[:40] if heads else ""
        named = (
            share.subject or right_of(s, i) if share and share.place else (share and share.subject) or subject_of(s, i)
        )
        item.subject = naming.own_words(MARK.sub("", named))[:40]
        item.scope = (share.place if share else None) or naming.scope_of(s, q, self.paper.own_places)
        item.modality = naming.modality_of(s, q)
        item.implied_parent = bool(share and share.of_which)
        return item

    def _name(self, item: Item, s: Sentence, q: Quantity, made: list[Item], share: Share | None) -> None:
        """A share without a subject counts what the share before it counts; a bare number what was called 一批 before."""
        before = made[-1] if made else None
        if item.subject:
            return
        if share and before and before.kind == item.kind and before.unit == item.unit and before.scope != item.scope:
            item.subject, item.parent, item.follows = before.subject, before.parent, True
        elif item.kind != "allocation":
            item.subject = naming.batch_before(s.masked[: q.start]) or self.batch or item.fallback

    def _date(self, item: Item, when: When | None) -> None:
        if when is None or when.role not in ("by", "during"):
            return
        item.deadline, item.begin = when.until, when.begin
        item.deadline_written = when.words
        if when.guess:
            month_end = (when.until + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
            item.other_deadlines = [month_end]

    def _asof(self, item: Item, s: Sentence, q: Quantity) -> None:
        if item.kind == "achieved":
            before = [w for w in s.dates if w.start < q.start and (w.role == "asof" or w.until.year <= self.paper.year)]
            item.asof = before[-1].until if before else self.paper.published

    def _spread(self, item: Item, share: Share | None, parents: list[Item]) -> list[Item]:
        """One item for each place of an enumeration with 各; the parent is the last total of the same unit."""
        if (item.kind == "allocation" or item.implied_parent) and not item.follows:
            same = [p for p in parents if p.unit == item.unit and (p.value or 0) >= (item.value or 0)]
            whole = same[-1] if same else next((p for p in reversed(self.items[-200:]) if _could_hold(p, item)), None)
            item.parent = whole.key() if whole else None
            if whole and (not item.subject or item.subject in whole.subject):
                item.subject = whole.subject
            item.subject = item.subject or item.fallback
            if whole and item.deadline is None:
                item.deadline, item.begin, item.deadline_written = whole.deadline, whole.begin, whole.deadline_written
        if not share or len(share.each_of) < 2 or item.kind != "allocation":
            return [item]
        return [item.copy(scope=name) for name in share.each_of]


def read_items(
    text: Text, paper: Paper, blocks: list[Block], places: Iterable[str] = (), cells: Iterable[Cell] = ()
) -> Reader:
    """Run the grammar over the blocks and return what gathered; `cells` are those of lists of progress."""
    reader = Reader(text, paper, frozenset(places))
    reader.cells = {cell.start: cell for cell in cells}
    reader.read(blocks)
    return reader
