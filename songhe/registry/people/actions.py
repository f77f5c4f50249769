"""What may be done with a person's file; life events are in events.py, merging in merging.py, rosters in imports.py.

Every verb: `by` (the account) and `post` (in whose name), one transaction, one audit row without personal values. The
system's own jobs pass `by=None, post=None` inside `core.acting.everywhere()`.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from songhe.core import audit, identity, names
from songhe.core.likeness import Traits
from songhe.core.problem import Problem
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import rules, sealing, terms
from songhe.registry.people.models import (
    Assessment,
    Benefit,
    Circumstance,
    Consent,
    Contact,
    FieldSource,
    Household,
    Person,
)
from songhe.registry.people.searchkeys import sort_key
from songhe.registry.people.standing import allow, check_village, locked
from songhe.registry.places.models import Place

_SEX = {"male": "m", "female": "f"}


def _refusal(field: str, problem: Problem) -> Refusal:
    return Refusal(problem.code, zh=problem.zh, en=problem.en, field=field)


def _first_error(field: str, problems: tuple[Problem, ...]) -> Refusal:
    return _refusal(field, next(p for p in problems if p.level == "error"))


# reading what was typed ----------------------------------------------------------------------------------------------


def clean(values: dict[str, Any], *, on: date) -> dict[str, Any]:
    """Typed values as the file keeps them: the same readers as the import. Raises Refusal naming the field."""
    out = {}
    for field, value in values.items():
        if field not in rules.EDITABLE:
            raise Refusal(
                "unknown_field",
                zh=f"档案里没有“{field}”这一项，或不能在这里修改。",
                en=f"The file has no field “{field}”, or it is not changed here.",
                field=field,
            )
        out[field] = _clean(field, value, on)
    return out


def _clean(field: str, value: Any, on: date) -> Any:
    if field == "name":
        reading = names.read_name(value)
        if reading.name is None:
            raise _first_error(field, reading.problems)
        return reading.name
    if field == "id_number":
        if value in (None, ""):
            return ""
        reading = identity.read_id(value, on)
        if reading.number is None:
            raise _first_error(field, reading.problems)
        return reading.number
    if field == "phone":
        if value in (None, ""):
            return ""
        reading = identity.read_phone(value)
        if reading.number is None:
            raise _first_error(field, reading.problems)
        return reading.number
    return value.strip() if isinstance(value, str) else value


def _born_by(number: str) -> dict[str, Any]:
    reading = identity.read_id(number)
    return {"birth": reading.birth, "sex": _SEX[reading.sex]} if reading.ok else {}


def _put(person: Person, values: dict[str, Any]) -> None:
    """Cleaned values onto the model's columns, with blind indexes and keys."""
    for field, value in values.items():
        if field == "id_number":
            person.id_sealed, person.id_blind = sealing.seal(field, value), sealing.id_blind(value)
        elif field == "phone":
            person.phone_sealed, person.phone_blind = sealing.seal(field, value), sealing.phone_blind(value)
        elif field == "address":
            person.address_sealed = sealing.seal(field, value)
        else:
            setattr(person, field, value)
    if {"name", "former_name", "id_number"} & set(values):
        number = values["id_number"] if "id_number" in values else sealing.open_field("id_number", person.id_sealed)
        person.name_sort = sort_key(person.name)
        person.search = sealing.search_value(sealing.search_terms(person.name, number, person.former_name))


def _save(person: Person) -> None:
    """Save, turning the database's own rules into sentences."""
    try:
        person.full_clean(exclude=["search", "name_sort", "id_sealed", "phone_sealed", "address_sealed", "uid"])
    except ValidationError as wrong:
        field, messages = next(iter(wrong.message_dict.items()))
        text = " ".join(messages)
        raise Refusal("not_valid", zh=text, en=text, field="" if field == "__all__" else field) from None
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        if "person_id_once" in str(error):
            raise already_on_file() from None
        raise


def already_on_file() -> Refusal:
    return Refusal(
        "id_on_file",
        zh="该证件号已有档案，不能重复建档。请按证件号查找原档案；查不到的，档案在您的辖区以外，请上级民政部门办理迁入。",
        en="This ID number already has a file. Look it up by the number; if you cannot see it, the file lies outside your area: "
        "ask the civil affairs office above you to move it.",
        field="id_number",
    )


def _taken(number: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM people_taken(ARRAY[%s::bytea])", [sealing.id_blind(number)])
        return cursor.fetchone() is not None


# the file itself -----------------------------------------------------------------------------------------------------


@transaction.atomic
def register(
    *,
    by: User | None,
    post: Post | None,
    village: Place,
    name: str,
    id_number: str = "",
    sex: str = "",
    birth: date | None = None,
    circumstances: tuple[str, ...] = (),
    source: str = "",
    origin: str = "entered",
    on: date | None = None,
    **values: Any,
) -> Person:
    """Open a person's file in a village. Sex ("m", "f") and birth come from the ID number unless given.

    `values`: any of rules.EDITABLE. Raises Refusal (already on file, unreadable number, outside the area) or Denied.
    """
    user = allow(by, post, "people.edit")
    on = on or timezone.localdate()
    check_village(post, village, on)
    typed = clean({"name": name, "id_number": id_number, "birth": birth, "sex": sex} | values, on=on)
    derived = _born_by(typed["id_number"])
    for field in ("birth", "sex"):
        typed[field] = typed[field] or derived.get(field)
        if not typed[field]:
            raise Refusal(
                f"{field}_missing",
                zh="没有身份证号码时，必须填写出生日期和性别。",
                en="Without an ID number, the birth date and the sex are needed.",
                field=field,
            )
    if typed["birth"] > on:
        raise Refusal("birth_future", zh="出生日期在今天之后。请核对。", en="The birth date lies in the future. Check it.", field="birth")
    if typed["id_number"] and _taken(typed["id_number"]):
        raise already_on_file()
    person = Person(**village.areas(), origin=origin, source=source, changed_by=user, verified_by=user, verified_on=on)
    person.case_file_on = on
    _put(person, {field: value for field, value in typed.items() if value is not None})
    _save(person)
    for kind in circumstances:
        _open_circumstance(person, kind, on, source or "登记", user, {}, on)
    if circumstances:
        _retag(person, user)
    audit.note("people.register", "person", person.pk, area_id=village.pk, origin=origin)
    return person


def shown(person: Person, field: str) -> str:
    """A field as a form shows it (sealed ones masked): what `edit(based_on=…)` is compared with."""
    if field in rules.SEALED:
        return sealing.masked(person, field)
    value = getattr(person, f"{field}_id") if field == "hukou_place" else getattr(person, field)
    return "" if value is None else str(value)


@transaction.atomic
def edit(
    *,
    by: User | None,
    post: Post | None,
    person: Person,
    changes: dict[str, Any],
    based_on: dict[str, str] | None = None,
    source: str = "",
    on: date | None = None,
) -> Person:
    """Change fields of a file. `based_on`: what the form showed; a field that somebody else changed since is refused.

    Each changed field gets its source, verifier and date. Raises Refusal.
    """
    user = allow(by, post, "people.edit")
    on = on or timezone.localdate()
    row = locked(post, person)
    typed = clean(changes, on=on)
    for field, seen in (based_on or {}).items():
        now = shown(row, field) if field in rules.EDITABLE else seen
        if now != seen:
            raise Refusal(
                "changed_meanwhile",
                zh=f"您打开页面后，这一项已被别人改为“{now}”。请刷新后再改，以免覆盖。",
                en=f"Somebody changed this field to “{now}” after you opened the page. Reload before you change it.",
                field=field,
            )
    changed = {f: v for f, v in typed.items() if _differs(row, f, v)}
    if not changed:
        return row
    if changed.get("id_number") and _taken(changed["id_number"]):
        raise already_on_file()
    _put(row, changed)
    row.changed_by, row.verified_by, row.verified_on = user, user, on
    _save(row)
    for field in changed:
        FieldSource.objects.update_or_create(
            person=row,
            field=field,
            defaults={"source": source or "修改", "valid_from": on, "verified_by": user, "verified_on": on},
        )
    audit.note("people.edit", "person", row.pk, area_id=row.village_id, fields=sorted(changed), source=source)
    return row


def _differs(person: Person, field: str, value: Any) -> bool:
    if field == "id_number":
        blind = sealing.id_blind(value)
        return (bytes(person.id_blind) if person.id_blind else None) != blind
    if field in rules.SEALED:
        return sealing.open_field(field, getattr(person, rules.SEALED[field])) != (value or "")
    return getattr(person, field) != value


@transaction.atomic
def unmask(*, by: User | None, post: Post | None, person: Person, field: str, reason: str) -> str:
    """The clear text of a sealed field ("id_number", "phone", "address"), against a written reason. Raises Refusal."""
    allow(by, post, "people.unmask")
    if field not in rules.SEALED:
        raise Refusal("unknown_field", zh="这一项没有加密，不需要查看权限。", en="This field is not sealed.", field=field)
    if len(reason.strip()) < 2:
        raise Refusal(
            "reason_missing",
            zh="请写明查看完整信息的事由，例如“电话探访”“核对证件”。",
            en="Say why the full value is needed, for example “to call for a visit”.",
            field="reason",
        )
    row = locked(post, person, merged_too=True)
    audit.note("people.unmask", "person", row.pk, area_id=row.village_id, field=field, reason=reason.strip()[:120])
    return sealing.open_field(field, getattr(row, rules.SEALED[field]))


@transaction.atomic
def verify(*, by: User, post: Post, person: Person, on: date | None = None) -> Person:
    """Somebody looked and the file is right: the age of its facts starts again."""
    user = allow(by, post, "people.edit")
    row = locked(post, person)
    row.verified_by, row.verified_on = user, on or timezone.localdate()
    row.save(update_fields=["verified_by", "verified_on"])
    audit.note("people.verify", "person", row.pk, area_id=row.village_id)
    return row


# circumstances -------------------------------------------------------------------------------------------------------


@transaction.atomic
def set_circumstance(
    *,
    by: User | None,
    post: Post | None,
    person: Person,
    kind: str,
    valid_from: date,
    source: str,
    valid_to: date | None = None,
    detail: dict | None = None,
    on: date | None = None,
) -> Circumstance:
    """A special circumstance of a person from a day on (until a day, exclusive). Raises Refusal when it is already open then."""
    user = allow(by, post, "people.edit")
    on = on or timezone.localdate()
    row = locked(post, person)
    made = _open_circumstance(row, kind, valid_from, source, user, detail or {}, on, valid_to)
    _retag(row, user)
    audit.note("people.set_circumstance", "person", row.pk, area_id=row.village_id, kind=kind, valid_from=str(valid_from))
    return made


def _open_circumstance(person, kind, valid_from, source, user, detail, on, valid_to=None) -> Circumstance:
    if kind not in terms.BITS:
        raise Refusal("unknown_circumstance", zh=f"没有“{kind}”这种困难情形。", en=f"There is no circumstance “{kind}”.", field="kind")
    if valid_to is not None and valid_to <= valid_from:
        raise Refusal("dates_in_order", zh="终止日期必须晚于起始日期。", en="The end must lie after the start.", field="valid_to")
    made = Circumstance(
        person=person, kind=kind, valid_from=valid_from, valid_to=valid_to, source=source, verified_by=user, verified_on=on,
        detail=detail, **_areas(person),
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        if "circumstance_not_twice" not in str(error):
            raise
        raise Refusal(
            "circumstance_twice",
            zh="该老人在这段时间已登记过同一情形。请先终止原来的，或改日期。",
            en="This circumstance is already on file for that time. End the earlier one first or change the dates.",
            field="valid_from",
        ) from None
    return made


@transaction.atomic
def end_circumstance(
    *, by: User | None, post: Post | None, circumstance: Circumstance, valid_to: date, reason: str = ""
) -> Circumstance:
    """A circumstance no longer holds from a day on; its row stays with its dates."""
    user = allow(by, post, "people.edit")
    person = locked(post, circumstance.person)
    row = Circumstance.objects.select_for_update(of=("self",)).get(pk=circumstance.pk, person=person)
    if row.valid_to is not None and row.valid_to <= valid_to:
        raise Refusal("already_ended", zh=f"该情形已于 {row.valid_to} 终止。", en=f"It already ended on {row.valid_to}.", field="valid_to")
    if valid_to < row.valid_from:
        raise Refusal("dates_in_order", zh="终止日期不能早于起始日期。", en="The end cannot lie before the start.", field="valid_to")
    if valid_to == row.valid_from:  # it never held: entered by mistake
        row.delete()
    else:
        row.valid_to = valid_to
        row.save(update_fields=["valid_to"])
    _retag(person, user)
    audit.note("people.end_circumstance", "person", person.pk, area_id=person.village_id, kind=row.kind, reason=reason[:120])
    return row


def _areas(person: Person) -> dict[str, int | None]:
    return {f"{c}_id": getattr(person, f"{c}_id") for c in ("village", "town", "county", "city")}


def _retag(person: Person, user: int, on: date | None = None) -> None:
    """Write the bit map of what holds today; a circumstance that starts later is put in by `refresh_tags`."""
    on = on or timezone.localdate()
    held = Circumstance.objects.filter(person=person, valid_from__lte=on).exclude(valid_to__lte=on)
    tags = terms.tags_of(held.values_list("kind", flat=True))
    if tags != person.tags:
        person.tags, person.changed_by = tags, user
        person.save(update_fields=["tags", "changed_by", "changed_at"])


@transaction.atomic
def refresh_tags(*, on: date) -> int:
    """The daily job: circumstances that begin or end today show in the bit map. Run everywhere(); returns how many files."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH bits(kind, bit) AS (SELECT * FROM unnest(%s::text[], %s::int[])),
            due AS (SELECT DISTINCT person_id FROM people_circumstance WHERE valid_from = %s OR valid_to = %s),
            now AS (SELECT d.person_id, coalesce(bit_or(b.bit), 0) AS tags FROM due d
                    LEFT JOIN people_circumstance c ON c.person_id = d.person_id AND c.valid_from <= %s
                          AND (c.valid_to IS NULL OR c.valid_to > %s)
                    LEFT JOIN bits b ON b.kind = c.kind GROUP BY d.person_id)
            UPDATE people_person p SET tags = now.tags, changed_at = now(), changed_by = 0
            FROM now WHERE p.id = now.person_id AND p.tags <> now.tags
            """,
            [list(terms.BITS), list(terms.BITS.values()), on, on, on, on],
        )
        count = cursor.rowcount
    audit.note("people.refresh_tags", "person", on=str(on), files=count)
    return count


# people around, papers -----------------------------------------------------------------------------------------------


@transaction.atomic
def add_contact(
    *,
    by: User | None,
    post: Post | None,
    person: Person,
    name: str,
    relation: str,
    phone: str = "",
    priority: int | None = None,
    lives_near: bool = False,
) -> Contact:
    """Somebody to call in an emergency. Raises Refusal for an unreadable number."""
    allow(by, post, "people.edit")
    row = locked(post, person)
    typed = clean({"name": name, "phone": phone}, on=timezone.localdate())
    if relation not in dict(terms.RELATIONS):
        raise Refusal("unknown_relation", zh=f"没有“{relation}”这种关系。", en=f"There is no relation “{relation}”.", field="relation")
    made = Contact.objects.create(
        person=row,
        name=typed["name"],
        relation=relation,
        phone_sealed=sealing.seal("contact", typed["phone"]),
        priority=priority or row.contacts.count() + 1,
        lives_near=lives_near,
    )
    audit.note("people.add_contact", "person", row.pk, area_id=row.village_id, relation=relation)
    return made


@transaction.atomic
def remove_contact(*, by: User, post: Post, contact: Contact) -> None:
    """Take a contact off the file."""
    allow(by, post, "people.edit")
    row = locked(post, contact.person)
    Contact.objects.filter(pk=contact.pk, person=row).delete()
    audit.note("people.remove_contact", "person", row.pk, area_id=row.village_id)


@transaction.atomic
def contact_phone(*, by: User, post: Post, contact: Contact, reason: str) -> str:
    """A contact's number in clear, against a written reason, like `unmask`."""
    allow(by, post, "people.unmask")
    if len(reason.strip()) < 2:
        raise Refusal("reason_missing", zh="请写明查看电话的事由。", en="Say why the number is needed.", field="reason")
    row = locked(post, contact.person, merged_too=True)
    audit.note("people.unmask", "person", row.pk, area_id=row.village_id, field="contact", reason=reason.strip()[:120])
    return sealing.open_field("contact", contact.phone_sealed)


@transaction.atomic
def consent(
    *, by: User | None, post: Post | None, person: Person, purpose: str, given_by: str, given_on: date, paper: str = ""
) -> Consent:
    """What the person or guardian agreed to, on which paper (PIPL art. 28–29)."""
    allow(by, post, "people.edit")
    row = locked(post, person)
    made = Consent.objects.create(person=row, purpose=purpose, given_by=given_by, given_on=given_on, paper=paper)
    audit.note("people.consent", "person", row.pk, area_id=row.village_id, purpose=purpose)
    return made


@transaction.atomic
def withdraw_consent(*, by: User, post: Post, consent: Consent, on: date) -> Consent:
    """The consent no longer holds from a day on."""
    allow(by, post, "people.edit")
    row = locked(post, consent.person)
    consent.withdrawn_on = on
    consent.save(update_fields=["withdrawn_on"])
    audit.note("people.withdraw_consent", "person", row.pk, area_id=row.village_id, purpose=consent.purpose)
    return consent


@transaction.atomic
def grant_benefit(
    *,
    by: User | None,
    post: Post | None,
    person: Person,
    kind: str,
    valid_from: date,
    level: str = "",
    number: str = "",
    valid_to: date | None = None,
    source: str = "",
) -> Benefit:
    """An allowance or certificate held from–to; its number is sealed."""
    allow(by, post, "people.edit")
    row = locked(post, person)
    made = Benefit.objects.create(
        person=row,
        kind=kind,
        level=level,
        number_sealed=sealing.seal("benefit", number),
        valid_from=valid_from,
        valid_to=valid_to,
        source=source,
    )
    audit.note("people.grant_benefit", "person", row.pk, area_id=row.village_id, kind=kind)
    return made


@transaction.atomic
def share_household(*, by: User | None, post: Post | None, people: list[Person], number: str = "") -> Household:
    """These people live under one roof; `number` of the household register is sealed. Raises Refusal across villages."""
    allow(by, post, "people.edit")
    rows = [locked(post, person) for person in people]
    if len({row.village_id for row in rows}) != 1:
        raise Refusal(
            "household_villages",
            zh="同一家庭户的人须在同一村（社区）。请先办理迁居。",
            en="People of one household live in one village. Record the move first.",
        )
    home = next((row.household for row in rows if row.household_id), None) or Household(**_areas(rows[0]))
    if number:
        home.number_sealed = sealing.seal("household", number)
    home.save()
    for row in rows:
        row.household = home
        row.save(update_fields=["household", "changed_at"])
    audit.note("people.share_household", "household", home.pk, area_id=home.village_id, people=[row.pk for row in rows])
    return home


# ability -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def record_other_scale(
    *,
    by: User | None,
    post: Post | None,
    person: Person,
    scale: str,
    on: date,
    result: str,
    total: int | None = None,
    agency: str = "",
    valid_to: date | None = None,
) -> Assessment:
    """The result of another scale (Barthel, 长护险 …) as it was given: kept beside, never converted into a level."""
    user = allow(by, post, "assessment.record")
    row = locked(post, person)
    if scale == "gbt42195":
        raise Refusal("use_full_form", zh="国标评估须填 26 项，请用评估表录入。", en="The national standard needs all 26 items: use its form.", field="scale")
    made = Assessment.objects.create(
        person=row, scale=scale, version=scale, reason="other", on=on, total=total, result_text=result[:60], agency=agency,
        valid_to=valid_to, recorded_by=user, **_areas(row),
    )  # fmt: skip
    audit.note("people.record_assessment", "person", row.pk, area_id=row.village_id, scale=scale)
    return made


def traits_of(person: Person) -> Traits:
    """What core.likeness compares."""
    number = sealing.open_field("id_number", person.id_sealed)
    former = tuple(part for part in person.former_name.replace("，", "、").split("、") if part)
    phone = bytes(person.phone_blind) if person.phone_blind else None
    return Traits(person.name, person.sex, person.birth, number[-4:], phone, person.village_id, former)
