"""How a reading is marked against a key: found, and right. The conventions of the notices' answer key.

found: the right number with the right kind of unit, near the place in the text the key quotes.
right: found, with kind, comparator, deadline and (for a duty) its period; for a share also whose it is.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

SAME_UNIT = [
    set("个家处所座间部套只份件户"),
    {"名", "人", "位"},
    {"次", "场", "场次", "课"},
    {"%", "个百分点"},
    {"平方米", "㎡"},
]
NEAR = 40
SPECS = Path(__file__).resolve().parents[2] / "specs" / "reading"


@dataclass
class Mark:
    """What was found and right, with what was missed, wrong and too much."""

    gold: int = 0
    items: int = 0
    found: int = 0
    right: int = 0
    missed: list = field(default_factory=list)
    wrong: list = field(default_factory=list)
    extra: list = field(default_factory=list)

    def __add__(self, other: "Mark") -> "Mark":
        """Counts of two notices together."""
        return Mark(
            self.gold + other.gold, self.items + other.items, self.found + other.found, self.right + other.right
        )

    def f1(self, hits: int) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * hits / (self.gold + self.items) if self.gold + self.items else 0.0

    @property
    def found_f1(self) -> float:
        """F1 of found."""
        return self.f1(self.found)

    @property
    def right_f1(self) -> float:
        """F1 of right."""
        return self.f1(self.right)


def load_spec(path: Path) -> tuple[str, list[dict]]:
    """The text and the key of one invented notice.

    A key row is [kind, quote, value, unit, comparator, deadline, scope, per, flag]; deadline and comparator may be lists
    of what is acceptable; flag is dup, amb, total or the value_max of a range.
    """
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = ("kind", "quote", "value", "unit", "comparator", "deadline", "scope", "per", "flag")
    return spec["text"], [
        dict(zip(names, row + [None] * (len(names) - len(row)), strict=True)) for row in spec["items"]
    ]


def squeeze(words: object) -> str:
    """Without white space."""
    return re.sub(r"\s+", "", str(words or ""))


def _group(unit: object) -> str:
    unit = squeeze(unit)
    return next((min(g) for g in SAME_UNIT if unit in g), unit)


def _places(text: str, quote: object) -> list[tuple[int, int]]:
    quote = squeeze(quote)
    return [(m.start(), m.start() + len(quote)) for m in re.finditer(f"(?={re.escape(quote)})", text)] if quote else []


def _gap(a: list, b: list) -> int | None:
    gaps = [0 if s < f and t < e else (t - e if t >= e else s - f) for s, e in a for t, f in b]
    return min(gaps) if gaps else None


def _list(value: object) -> list:
    values = value if isinstance(value, list) else [value]
    return [v.isoformat() if hasattr(v, "isoformat") else v for v in values]


def _deadline_ok(gold: dict, item: dict) -> bool:
    return item.get("deadline") in _list(gold["deadline"])


def _whose(gold: dict, item: dict) -> bool:
    a, b = squeeze(gold.get("scope")), squeeze(item.get("scope"))
    return bool(a and b and (a in b or b in a))


def _value_ok(gold: dict, item: dict) -> bool:
    if gold["value"] is None or item.get("value") is None:
        return gold["value"] is None and item.get("value") is None
    wanted = [gold["value"]] + ([gold["flag"]] if isinstance(gold["flag"], int | float) else [])
    return any(abs(float(item["value"]) - w) < 1e-6 * max(1, abs(w)) for w in wanted)


def is_right(gold: dict, item: dict) -> bool:
    """Kind, deadline, comparator, period and whose share."""
    if gold["kind"] != item["kind"] or not _deadline_ok(gold, item):
        return False
    if gold["kind"] != "schedule" and item["comparator"] not in _list(gold["comparator"]):
        return False
    if gold["kind"] == "duty" and squeeze(gold["per"]) != squeeze(item["per"]):
        return False
    return gold["kind"] != "allocation" or _whose(gold, item)


def mark(text: str, golds: list[dict], items: list[dict]) -> Mark:
    """Match each key row to at most one item, the best first."""
    text = squeeze(text)
    where_gold, where_item = [_places(text, g["quote"]) for g in golds], [_places(text, i["quote"]) for i in items]
    pairs = []
    for g, gold in enumerate(golds):
        for n, item in enumerate(items):
            if not _value_ok(gold, item) or (
                gold["value"] is not None and _group(gold["unit"]) != _group(item["unit"])
            ):
                continue
            if gold["kind"] == "schedule" and (item["kind"] != "schedule" or not _deadline_ok(gold, item)):
                continue
            gap = _gap(where_gold[g], where_item[n])
            owned = gold["kind"] == "allocation" and _whose(gold, item)
            if owned or (gap is not None and gap <= NEAR):
                pairs.append((2 * is_right(gold, item) + owned, -(NEAR if gap is None else gap), g, n))
    used_gold: dict[int, int] = {}
    used_item: set[int] = set()
    for _, _, g, n in sorted(pairs, reverse=True):
        if g not in used_gold and n not in used_item:
            used_gold[g] = n
            used_item.add(n)
    skipped = {g for g, gold in enumerate(golds) if gold["flag"] in ("dup", "amb", "total")}
    hits = [(g, n) for g, n in used_gold.items() if g not in skipped]
    right = [(g, n) for g, n in hits if is_right(golds[g], items[n])]
    free = sum(1 for g in used_gold if g in skipped)
    return Mark(
        len(golds) - len(skipped),
        len(items) - free,
        len(hits),
        len(right),
        [golds[g] for g in range(len(golds)) if g not in skipped and g not in used_gold],
        [(golds[g], items[n]) for g, n in hits if (g, n) not in right],
        [item for n, item in enumerate(items) if n not in used_item],
    )
