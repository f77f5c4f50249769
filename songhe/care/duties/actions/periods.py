"""Opening periods: once, frozen, safe when two do it at once; latecomers; the nightly round."""

from datetime import date

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from songhe.care.duties import rules
from songhe.care.duties.access import allowed, user_id
from songhe.care.duties.actions.excuses import apply_events, follow_merges
from songhe.care.duties.actions.helpers import refresh_named
from songhe.care.duties.models import Adoption, Opening, Rule
from songhe.core import audit
from songhe.core.periods import Period, containing, parse
from songhe.core.refusal import Refusal
from songhe.registry.places.models import Place


@transaction.atomic
def open_period(*, place: Place, rule: str | Rule, period: str | Period, by, post=None) -> Opening:
    """One duty for each person the rule is owed to, as the register stands now, frozen with the rule's version.

    `period` is a Period or its code ("2026-W46"). Opening again, also at the same moment from elsewhere, adds nobody
    and returns the first opening. Visits already recorded in the period are counted; excuses and emergencies apply.
    """
    allowed(post, "duties.manage", place)
    period = parse(period) if isinstance(period, str) else period
    rule = rule if isinstance(rule, Rule) else rule_for(rule, period)
    if period.kind != rule.period_kind:
        raise _wrong_kind(rule, period)
    opening, is_new = _claim(rule, place, period, user_id(by))
    if not is_new:
        return opening
    with connection.cursor() as cursor:
        cursor.execute("SELECT visits_ensure_month(%s), visits_ensure_month(%s)", [period.start, period.end])
        cursor.execute("SELECT duties_fill(%s, NULL)", [opening.pk])
        opening.owed = cursor.fetchone()[0]
    detail = {"rule": rule.name, "version": rule.version, "period": period.code, "owed": opening.owed}
    audit.note("duties.open", "opening", opening.pk, area_id=place.pk, **detail)
    return opening


def rule_for(name: str, period: Period) -> Rule:
    """The version in force at the start of a period. Refused when there is none."""
    found = (
        Rule.objects.filter(name=name, retired_at=None, valid_from__lte=period.start)
        .filter(Q(valid_to=None) | Q(valid_to__gt=period.start))
        .order_by("-pk")
        .first()
    )
    if found is None:
        raise Refusal(
            "no_rule_in_force",
            zh=f"规则“{name}”在 {period.label('zh')} 尚未施行、已废止或没有定义。请核对规则名和周期，或先运行 songhe duties sync。",
            en=f'The rule "{name}" is not in force in {period.label("en")}. Check the name and the period, or run songhe duties sync.',
            field="rule",
        )
    return found


def _wrong_kind(rule: Rule, period: Period) -> Refusal:
    kind = "周" if rule.period_kind == "week" else "月"
    shape = "2026-W46" if rule.period_kind == "week" else "2026-11"
    return Refusal(
        "period_wrong_kind",
        zh=f"“{rule.title}”按{kind}计算，“{period.code}”不是{kind}。请写成 {shape}。",
        en=f'"{rule.title_en}" is counted by {rule.period_kind}; "{period.code}" is not one. Write it like {shape}.',
        field="period",
    )


def _claim(rule: Rule, place: Place, period: Period, by: int) -> tuple[Opening, bool]:
    """The opening of this rule, place and period, and whether this call made it; a concurrent one waits here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO duties_opening (rule_id, name, place_id, period_start, period_end, owed, joined, opened_at, "
            "opened_by) VALUES (%s, %s, %s, %s, %s, 0, 0, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
            [rule.pk, rule.name, place.pk, period.start, period.end, timezone.now(), by],
        )
        made = cursor.fetchone()
    return Opening.objects.get(name=rule.name, place=place, period_start=period.start), made is not None


@transaction.atomic
def add_latecomers(*, opening: Opening, by, post=None, on: date | None = None) -> int:
    """People who came on file since the period opened join it, marked with the day; returns how many.

    Only while enough of the period is left (the rule's `excuse_min_days`); later they begin with the next one.
    """
    allowed(post, "duties.manage", opening.place)
    on = on or timezone.localdate()
    if not opening.period_start <= on <= opening.period_end:
        raise Refusal(
            "period_not_running",
            zh=f"{opening.period_start} 至 {opening.period_end} 的周期不在进行中，不能再加人。",
            en=f"The period {opening.period_start} to {opening.period_end} is not running; nobody can join it.",
            field="opening",
        )
    if not rules.may_join(on, opening.period_end, opening.rule.excuse_min_days):
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT duties_fill(%s, %s)", [opening.pk, on])
        added = cursor.fetchone()[0]
    if added:
        detail = {"added": added, "on": on.isoformat(), "by": user_id(by)}
        audit.note("duties.add_latecomers", "opening", opening.pk, area_id=opening.place_id, **detail)
    return added


def daily(*, by, on: date | None = None, post=None) -> dict[str, int]:
    """The nightly round: today's periods of every place that follows a rule, what follows from life events, helpers.

    Returns {opened, owed, events, helpers}. Runs inside `everywhere()`; each place is a transaction of its own when
    called outside one, so that one bad place does not hold up the rest.
    """
    allowed(post, "duties.manage")
    on = on or timezone.localdate()
    done = {"opened": 0, "owed": 0}
    for adoption in Adoption.objects.filter(valid_from__lte=on).filter(Q(valid_to=None) | Q(valid_to__gt=on)):
        for period in _running(adoption.name, on):
            if Opening.objects.filter(name=adoption.name, place=adoption.place, period_start=period.start).exists():
                continue
            opening = open_period(place=adoption.place, rule=adoption.name, period=period, by=by, post=post)
            done = {"opened": done["opened"] + 1, "owed": done["owed"] + opening.owed}
    done["events"] = apply_events(by=by, post=post, on=on)
    follow_merges(on=on)
    done["helpers"] = refresh_named(on=on)
    return done


def _running(name: str, on: date) -> list[Period]:
    kinds = set(Rule.objects.filter(name=name, retired_at=None).values_list("period_kind", flat=True))
    periods = [containing(kind, on) for kind in sorted(kinds)]
    return [period for period in periods if _has_rule(name, period)]


def _has_rule(name: str, period: Period) -> bool:
    return Rule.objects.filter(name=name, retired_at=None, valid_from__lte=period.start).exists()
