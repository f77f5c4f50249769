"""Why a contact is in other hands, or on another day, than in the plan before."""

from collections import defaultdict
from dataclasses import dataclass

from songhe.insight.planning.weekly.model import Item, WeekPlan

REASONS = {
    "urgent": ("新增的紧急探访", "an urgent need was added"),
    "helper_off": ("原定的人这一天来不了", "whoever was to go cannot come that day"),
    "forbidden": ("按要求回避原定的人", "the planner keeps the two apart"),
    "pinned": ("按要求指定", "the planner asked for it"),
    "overdue": ("原定的日子已过而没有记录", "its day has passed and nothing was recorded"),
    "no_room": ("排不下了，原因见“未排上”", "no room is left; see what is left undone"),
    "restored": ("原来排不下，现在有空", "there was no room before, and now there is"),
    "make_room": ("给以上变动腾出时间或路程", "makes room for the other changes"),
}


@dataclass(frozen=True)
class Change:
    """One contact before and after (None: not there), and the reason's code in `REASONS`."""

    person: str
    kind: str
    before: Item | None
    after: Item | None
    reason: str


def _by_contact(plan: WeekPlan) -> dict[tuple[str, str], list[Item]]:
    found: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in sorted(plan.items, key=lambda it: (it.day, it.order)):
        found[item.person, item.kind].append(item)
    return found


def _pairs(before: list[Item], after: list[Item]):
    """The same person's contacts of a kind side by side: those that did not change first, the rest in order of days."""
    gone, come = list(before), []
    for item in after:
        same = next((b for b in gone if (b.helper, b.day) == (item.helper, item.day)), None)
        if same is not None:
            gone.remove(same)
        else:
            come.append(item)
    for k in range(max(len(gone), len(come))):
        yield gone[k] if k < len(gone) else None, come[k] if k < len(come) else None


def explained(
    old: WeekPlan, new: WeekPlan, *, off=(), pins=(), forbids=(), done=frozenset(), first_day: int = 0
) -> list[Change]:
    """Every contact that differs, with its reason. ``off``: (helper, day) who cannot come; ``done``: (person, kind) made
    already, whose vanishing is no change; contacts before ``first_day`` are history."""
    off, pinned = set(off), {p.person for p in pins}
    apart = {(f.person, f.helper) for f in forbids}
    left = {r.subject for r in new.undone}
    before, after = _by_contact(old), _by_contact(new)
    found = []
    for key in sorted(before.keys() | after.keys()):
        for b, a in _pairs(before.get(key, []), after.get(key, [])):
            if a is None and (b.day < first_day or key in done):
                continue
            found.append(Change(*key, b, a, _reason(b, a, off, pinned, apart, left, first_day)))
    return found


def _reason(b, a, off, pinned, apart, left, first_day) -> str:
    if a is not None and a.why == "urgent":
        return "urgent"
    if b is not None and (b.helper, b.day) in off:
        return "helper_off"
    if b is not None and (b.person, b.helper) in apart:
        return "forbidden"
    if (a or b).person in pinned:
        return "pinned"
    if b is not None and b.day < first_day:
        return "overdue"
    if a is None:
        return "no_room" if b.person in left else "make_room"
    return "restored" if b is None else "make_room"


def who_changes_hands(changes: list[Change]) -> set[str]:
    """People for whom somebody else comes or calls than told before."""
    return {c.person for c in changes if c.before and c.after and c.before.helper != c.after.helper}
