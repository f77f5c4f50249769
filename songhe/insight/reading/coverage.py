"""全覆盖: a hundred per cent that is said in words."""

import re
from typing import TYPE_CHECKING

from songhe.insight.reading.dates import When
from songhe.insight.reading.deadlines import Reach
from songhe.insight.reading.items import Item
from songhe.insight.reading.sentence import Sentence, tense_at

if TYPE_CHECKING:
    from songhe.insight.reading.grammar import Reader

FULL = re.compile(r"全覆盖(?!率|面)")


def full_coverage(
    s: Sentence,
    reader: "Reader",
    reach: Reach,
    inherited: When | None,
    rolling: str | None,
    heads_kind: str | None,
    made: list[Item],
) -> list[Item]:
    """One item for 全覆盖 said of its own subject; as an echo of a number or of a scheduled act it is none."""
    found: list[Item] = []
    if getattr(s.block, "level", 9) == 8:
        return found
    for m in FULL.finditer(s.masked):
        seg, clause = s.segment(m.start()), s.clause(m.start())
        earlier = [q for q in s.quantities if seg[0] <= q.start < m.start()]
        own = any(clause[0] <= w.start < m.start() for w in [*reach.leading, *reach.closing])
        if (earlier and not own) or not re.search(r"实现|达到|做到|基本", s.masked[clause[0] : m.start()]):
            continue
        if s.chars[clause[0] : clause[1]].endswith("!") or len(s.chars) - clause[0] < 4:
            continue
        before = s.clause_before(m.start())
        dated = [w for w in reach.leading if seg[0] <= w.start < m.start()]
        if (
            not own
            and before
            and before[0] >= seg[0]
            and dated
            and not any(clause[0] <= w.start < clause[1] for w in dated)
        ):
            head = s.masked[dated[-1].end : before[1]]
            if len(head.strip(",、")) > 2:
                continue
        tense = (
            tense_at(s, m.start())
            or rolling
            or (heads_kind if heads_kind in ("done", "plan") else None)
            or reader.default_tense
        )
        start = max(clause[0], m.end() - 20)
        own_dates = [w for w in [*reach.leading, *reach.closing] if clause[0] <= w.start < m.start()]
        item = Item(
            kind="achieved" if tense == "done" else "target",
            start=s.offset + start,
            end=s.offset + m.end(),
            subject=re.sub(r"^.*?(?:实现|做到)了?", "", s.masked[clause[0] : m.start()])[-30:] + "覆盖率",
            value=100,
            unit="%",
            comparator="=",
            implied=True,
            confidence=0.6,
            at=s.offset + m.start(),
        )
        if item.kind == "target":
            when = own_dates[-1] if own_dates else dated[-1] if dated else inherited
            reader._date(item, when)
        found.append(item)
    return found
