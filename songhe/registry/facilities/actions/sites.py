"""A site and its walk: planned → site chosen → started → done → accepted → in use → closed."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities import rules
from songhe.registry.facilities.models import Facility, StatusChange
from songhe.registry.facilities.standing import allow, inside, kept, not_ahead, scope_of, site
from songhe.registry.people.standing import outside_area
from songhe.registry.places.models import Level, Place

EDIT = "facilities.edit"
STATUS_NAMES = dict(StatusChange._meta.get_field("status").choices)


@transaction.atomic
def register(
    *, by: User | None, post: Post | None, place: Place, kind: str, name: str, on: date, status: str = "planned",
    location: str = "", venue: str = "", project: str = "", paper: str = "", origin: str = "entered",
    longitude: float | None = None, latitude: float | None = None,
) -> Facility:  # fmt: skip
    """Put a site on file with its first status. Without a village it cannot have come further than planned.

    Raises Refusal (outside the area, on file already, no such place) or Denied.
    """
    user = allow(by, post, EDIT)
    refuse_place(post, place, status)
    facility = Facility(
        place=place, kind=kind, name=name.strip(), location=location.strip(), venue=venue, project=project, origin=origin,
        longitude=longitude, latitude=latitude, created_by=user, **scope_of(place),
    )  # fmt: skip
    kept(facility)
    _change(facility, status, on, user, paper=paper)
    audit.note(
        "facilities.register", "facility", facility.pk, area_id=place.pk, kind=kind, status=status, on=on.isoformat()
    )
    return facility


@transaction.atomic
def choose_site(
    *,
    by: User | None,
    post: Post | None,
    facility: Facility,
    village: Place,
    on: date,
    location: str = "",
    paper: str = "",
) -> StatusChange:
    """The village is settled, and with it the status 已选址. Refused once work has begun."""
    user = allow(by, post, EDIT)
    row = site(post, facility)
    refuse_place(post, village, "site_chosen")
    if _now(row) not in ("planned", "site_chosen"):
        raise Refusal(
            "site_settled",
            zh="已经开工或完工，不能再改选址。确需迁址的，请关停后另行登记。",
            en="Work has begun; the site cannot be chosen again. Close this one and register the new site.",
            field="village",
        )
    row.place, row.location = village, location.strip() or row.location
    for column, value in scope_of(village).items():
        setattr(row, column, value)
    kept(row)
    change = _change(row, "site_chosen", on, user, reason=f"{village.code} {village}", paper=paper)
    audit.note(
        "facilities.choose_site", "facility", row.pk, area_id=village.pk, on=on.isoformat(), village=village.code
    )
    return change


@transaction.atomic
def move(
    *, by: User | None, post: Post | None, facility: Facility, status: str, on: date, reason: str = "", paper: str = ""
) -> StatusChange:
    """One step of the walk, as a new row. Back, closing and opening again need a reason.

    Refused: without a village from 已选址 on; 已验收 without a signed acceptance (or `paper` of an older one); 已投用 without an
    activity, before acceptance, or with a plaque only; a day in the future or before the latest status.
    """
    user = allow(by, post, EDIT)
    row = site(post, facility)
    before = _now(row)
    _refuse_step(row, before, status, reason)
    change = _change(row, status, on, user, reason=reason, paper=paper)
    audit.note(
        "facilities.move", "facility", row.pk, area_id=row.place_id, before=before, status=status, on=on.isoformat()
    )
    return change


@transaction.atomic
def rename(*, by: User | None, post: Post | None, facility: Facility, **changes: Any) -> Facility:
    """Correct name, location, position, venue or project; what stood there before is kept in the audit."""
    allow(by, post, EDIT)
    row = site(post, facility)
    unknown = set(changes) - {"name", "location", "longitude", "latitude", "venue", "project"}
    if unknown:
        raise ValueError(f"not to be changed here: {sorted(unknown)}")
    before = {field: getattr(row, field) for field in changes}
    for field, value in changes.items():
        setattr(row, field, value)
    kept(row)
    audit.note("facilities.rename", "facility", row.pk, area_id=row.place_id, before=before, after=changes)
    return row


def walk(facility: Facility, steps: Iterable[tuple[str, date, str]], user: int) -> list[StatusChange]:
    """Several steps at once, inside another verb's transaction: [(status, day, paper)]."""
    return [_change(facility, status, on, user, paper=paper) for status, on, paper in steps]


def _now(facility: Facility) -> str:
    latest = facility.statuses.order_by("-on", "-pk").first()
    return latest.status if latest else ""


def _change(facility: Facility, status: str, on: date, user: int, *, reason: str = "", paper: str = "") -> StatusChange:
    change = StatusChange(facility=facility, status=status, on=not_ahead(on), reason=reason, paper=paper, by=user)
    kept(change)
    return change


def _refuse_step(facility: Facility, before: str, status: str, reason: str) -> None:
    way = rules.direction(before, status)
    if way == "same":
        raise Refusal(
            "same_status",
            zh=f"现在已经是“{STATUS_NAMES[status]}”。请选下一步。",
            en="It has this status already. Choose the next step.",
            field="status",
        )
    if way in ("back", "close", "reopen") and not reason.strip():
        raise Refusal(
            "reason_missing",
            zh="退回、关停或重新启用必须写明原因。",
            en="Say why it goes back, closes or opens again.",
            field="reason",
        )
    if status not in ("planned", "closed") and facility.village_id is None:
        raise Refusal(
            "no_village",
            zh="还没有选定村（社区）。请先办理“选址”。",
            en="No village is chosen yet. Choose the site first.",
            field="status",
        )
    if status == "in_use" and way != "reopen" and before != "accepted":
        raise Refusal(
            "not_accepted",
            zh="还没有验收，不能登记为“已投用”。请先组织验收。",
            en="It is not accepted yet, so it cannot be in use. Hold the acceptance first.",
            field="status",
        )


def refuse_place(post: Post | None, place: Place, status: str) -> None:
    """Whether a site with this status may stand at a place: inside the area, a village from 已选址 on."""
    if not inside(post, place):
        raise outside_area(place)
    if place.level in (Level.PROVINCE, Level.CITY):
        raise Refusal(
            "place_too_wide",
            zh=f"“{place}”不能作为设施地点。请选到村（社区）；还没选址的，选乡镇（街道）或功能区。",
            en=f"“{place}” cannot be where a facility stands. Choose a village, or its township or functional area while no site is chosen.",
            field="place",
        )
    if status != "planned" and (place.level != Level.VILLAGE or place.kind == "functional"):
        raise Refusal(
            "not_a_village",
            zh=f"“{place}”不是村或社区。选址以后的设施要落到村（社区）。",
            en=f"“{place}” is not a village. From the chosen site on, a facility stands in one.",
            field="village",
        )
