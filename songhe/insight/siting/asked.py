"""What a planner asks: how many new sites of which kind, for whom, within which time, which villages surely or surely not."""

from dataclasses import dataclass, replace

from songhe.core.refusal import Refusal

REACH, SHORTEST = "reach", "shortest"  # most people within the minutes; the least way for everybody
RIDE, WALK = "ride", "walk"
TOWN, URBAN = "town", "urban"  # groups for the worst-off first: townships; urban communities and villages


@dataclass(frozen=True)
class Asked:
    """`whom`: "" for everybody, else a circumstance (people.terms); `fair`: "", TOWN or URBAN; `must` and `never`: village codes.

    `built`: sites that are chosen or being built stand already.
    """

    kind: str
    count: int
    minutes: float
    goal: str = REACH
    how: str = RIDE
    whom: str = ""
    fair: str = ""
    built: bool = False
    must: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()

    def free(self) -> "Asked":
        """The same without what the planner has fixed."""
        return replace(self, must=frozenset(), never=frozenset())

    def only(self, candidates: set[str]) -> "Asked":
        """The same with those villages only that can be chosen at all."""
        return replace(self, must=self.must & candidates, never=self.never & candidates)


def refuse(asked: Asked, candidates: set[str]) -> None:
    """Raises Refusal: no sites wanted, more than can be chosen, a village both wanted and not, more wanted than are to be built."""
    open_to = len(candidates - asked.never)
    if asked.count < 1:
        raise Refusal(
            "no_sites_asked",
            zh="新建处数是 0，没有可测算的。请填 1 处或更多。",
            en="No new sites are wanted, so there is nothing to plan. Enter 1 or more.",
            field="count",
        )
    if asked.must & asked.never:
        raise Refusal(
            "both",
            zh=f"同一个村既“必须”又“不选”：{'、'.join(sorted(asked.must & asked.never))}。请去掉其中一个。",
            en=f"A village is both required and ruled out: {', '.join(sorted(asked.must & asked.never))}. Take one away.",
            field="must",
        )
    if asked.count > open_to:
        raise Refusal(
            "too_many_sites",
            zh=f"要新建 {asked.count} 处，而可选的村（社区）只有 {open_to} 个。请减少处数，或换大一些的区域。",
            en=f"{asked.count} new sites are wanted, and only {open_to} villages can be chosen. Ask for fewer, or for a larger area.",
            field="count",
        )
    if len(asked.must) > asked.count:
        raise Refusal(
            "too_many_pinned",
            zh=f"“必须”的村有 {len(asked.must)} 个，而只新建 {asked.count} 处。请增加处数，或去掉几个。",
            en=f"{len(asked.must)} villages are required and only {asked.count} sites are to be built. Ask for more, or require fewer.",
            field="must",
        )
