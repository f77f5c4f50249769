"""What the pages of duties show beside the due list: the other sides of a number, villages, periods, excuses, emergencies.

Each starts from what the post may see; a count never goes beyond `settings.CAPPED_COUNT`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from songhe.care.duties.models import Adoption, Assignment, Duty, Emergency, Excuse, Opening, Rule
from songhe.care.duties.queries import Page, Sums, due_list, duties, tally, unnamed
from songhe.core.periods import Period, containing
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.accounts.rules import MATRIX
from songhe.registry.people.models import Person
from songhe.registry.places.models import LEVELS, Place

SIDES = ("due", "kept", "excused", "unnamed")
"""due: owed and not kept; kept; excused; unnamed: owed, and nobody is named to go."""


def capped(found: QuerySet) -> int:
    """How many, never counting beyond the house's cap: CAPPED_COUNT + 1 stands for "more"."""
    return found.order_by()[: settings.CAPPED_COUNT + 1].count()


def listed(
    *, post, name: str, period: Period, place: Place, side: str = "due", helper: int | None = None, untouched: str = "",
    after: str = "", limit: int = 50,
) -> Page:  # fmt: skip
    """One side of the duties of a rule, period and place, page by page; as many rows as `sides` counts."""
    if side == "due":
        return due_list(
            post=post,
            period=period,
            name=name,
            place=place,
            helper=helper,
            untouched=untouched,
            after=after,
            limit=limit,
        )
    found = _side(duties(post=post, name=name, period=period, place=place, helper=helper), side)
    if after:
        village, pk = _opened(after)
        found = found.filter(Q(village_id__gt=village) | Q(village_id=village, pk__gt=pk))
    rows = list(found.order_by("village_id", "pk")[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, f"{rows[-1].village_id}-{rows[-1].pk}" if more else "")


def _side(found: QuerySet, side: str) -> QuerySet:
    if side == "kept":
        return found.kept()
    if side == "excused":
        return found.exclude(excused="")
    if side == "unnamed":
        return found.owed().filter(helper=None)
    raise Refusal("side", zh=f"没有“{side}”这张名单。", en=f'There is no list "{side}".', field="side")


def _opened(after: str) -> tuple[int, int]:
    first, _, second = after.partition("-")
    if not (first.isdigit() and second.isdigit()):
        raise Refusal(
            "bad_cursor",
            zh="翻页位置无效，请从第一页重新打开。",
            en="The page position is not valid; start from the first page.",
        )
    return int(first), int(second)


def sides(*, post, name: str, period: Period, place: Place, helper: int | None = None) -> dict[str, int]:
    """How many rows each side has: from the kept sums for a place, counted (capped) for one helper."""
    nobody = capped(unnamed(post=post, period=period, name=name, place=place)) if helper is None else 0
    if helper is not None:
        found = duties(post=post, name=name, period=period, place=place, helper=helper)
        return {
            "due": capped(found.missed()), "kept": capped(found.kept()),
            "excused": capped(found.exclude(excused="")), "unnamed": nobody,
        }  # fmt: skip
    sums = next(iter(tally(post=post, name=name, periods=period, place=place)), None)
    if sums is None:
        return dict.fromkeys(SIDES, 0)
    return {"due": sums.missed, "kept": sums.kept, "excused": sums.excused, "unnamed": nobody}


@dataclass(frozen=True)
class Line:
    """One place with its sums of a period."""

    place: Place
    sums: Sums


def lines(*, post, name: str, period: Period, place: Place, gap: str = "", level: str = "") -> list[Line]:
    """The places one level below with anything owed, the widest gap first; `gap="only"` leaves out those without one."""
    level = level or place.below or place.level
    if level not in LEVELS or LEVELS.index(level) < LEVELS.index(place.level):
        return []
    found = tally(post=post, name=name, periods=period, place=place, levels=(level,))
    found = [sums for sums in found if sums.missed] if gap == "only" else found
    places = Place.objects.within(post).defer("outline").in_bulk([sums.place_id for sums in found])
    rows = [Line(places[sums.place_id], sums) for sums in found if sums.place_id in places]
    return sorted(rows, key=lambda line: (-line.sums.missed, line.place.code))


def duty_now(*, post, person: int, name: str, period: Period) -> Duty | None:
    """One person's duty of a period, with rule and helper."""
    found = Duty.objects.visible_to(post).filter(person=person, name=name, period_start=period.start)
    return found.select_related("rule", "helper").first()


def rules_in_force() -> list[Rule]:
    """The versions in force, one a name."""
    return list(Rule.objects.filter(retired_at=None).order_by("-period_kind", "-commitment", "name"))


def rule_named(name: str) -> Rule:
    """The version in force of a rule; Refusal when no such rule has been read."""
    found = Rule.objects.filter(name=name, retired_at=None).order_by("-pk").first()
    if found is None:
        raise Refusal(
            "no_such_rule",
            zh=f"没有名为“{name}”的规则。请先运行 songhe duties sync 读入规则。",
            en=f'There is no rule "{name}". Run songhe duties sync to read the definitions.',
            field="rule",
        )
    return found


def _touching(post, place: Place) -> Q:
    """Whatever was opened or declared for this place, one above it (it holds here too) or one below."""
    above = [pk for pk in (place.pk, place.town_id, place.county_id, place.city_id, place.province_id) if pk]
    within = Place.objects.under(place).filter(post.inside_q())
    return Q(place__in=above + ([place.functional_area_id] if place.functional_area_id else [])) | Q(place__in=within)


def openings(*, post, place: Place, since: date, limit: int = 60) -> list[Opening]:
    """Periods opened for this place, or above or below it, the latest first."""
    found = Opening.objects.filter(_touching(post, place), period_end__gte=since).select_related("rule", "place")
    return list(found.defer("place__outline").order_by("-period_start", "name", "place__code")[:limit])


def adoptions(*, post, place: Place, on: date) -> list[Adoption]:
    """Which rules hold for this place, and from where."""
    found = _adopted(post, place, on).select_related("place").defer("place__outline")
    return list(found.order_by("name", "place__code"))


def _adopted(post, place: Place, on: date) -> QuerySet[Adoption]:
    found = Adoption.objects.filter(_touching(post, place), valid_from__lte=on)
    return found.filter(Q(valid_to=None) | Q(valid_to__gt=on))


def not_opened(*, post, place: Place, on: date) -> list[tuple[Adoption, Rule, Period]]:
    """Rules that hold here and whose running period nobody has opened: the nightly round failed, or is still to come."""
    in_force = {rule.name: rule for rule in rules_in_force()}
    waiting = _waiting(_adopted(post, place, on), in_force, on)
    return [
        (adoption, rule, containing(rule.period_kind, on))
        for adoption in (adoptions(post=post, place=place, on=on) if waiting else ())
        if (adoption.name, adoption.place_id) in waiting and (rule := in_force[adoption.name])
    ]


def not_opened_count(*, post, place: Place, on: date) -> int:
    """How many rows `not_opened` lists."""
    return len(_waiting(_adopted(post, place, on), {rule.name: rule for rule in rules_in_force()}, on))


def _waiting(adopted: QuerySet[Adoption], in_force: dict[str, Rule], on: date) -> set[tuple[str, int]]:
    """(name, place) of adoptions whose running period is not opened."""
    due = {
        (name, place): period.start
        for name, place in adopted.values_list("name", "place")
        if (rule := in_force.get(name)) and rule.valid_from <= (period := containing(rule.period_kind, on)).start
    }
    if not due:
        return set()
    running = Q()
    for (name, place), start in due.items():
        running |= Q(name=name, place=place, period_start=start)
    return set(due) - set(Opening.objects.filter(running).values_list("name", "place"))


def emergencies(*, post, place: Place, since: date, limit: int = 60) -> list[Emergency]:
    """Emergencies declared for this place, above or below it: those on, to come, and ended since a day; latest first."""
    found = Emergency.objects.filter(_touching(post, place), ends_on__gte=since).select_related("place")
    return list(found.defer("place__outline").order_by("-starts_on", "-pk")[:limit])


def emergency(*, post, pk: int) -> Emergency | None:
    """One emergency that stands inside the post's area."""
    inside = Place.objects.within(post)
    return Emergency.objects.filter(place__in=inside, pk=pk).select_related("place").first()


def excuses(
    *, post, place: Place | None = None, person: int | None = None, on: date | None = None, limit: int = 200
) -> list[Excuse]:
    """Excuses that stand on a day (or all of one person), those ending first on top."""
    found = (
        Excuse.objects.visible_to(post).select_related("person", "village").defer("person__search", "village__outline")
    )
    if person is not None:
        return list(found.filter(person=person).order_by("-starts_on", "-pk")[:limit])
    on = on or timezone.localdate()
    found = found.filter(withdrawn_at=None, starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gte=on))
    found = found.inside(place) if place is not None else found
    return list(found.order_by("ends_on", "pk")[:limit])


def excuse(*, post, pk: int) -> Excuse | None:
    return Excuse.objects.visible_to(post).filter(pk=pk).select_related("person").first()


def people_named(*, post, pks) -> dict[int, Person]:
    """Files by number, inside the area."""
    found = Person.objects.visible_to(post).filter(pk__in=set(pks)).select_related("village")
    return found.defer("search", "village__outline").in_bulk()


_NEARNESS = {"helper": 0, "village_worker": 1, "township_worker": 2}
_NAMEABLE = [role for role, held in MATRIX.items() if "visits.record" in held and role != "clerk"]


def _posts(around: Q, post, on: date | None) -> list[Post]:
    """Posts that may record visits, inside the asking post's area, those nearest to the people first."""
    held = Post.objects.filter(around, role__in=_NAMEABLE, user__is_active=True, place__in=Place.objects.within(post))
    held = held.held_on(on or timezone.localdate()).select_related("user", "place").defer("place__outline")[:2000]
    return sorted(held, key=lambda each: (_NEARNESS.get(each.role, 9), each.place.code, each.user.name, each.user_id))


def _once(posts: Iterable[Post]) -> list[tuple[User, Post]]:
    seen: dict[int, tuple[User, Post]] = {}
    for each in posts:
        seen.setdefault(each.user_id, (each.user, each))
    return list(seen.values())


def helpers_for(*, post, place: Place, on: date | None = None) -> list[tuple[User, Post]]:
    """Accounts that may be named for people of a place: a post there, at its township or below it. Every account once."""
    around = Q(place__in=[pk for pk in (place.pk, place.town_id) if pk])
    if place.below:
        around |= Q(**{f"place__{place.own_column}": place.pk})
    return _once(_posts(around, post, on))


def helpers_near(*, post, villages: Iterable[Place], on: date | None = None) -> dict[int, list[tuple[User, Post]]]:
    """The same for many villages in one query: {village id: accounts}."""
    villages = list(villages)
    wanted = {village.pk for village in villages} | {village.town_id for village in villages if village.town_id}
    posts = _posts(Q(place__in=wanted), post, on) if wanted else []
    return {
        village.pk: _once(each for each in posts if each.place_id in (village.pk, village.town_id))
        for village in villages
    }


def towns_of(*, post, duties: Iterable[Duty]) -> dict[int, str]:
    """The names of the townships of a list, by id."""
    found = Place.objects.visible_to(post).filter(pk__in={duty.town_id for duty in duties if duty.town_id})
    return {place.pk: str(place) for place in found.defer("outline")}


def assignments_of(*, post, person: int) -> list[Assignment]:
    """Who was named for a person and from when to when, the latest first."""
    found = Assignment.objects.visible_to(post).filter(person=person).select_related("helper")
    return list(found.order_by("-valid_from", "-pk"))
