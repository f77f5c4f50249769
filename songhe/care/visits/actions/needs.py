"""Found needs: handed to somebody with a deadline of their own, and closed with what came of them."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from songhe.care.duties.access import allowed, user_id
from songhe.care.duties.definitions import follow_up
from songhe.care.duties.terms import NEEDS
from songhe.care.visits.models import Referral, Visit
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import User
from songhe.registry.people.models import Person

_AREAS = ("village_id", "town_id", "county_id", "city_id")


def add_referrals(visit: Visit, needs: list[str], detail: str, by: int) -> None:
    """Referrals for needs that an amendment found; part of its transaction."""
    areas = {name: getattr(visit, name) for name in _AREAS}
    Referral.objects.bulk_create(
        Referral(
            person_id=visit.person_id, visit_id=visit.id, need=need, detail=detail[:300], opened_by=by,
            due_on=visit.occurred_on + timedelta(days=follow_up().need_days[need]), **areas,
        )
        for need in needs
    )  # fmt: skip


@transaction.atomic
def open_referral(
    *, person: Person, need: str, by, post, detail: str = "", to_user: User | None = None, due_on: date | None = None
) -> Referral:
    """Hand a need on without a visit (a call from the family). The deadline is that of the need unless one is given."""
    allowed(post, "visits.record")
    if post and not Person.objects.visible_to(post).filter(pk=person.pk).exists():
        raise Refusal("person_outside_area", zh="这位老人不在您的辖区内。", en="This person is outside your area.", field="person")  # fmt: skip
    if need not in dict(NEEDS):
        raise Refusal("unknown_need", zh=f"没有“{need}”这种需要。", en=f'There is no need "{need}".', field="need")
    today = timezone.localdate()
    due = due_on or today + timedelta(days=follow_up().need_days[need])
    if due < today:
        raise Refusal("due_in_past", zh="办结期限不能早于今天。", en="The deadline cannot be before today.", field="due_on")  # fmt: skip
    made = Referral.objects.create(
        person=person, need=need, detail=detail[:300], to_user=to_user, due_on=due, opened_by=user_id(by),
        **{name: getattr(person, name) for name in _AREAS},
    )  # fmt: skip
    audit.note("referral.open", "person", person.pk, area_id=person.village_id, referral=made.pk, need=need)
    return made


@transaction.atomic
def hand_referral(*, referral: Referral, to_user: User, by, post, due_on: date | None = None) -> Referral:
    """Hand an open need to somebody, with another deadline if given."""
    allowed(post, "visits.record")
    _refuse_closed(referral, post)
    referral.to_user = to_user
    referral.due_on = due_on or referral.due_on
    referral.save(update_fields=["to_user", "due_on"])
    detail = {"referral": referral.pk, "to": to_user.pk, "due_on": referral.due_on.isoformat(), "by": user_id(by)}
    audit.note("referral.hand", "person", referral.person_id, area_id=referral.village_id, **detail)
    return referral


@transaction.atomic
def close_referral(*, referral: Referral, result: str, by, post) -> Referral:
    """Settled: what came of it, in words. A second closing is refused."""
    allowed(post, "visits.record")
    _refuse_closed(referral, post)
    if not result.strip():
        raise Refusal("result_needed", zh="请写明办理结果。", en="Say what came of it.", field="result")
    referral.closed_at, referral.closed_by, referral.result = timezone.now(), user_id(by), result.strip()[:300]
    referral.save(update_fields=["closed_at", "closed_by", "result"])
    audit.note("referral.close", "person", referral.person_id, area_id=referral.village_id, referral=referral.pk)
    return referral


def _refuse_closed(referral: Referral, post) -> None:
    seen = Referral.objects.visible_to(post) if post else Referral.objects.all()
    current = seen.select_for_update(of=("self",)).filter(pk=referral.pk).first()
    if current is None:
        raise Refusal("referral_outside_area", zh="这条转办不在您的辖区内。", en="This referral is outside your area.")
    if current.closed_at is not None:
        raise Refusal("already_closed", zh="这条转办已经办结。", en="This referral is already settled.")
