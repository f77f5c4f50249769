"""On whose authority, on which site: what every verb of this app asks first."""

from collections.abc import Callable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils import timezone, translation

from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post
from songhe.registry.facilities.models import Facility
from songhe.registry.people.standing import allow, inside
from songhe.registry.people.standing import scope_of as division_scope
from songhe.registry.places.models import Place

__all__ = ["allow", "by_name", "in_words", "inside", "kept", "not_ahead", "scope_of", "site"]


def scope_of(place: Place) -> dict[str, int | None]:
    """The four scope columns of a site; one laid at a functional area has no village and no township yet."""
    if place.kind == "functional":
        return {"village_id": None, "town_id": None, "county_id": place.county_id, "city_id": place.city_id}
    return division_scope(place)


def site(post: Post | None, facility: Facility) -> Facility:
    """The facility's row, fresh and locked, when it lies in the post's area; raises Refusal."""
    seen = Facility.objects.visible_to(post) if post else Facility.objects.all()
    row = seen.select_for_update(of=("self",)).filter(pk=facility.pk).first()
    if row is None:
        raise Refusal(
            "no_such_facility",
            zh="没有这处设施，或不在您的辖区内。请回到设施名单重新查找。",
            en="There is no such facility, or it lies outside your area. Look it up again.",
        )
    return row


def not_ahead(on: date, field: str = "on") -> date:
    """The day itself unless it lies in the future: what has not happened is not recorded."""
    if on > timezone.localdate():
        raise Refusal(
            "in_the_future",
            zh=f"{on} 还没有到，不能登记还没发生的事。请核对日期。",
            en=f"{on} has not come yet; only what has happened is recorded. Check the date.",
            field=field,
        )
    return on


def kept(row: models.Model) -> models.Model:
    """Save a new row; a rule of a field or of the database becomes its own sentence, in both languages.

    The caller's transaction is undone by the Refusal: no savepoint of its own, which would double the statements.
    """
    empty = {f.name for f in row._meta.fields if f.is_relation or getattr(row, f.attname) is None}
    try:
        row.clean_fields(exclude=empty)
        row.save()
    except ValidationError as wrong:
        raise in_words(wrong) from None
    except IntegrityError as error:
        raise by_name(type(row), error) from None
    return row


def in_words(wrong: ValidationError) -> Refusal:
    """The first thing that is wrong with a row's fields."""
    field, found = next(iter(wrong.error_dict.items()))
    return _said("not_valid", lambda: " ".join(said for each in found for said in each.messages), field)


def _said(code: str, text: Callable[[], str], field: str = "") -> Refusal:
    """A refusal from a sentence that Django translates."""
    with translation.override("zh-hans"):
        zh = text()
    with translation.override("en"):
        en = text()
    return Refusal(code, zh=zh, en=en, field=field)


def by_name(model: type[models.Model], error: IntegrityError) -> Exception:
    """The sentence of the constraint that refused a row; the error itself where no sentence is known."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    if name in _SENTENCES:
        zh, en, field = _SENTENCES[name]
        return Refusal(name, zh=zh, en=en, field=field)
    broken = next((each for each in model._meta.constraints if each.name == name), None)
    return _said(name, lambda: str(broken.violation_error_message)) if broken else error


_SENTENCES = {
    "facilities_facility_uid_key": (  # the id of an enrolled site follows from place, kind and name
        "这个地点已有同类型、同名称的设施。",
        "A facility of this kind and name is registered here already.",
        "name",
    ),
    "status_in_order": (
        "这一天早于已登记的最近一次状态。状态按日期先后登记，请核对日期。",
        "This day lies before the latest status on record. Statuses follow each other by date.",
        "on",
    ),
    "in_use_has_activity": (
        "还没有活动记录，不能登记为“已投用”。投用以实际开展服务为准：请先登记至少一次活动（日期、人次、凭据）。",
        "There is no activity on record, so it cannot be in use. A plaque is no proof: record an activity first.",
        "status",
    ),
    "accepted_is_signed": (
        "没有签字的验收，不能登记为“已验收”。请先组织验收并签字；以前验收的，填写验收文件。",
        "No signed acceptance is on record. Hold one and sign it; for an older one, name its paper.",
        "status",
    ),
    "photo_one_site": (
        "这张照片已用于另一处设施，不能再用。请到现场重新拍摄。",
        "This photograph was used for another site. Take a new one on the spot.",
        "photo",
    ),
}
