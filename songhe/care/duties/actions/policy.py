"""Rules from definitions into the database, and which place follows which."""

from datetime import date
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from songhe.care.duties import definitions
from songhe.care.duties.access import allowed, user_id
from songhe.care.duties.models import Adoption, NeedTerm, Rule, Rung
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.places.models import Place


@transaction.atomic
def sync_rules(*, by, folder: Path | None = None, follow_up: Path | None = None) -> list[Rule]:
    """Read every definition; a changed one becomes a new version, a removed one is retired. Periods opened stay frozen.

    Also fills the ladder and the terms of needs. Raises BadDefinition with every fault; then nothing has changed.
    """
    rows = definitions.rule_rows(folder)
    terms = definitions.read_follow_up(follow_up) if follow_up else definitions.follow_up()
    fresh = [_in_force(row) for row in rows]
    now_valid = Q()
    for row in rows:
        now_valid |= Q(name=row["name"], version=row["version"])
    Rule.objects.filter(retired_at=None).exclude(now_valid).update(retired_at=timezone.now())
    _set_follow_up(terms)
    if made := [rule for rule, is_new in fresh if is_new]:
        versions = {rule.name: rule.version for rule in made}
        audit.note("duties.sync_rules", "rule", None, by=user_id(by), versions=versions)
    return [rule for rule, _ in fresh]


def _in_force(row: dict) -> tuple[Rule, bool]:
    rule, made = Rule.objects.get_or_create(name=row["name"], version=row["version"], defaults=row)
    if rule.retired_at:
        rule.retired_at = None
        rule.save(update_fields=["retired_at"])
        return rule, True
    return rule, made


def _set_follow_up(terms: definitions.FollowUp) -> None:
    rungs = [Rung(step=step, position=at, within_minutes=minutes) for at, (step, minutes) in enumerate(terms.ladder, 1)]
    Rung.objects.exclude(step__in=[rung.step for rung in rungs]).delete()
    Rung.objects.bulk_create(
        rungs, update_conflicts=True, unique_fields=["step"], update_fields=["position", "within_minutes"]
    )
    needs = [NeedTerm(need=need, days=days) for need, days in terms.need_days.items()]
    NeedTerm.objects.bulk_create(needs, update_conflicts=True, unique_fields=["need"], update_fields=["days"])


@transaction.atomic
def adopt(*, rule: str, place: Place, valid_from: date, by, post=None, valid_to: date | None = None) -> Adoption:
    """A place follows a rule from a day on; the nightly job opens its periods. Doing it again changes nothing."""
    allowed(post, "duties.manage", place)
    if not Rule.objects.filter(name=rule, retired_at=None).exists():
        known = "、".join(Rule.objects.filter(retired_at=None).values_list("name", flat=True).distinct())
        raise Refusal(
            "no_such_rule",
            zh=f"没有名为“{rule}”的规则。现有：{known or '（尚未读入定义）'}。",
            en=f'There is no rule "{rule}". Known: {known or "(no definitions read yet)"}.',
            field="rule",
        )
    current = Adoption.objects.filter(name=rule, place=place, valid_from__lte=valid_from).filter(
        Q(valid_to=None) | Q(valid_to__gt=valid_from)
    )
    if found := current.first():
        return found
    made = Adoption(name=rule, place=place, valid_from=valid_from, valid_to=valid_to, by=user_id(by))
    made.full_clean(exclude=["by", "valid_to"])
    made.save()
    audit.note("duties.adopt", "adoption", made.pk, area_id=place.pk, rule=rule, valid_from=valid_from.isoformat())
    return made


@transaction.atomic
def end_adoption(*, adoption: Adoption, on: date, by, post=None) -> Adoption:
    """The place no longer follows the rule from this day on; periods already opened run to their end."""
    allowed(post, "duties.manage", adoption.place)
    adoption.valid_to = max(on, adoption.valid_from)
    adoption.save(update_fields=["valid_to"])
    detail = {"rule": adoption.name, "on": on.isoformat(), "by": user_id(by)}
    audit.note("duties.end_adoption", "adoption", adoption.pk, area_id=adoption.place_id, **detail)
    return adoption
