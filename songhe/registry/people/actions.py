"""What may be done with a person's file: every verb can be called from here.

This module opens, changes, verifies and unmasks a file; the others stand by topic in circumstances, events, merging, papers
and assessing; rosters in imports, lists going out in exports.

Every verb: `by` (the account) and `post` (in whose name), one transaction, one audit row without personal values. The
system's own jobs pass `by=None, post=None` inside `core.acting.everywhere()`.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from songhe.core import audit, identity
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import rules, sealing
from songhe.registry.people.assessing import record_assessment, record_other_scale
from songhe.registry.people.circumstances import (
    end_circumstance,
    open_circumstance,
    refresh_tags,
    retag,
    set_circumstance,
)
from songhe.registry.people.entry import clean
from songhe.registry.people.events import follow_change, note_birthdays, record_event, undo_event
from songhe.registry.people.merging import merge, undo_merge
from songhe.registry.people.models import FieldSource, Person
from songhe.registry.people.papers import (
    add_contact,
    consent,
    contact_phone,
    grant_benefit,
    remove_contact,
    share_household,
    withdraw_consent,
)
from songhe.registry.people.searchkeys import sort_key
from songhe.registry.people.standing import allow, check_village, locked
from songhe.registry.places.models import Place

__all__ = [
    "add_contact", "consent", "contact_phone", "correct_phone", "edit", "end_circumstance", "follow_change", "grant_benefit", "merge",
    "note_birthdays", "numbers", "record_assessment", "record_event", "record_other_scale", "refresh_tags", "register", "remove_contact",
    "set_circumstance", "share_household", "shown", "undo_event", "undo_merge", "unmask", "verify", "withdraw_consent",
]  # fmt: skip

_SEX = {"male": "m", "female": "f"}


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
    """Save, turning the model's and the database's own rules into sentences."""
    said = [f for f in Person._meta.fields if not f.is_relation and getattr(person, f.attname) not in (None, "")]
    try:
        person.clean_fields(exclude={f.name for f in Person._meta.fields if f not in said} | {"search"})
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
        raise Refusal(
            "birth_future",
            zh="出生日期在今天之后。请核对。",
            en="The birth date lies in the future. Check it.",
            field="birth",
        )
    if typed["id_number"] and _taken(typed["id_number"]):
        raise already_on_file()
    person = Person(**village.areas(), origin=origin, source=source, changed_by=user, verified_by=user, verified_on=on)
    person.case_file_on = on
    _put(person, {field: value for field, value in typed.items() if value is not None})
    _save(person)
    for kind in circumstances:
        open_circumstance(person, kind, on, source or "登记", user, {}, on)
    if circumstances:
        retag(person, user)
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
    return _change(row, typed, user=user, on=on, source=source)


@transaction.atomic
def correct_phone(*, by: User | None, post: Post | None, person: Person, number: str, source: str = "") -> Person:
    """A new telephone number heard at the doorstep. Whether it may replace the one on file is asked by the caller.

    Raises Refusal (unreadable number, no such file) or Denied.
    """
    user = allow(by, post, "people.correct")
    on = timezone.localdate()
    return _change(locked(post, person), clean({"phone": number}, on=on), user=user, on=on, source=source)


def _change(row: Person, typed: dict[str, Any], *, user: int, on: date, source: str) -> Person:
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
        raise Refusal(
            "unknown_field", zh="这一项没有加密，不需要查看权限。", en="This field is not sealed.", field=field
        )
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
def numbers(*, by: User, post: Post, people: list[Person], reason: str) -> dict[int, str]:
    """The telephone numbers of several people by id, for a list from which they are dialled; one audit row names them all."""
    allow(by, post, "people.unmask")
    clear = dict(
        zip([p.pk for p in people], sealing.open_column("phone", [p.phone_sealed for p in people]), strict=True)
    )
    audit.note("people.unmask", "person", field="phone", reason=reason, people=sorted(clear))
    return clear


@transaction.atomic
def doorsteps(*, by: User, post: Post, people: list[Person], reason: str) -> dict[int, tuple[str, str]]:
    """{id: (address, telephone)} for whoever goes to these doors for a paid order; one audit row names them all.

    The caller has seen to it that the orders are theirs (care.evidence.phone). Raises Denied.
    """
    allow(by, post, "services.serve")
    address = sealing.open_column("address", [p.address_sealed for p in people])
    phone = sealing.open_column("phone", [p.phone_sealed for p in people])
    clear = {p.pk: found for p, *found in zip(people, address, phone, strict=True)}
    if clear:
        audit.note("people.unmask", "person", field="address phone", reason=reason, people=sorted(clear))
    return {number: (found[0], found[1]) for number, found in clear.items()}


@transaction.atomic
def verify(*, by: User, post: Post, person: Person, on: date | None = None) -> Person:
    """Somebody looked and the file is right: the age of its facts starts again."""
    user = allow(by, post, "people.edit")
    row = locked(post, person)
    row.verified_by, row.verified_on = user, on or timezone.localdate()
    row.save(update_fields=["verified_by", "verified_on"])
    audit.note("people.verify", "person", row.pk, area_id=row.village_id)
    return row
