"""One promise said twice is one item with two mentions."""

import re
from functools import lru_cache

from songhe.insight.reading.items import Item


def merge(items: list[Item], title: tuple[int, int] = (0, 0)) -> list[Item]:
    """Items in text order; a repeated target or fact is folded into its first mention outside the paper's `title`."""
    kept: list[Item] = []
    seen: dict[tuple, list[Item]] = {}
    for item in sorted(items, key=lambda i: (i.start, i.at)):
        key = (item.kind, item.value, item.value_max, item.unit)
        twin = None
        if item.kind in ("target", "achieved") and item.value is not None and not item.implied:
            twin = next((o for o in seen.get(key, [])[-40:] if _same(o, item)), None)
        if twin:
            if title[0] <= twin.start < title[1] <= item.start:
                item.start, item.end, item.at, twin.start, twin.end, twin.at = (
                    *(twin.start, twin.end, twin.at),
                    *(item.start, item.end, item.at),
                )
            twin.mentions.append((item.start, item.end))
            if twin.deadline is None and item.deadline is not None:
                twin.deadline, twin.begin, twin.deadline_written = item.deadline, item.begin, item.deadline_written
            continue
        kept.append(item)
        seen.setdefault(key, []).append(item)
    return kept


def _same(a: Item, b: Item) -> bool:
    if a.scope != b.scope and (a.implied_parent or b.implied_parent or (a.value is not None and a.value <= 3)):
        return False
    if a.deadline_written and b.deadline_written and a.deadline != b.deadline:
        return False
    left, right = _key(a.subject), _key(b.subject)
    if not left or not right:
        return False
    if left == right or (min(len(left), len(right)) > 2 and (left in right or right in left)):
        return True
    pairs = [{w[i : i + 2] for i in range(len(w) - 1)} for w in (left, right)]
    common = len(pairs[0] & pairs[1])
    return common >= 0.6 * min(len(pairs[0]), len(pairs[1])) and common >= 2


@lru_cache(maxsize=4096)
def _key(subject: str) -> str:
    return re.sub(r"(?:新建|新增|改扩建|改造|建设|建成|完成|打造|的|数|\(.*?\))", "", subject)
