"""How far a date reaches: forward over the clauses it opens, backward over those it closes."""

import re
from dataclasses import dataclass, field
from functools import cache

from songhe.insight.reading.dates import When
from songhe.insight.reading.quantities import Quantity
from songhe.insight.reading.sentence import Sentence
from songhe.insight.reading.vocabulary import either, vocabulary


@dataclass
class Reach:
    """The dates of a sentence that govern, split into those that open and those that close."""

    leading: list[When] = field(default_factory=list)
    closing: list[When] = field(default_factory=list)


@cache
def _finish() -> re.Pattern:
    return re.compile(either(vocabulary().words["finish"]))


def governs(when: When) -> bool:
    """A deadline or a period, not a mere mention."""
    return when.role in ("by", "during")


def closes_paragraph(s: Sentence, when: When) -> bool:
    """(市民政局牵头;10月底前完成): a bracket of offices and a date holds for the whole paragraph."""
    left = s.masked.rfind("(", max(0, when.start - 60), when.start)
    if left < 0 or ")" in s.masked[left : when.start]:
        return False
    right = s.masked.find(")", when.end)
    right = right if right >= 0 else len(s.masked)
    before, after = s.masked[left + 1 : when.start], s.masked[when.end : right]
    rest = s.masked[right + 1 :].strip("。;,")
    return bool(
        not rest
        and re.fullmatch(
            r"(?:之?前)?(?:全部|全面|基本)?(?:完成|落实|到位|建成|投用)?[。;,]?(?:[^,;。■]*[局委办联会府])?", after
        )
        and (OFFICES.search(before) or (not before and s.masked[:left].strip("。;") == ""))
    )


STARTS = re.compile(r"(?:全部|全面|陆续|集中|基本)?(?:实现)?(?:开工|动工|启动|进场|入场)")
PREPARES = re.compile(r"(?:选址|招标|设计|立项|摸底|摸排|评估|入户)(?:工作|任务)?$")
PAPERWORK = re.compile(r"(?:编制|制定|印发|出台|修订|公布|报送|上报|部署|备案)")
FIRST_STEPS = re.compile(r"(?:全部|全面)?(?:完成|做好|组织)?(?:选址|招标|设计|立项|摸底|摸排|调查|报送|上报|部署)")
OFFICES = re.compile(r"牵头|负责|责任|配合|[局委办厅院联会府站社区街镇乡心门位][;,、。:]?$")


def reach_of(s: Sentence) -> Reach:
    """Sort the governing dates of a sentence."""
    reach = Reach()
    dates = [w for w in s.dates if governs(w)]
    for n, when in enumerate(dates):
        seg = s.segment(when.start)
        following = next((w.start for w in dates[n + 1 :] if w.start < seg[1]), seg[1])
        behind = [q for q in s.quantities if q.start > when.start and q.start < following]
        ahead = [q for q in s.quantities if seg[0] <= q.start < when.start]
        clause = s.clause(when.start)
        inside = any(clause[0] <= q.start < when.start for q in s.quantities)
        # a date at the end of its own clause, or one with numbers before it and none behind, closes
        first_step = (
            when.role == "by"
            and not inside
            and FIRST_STEPS.match(s.masked[when.end : clause[1]])
            and n + 1 < len(dates)
        )
        start = when.role == "by" and not inside and STARTS.match(s.masked[when.end : clause[1]].lstrip(",、"))
        if (
            not first_step
            and not start
            and (
                (ahead and not behind and when.role == "by")
                or (inside and not behind)
                or (
                    not ahead
                    and not behind
                    and when.role == "by"
                    and any(q.start < seg[0] for q in s.quantities)
                    and _all(s, when)
                )
                or (ahead and behind and when.role == "by" and _closes_clause(s, when, ahead, behind))
            )
        ):
            reach.closing.append(when)
        else:
            reach.leading.append(when)
    return reach


def _prepares(s: Sentence, when: When) -> bool:
    """3月底前完成28所卫生室选址, 6月底前全部开工: a first step, which dates nothing that is said after it."""
    piece = s.masked[when.end : s.clause(when.start)[1]].strip(",、。;")
    a, b = s.segment(when.start)
    drawn_up = PAPERWORK.search(piece) and not any(a <= q.start < b for q in s.quantities)
    return bool(PREPARES.search(piece) or STARTS.fullmatch(piece) or drawn_up)


def _all(s: Sentence, when: When) -> bool:
    return bool(re.search(r"全部|全面|均|以上", s.masked[when.end : when.end + 12]))


def _closes_clause(s: Sentence, when: When, ahead: list[Quantity], behind: list[Quantity]) -> bool:
    """新建20个,6月底前完成,改造30个,9月底前完成: the date's own clause counts nothing and finishes something."""
    start, end = s.clause(when.start)
    if any(start <= q.start < end for q in behind) or any(start <= q.start < end for q in ahead):
        return False
    return bool(_finish().search(s.masked[when.end : end]))


def own_deadline(s: Sentence, q: Quantity, reach: Reach) -> When | None:
    """The date within the sentence that governs the quantity, or None."""
    seg = s.segment(q.start)
    leading = [w for w in reach.leading if seg[0] <= w.start < q.start]
    after = [w for w in reach.closing if q.start < w.start < seg[1]]
    # the date directly after the number: 新建20个(2023年6月底前)
    closing = _choose(s, after)
    if leading:
        last = leading[-1]
        clause = s.clause(q.start)
        if closing and last.start < clause[0] and closing.start < clause[1]:
            return closing  # 8月底前完成30处,其余9处年底前全部移交
        if closing and last.role == "during" and last.begin and last.until.month == 12 and last.begin.month == 1:
            return closing
        return last
    if closing:
        return closing
    earlier = [w for w in reach.leading if w.start < seg[0] and not _prepares(s, w)]
    if earlier:
        return earlier[-1]
    later = [w for w in reach.closing if w.start >= seg[1]]
    if later and (_all(s, later[-1]) or s.segment(later[-1].start)[1] >= len(s.chars) - 1):
        between = [o for o in s.quantities if q.start < o.start < later[-1].start]
        if _all(s, later[-1]) or not between:
            return later[-1]
    return None


def _choose(s: Sentence, after: list[When]) -> When | None:
    """Of several closing dates in a row the one that finishes the work."""
    if not after:
        return None
    run = [after[0]]
    for when in after[1:]:
        if any(run[-1].end <= q.start < when.start for q in s.quantities):
            break
        run.append(when)
    for when in run:
        clause = s.clause(when.start)
        if _finish().search(s.masked[when.end : clause[1]]) and not re.search(
            "选址|招标|开工|设计", s.masked[when.end : clause[1]]
        ):
            return when
    return run[-1] if len(run) > 1 else run[0]
