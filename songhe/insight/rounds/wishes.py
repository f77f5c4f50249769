"""What a planner asks for, as plain data that is kept with the plan: who cannot come, who goes to whom, urgent needs."""

from dataclasses import dataclass, field, replace

from songhe.core.refusal import Refusal
from songhe.insight.planning.reasons import ImpossibleInputError
from songhe.insight.planning.weekly.model import Forbid, Helper, Pin, Urgent
from songhe.insight.rounds.gathering import TownWeek


@dataclass(frozen=True)
class Wishes:
    """`ill`: {helper: days}; ids as text, days 0 (Monday) to 6. Kept as JSON by `as_json`, read back by `from_json`."""

    ill: dict[str, tuple[int, ...]] = field(default_factory=dict)
    pins: tuple[Pin, ...] = ()
    forbids: tuple[Forbid, ...] = ()
    urgent: tuple[Urgent, ...] = ()

    def as_json(self) -> dict:
        return {
            "ill": {helper: list(days) for helper, days in self.ill.items()},
            "pins": [[p.person, p.helper, p.day] for p in self.pins],
            "forbids": [[f.person, f.helper] for f in self.forbids],
            "urgent": [[u.person, u.day, u.why] for u in self.urgent],
        }

    def __or__(self, more: "Wishes") -> "Wishes":
        """Both; where they disagree about a person's pin, the later one."""
        ill = {h: tuple(sorted({*self.ill.get(h, ()), *more.ill.get(h, ())})) for h in {**self.ill, **more.ill}}
        again = {p.person for p in more.pins}
        forbids = {(f.person, f.helper): f for f in (*self.forbids, *more.forbids)}
        pinned = {(p.person, p.helper) for p in more.pins}
        apart = {(f.person, f.helper) for f in more.forbids}
        return Wishes(
            ill=ill,
            pins=(*(p for p in self.pins if p.person not in again and (p.person, p.helper) not in apart), *more.pins),
            forbids=tuple(f for key, f in forbids.items() if key not in pinned),
            urgent=(*self.urgent, *(u for u in more.urgent if u not in self.urgent)),
        )

    def off(self) -> set[tuple[str, int]]:
        """(helper, day) of everybody who cannot come."""
        return {(helper, day) for helper, days in self.ill.items() for day in days}

    def from_day(self, first: int) -> "Wishes":
        """Without what is past: urgent needs of days gone, pins to them."""
        return replace(
            self,
            pins=tuple(p for p in self.pins if p.day is None or p.day >= first),
            urgent=tuple(u for u in self.urgent if u.day >= first),
        )

    def known_in(self, week: TownWeek) -> "Wishes":
        """Without people and helpers who are no longer in the week (moved, post ended)."""
        people, helpers = {p.id for p in week.people}, {h.id for h in week.helpers}
        return Wishes(
            ill={h: days for h, days in self.ill.items() if h in helpers},
            pins=tuple(p for p in self.pins if p.person in people and (p.helper is None or p.helper in helpers)),
            forbids=tuple(f for f in self.forbids if f.person in people and f.helper in helpers),
            urgent=tuple(u for u in self.urgent if u.person in people),
        )

    def refuse_unknown(self, week: TownWeek) -> None:
        """Refusal naming what is not there, or not possible any more."""
        kept = self.known_in(week)
        if (kept.ill, kept.pins, kept.forbids, kept.urgent) != (self.ill, self.pins, self.forbids, self.urgent):
            raise Refusal(
                "not_in_this_week",
                zh="所选的人不在这个乡镇本周的名单里。请刷新页面，从名单里重选。",
                en="Somebody chosen is not on this township's list of the week. Reload the page and choose again.",
            )
        days = [d for days in self.ill.values() for d in days] + [u.day for u in self.urgent]
        days += [p.day for p in self.pins if p.day is not None]
        if any(day < week.first_day or day > 6 for day in days):
            raise Refusal(
                "day_past",
                zh="所选的日子已经过去，或不在这一周。请选今天或以后的日子。",
                en="The day chosen is past, or not in this week. Choose today or a later one.",
                field="day",
            )

    def team(self, helpers: list[Helper]) -> list[Helper]:
        """The helpers with the days taken out on which they cannot come."""
        return [
            replace(h, minutes=tuple(0 if d in self.ill.get(h.id, ()) else m for d, m in enumerate(h.minutes)))
            for h in helpers
        ]


def from_json(data: dict) -> Wishes:
    return Wishes(
        ill={helper: tuple(days) for helper, days in (data.get("ill") or {}).items()},
        pins=tuple(Pin(*row) for row in data.get("pins") or ()),
        forbids=tuple(Forbid(*row) for row in data.get("forbids") or ()),
        urgent=tuple(Urgent(*row) for row in data.get("urgent") or ()),
    )


def refused(error: ImpossibleInputError, week: TownWeek) -> Refusal:
    """The planner's reasons in words, with names instead of numbers."""
    names = week.names | week.helper_names

    def said(reason, text: str) -> str:
        first, _, rest = text.partition(" ")
        text = f"{names[first]} {rest}" if first in names else text
        return f"{names.get(reason.subject, reason.subject)}：{text}" if reason.subject in names else text

    return Refusal(
        error.reasons[0].code,
        zh="；".join(said(r, r.zh) for r in error.reasons),
        en="; ".join(said(r, r.en) for r in error.reasons),
    )
