"""The family page: links made and ended by staff, codes sent and entered by family members, what consent allows.

link, token = open_link(by=…, post=…, contact=contact, given_by="本人", given_on=day, scopes=["family_days"])
opened(token)            -> Opened(state="ok", name="王秀英", scopes={"family_page", "family_days"}, …) or None
ask_code(token)          -> "138****1234"      the code has gone out by SMS
enter_code(token, "123456")

A family member has no account: what they may know comes from SQL functions bound to one live link (sql/0007_family.sql).
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.core import acting, audit, identity, sms
from songhe.core.definitions import BadDefinition, Day, Flag, Items, Map, Number, Text, check, checked, load
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people import sealing
from songhe.registry.people.models import Consent, Contact, FamilyLink
from songhe.registry.people.standing import allow, locked
from songhe.registry.people.terms import FAMILY_SCOPES

FOLDER = Path(__file__).resolve().parents[2] / "definitions" / "family"
PAGE, SERVICES = "family_page", "family_services"
_count = Number(whole=True, least=1, most=10_000)
_hour = Number(whole=True, least=0, most=24)
SCHEMA = {
    "source": Map({"title": Text(), "confirmed": Flag()}),
    "code": Map(
        {
            "digits": Number(whole=True, least=4, most=10), "minutes": _count, "attempts": _count, "gap_seconds": _count,
            "most_a_day": _count, "entries_a_day": _count,
        }
    ),
    "session_minutes": _count,
    "link_days": _count,
    "ask": Map(
        {
            "days": _count, "most_open": _count,
            "parts": Items(Map({"id": Text(pattern=r"[a-z]{1,12}", shape="morning"), "title": Map({"zh": Text(), "en": Text()}), "from": _hour, "to": _hour})),
        }
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Policy:
    """Limits of codes and links, from `definitions/family/page.yaml`; minutes, seconds, days and counts as named there."""

    digits: int
    minutes: int
    attempts: int
    gap_seconds: int
    most_a_day: int
    entries_a_day: int
    session_minutes: int
    link_days: int
    ask_days: int
    most_open: int
    parts: tuple["Part", ...]


@dataclass(frozen=True)
class Part:
    """A part of a day that a service may be asked for: hours of China, `to` not included."""

    id: str
    title: dict[str, str]
    first: int
    last: int


@cache
def policy() -> Policy:
    """Raises BadDefinition."""
    read = checked(FOLDER / "page.yaml", SCHEMA).data
    ask = read["ask"]
    parts = tuple(Part(row["id"], row["title"], row["from"], row["to"]) for row in ask["parts"])
    return Policy(
        **read["code"], session_minutes=read["session_minutes"], link_days=read["link_days"], ask_days=ask["days"],
        most_open=ask["most_open"], parts=parts,
    )  # fmt: skip


# staff -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_link(
    *,
    by: User,
    post: Post | None,
    contact: Contact,
    given_by: str,
    given_on: date,
    scopes: Iterable[str] = (),
    paper: str = "",
) -> tuple[FamilyLink, str]:
    """A link for a family member, and the consent it stands on; earlier links of the same contact end.

    Returns the link and its token: shown now, kept only as a digest. Raises Refusal without a telephone number of the
    contact, or for an unknown scope.
    """
    user = allow(by, post, "people.edit")
    row = locked(post, contact.person)
    wanted = [PAGE, *(scope for scope in scopes if scope != PAGE)]
    if set(wanted) - set(dict(FAMILY_SCOPES)):
        raise Refusal("unknown_scope", zh="没有这种可看的范围。", en="There is no such scope.", field="scopes")
    if not contact.phone_sealed:
        raise Refusal(
            "contact_no_phone",
            zh=f"{contact.name}没有登记电话，收不到验证码。请先在联系人里补上手机号。",
            en=f"{contact.name} has no telephone number for the code. Add it to the contact first.",
            field="contact",
        )
    if given_on > timezone.localdate():
        raise Refusal("consent_future", zh="同意日期在今天之后。请核对。", en="The consent's date lies in the future.", field="given_on")  # fmt: skip
    held = set(in_force(row.pk))
    for scope in wanted:
        if scope not in held:
            Consent.objects.create(
                person=row, purpose=str(dict(FAMILY_SCOPES)[scope])[:40], scope=scope, given_by=given_by, given_on=given_on, paper=paper
            )  # fmt: skip
    FamilyLink.objects.filter(contact=contact, revoked_at=None).update(revoked_at=timezone.now(), revoked_by=user)
    token = secrets.token_urlsafe(32)
    link = FamilyLink.objects.create(
        person=row, contact=contact, digest=digest_of(token), made_by=user,
        ends_on=timezone.localdate() + timedelta(days=policy().link_days),
    )  # fmt: skip
    audit.note("family.open_link", "person", row.pk, area_id=row.village_id, link=link.pk, scopes=wanted)
    return link, token


@transaction.atomic
def revoke_link(*, by: User, post: Post | None, link: FamilyLink) -> FamilyLink:
    """The link opens nothing from now on."""
    user = allow(by, post, "people.edit")
    row = locked(post, link.person, merged_too=True)
    held = FamilyLink.objects.select_for_update().get(pk=link.pk, person=row)
    if held.revoked_at is None:
        held.revoked_at, held.revoked_by = timezone.now(), user
        held.save(update_fields=["revoked_at", "revoked_by"])
        audit.note("family.revoke_link", "person", row.pk, area_id=row.village_id, link=held.pk)
    return held


def in_force(person: int, on: date | None = None) -> list[str]:
    """The scopes a person has agreed to and not taken back, on a day."""
    on = on or timezone.localdate()
    given = Consent.objects.filter(person=person, given_on__lte=on).exclude(scope="").exclude(withdrawn_on__lte=on)
    return sorted(set(given.values_list("scope", flat=True)))


# the family --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """A link that was followed. `state`: ok, revoked, ended, no_consent; `phone`: where codes go, sealed."""

    link: int
    person: int
    village: int
    name: str
    origin: str
    phone: bytes
    state: str
    scopes: frozenset[str]


def digest_of(token: str) -> bytes:
    """What is kept of a token; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def opened(token: str) -> Opened | None:
    """The link of a token, or None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM family_link(%s)", [digest_of(token)])
        row = cursor.fetchone()
    return Opened(*row[:5], bytes(row[5] or b""), row[6], frozenset(row[7])) if row else None


@contextmanager
def acting_for(token: str) -> Iterator[Opened]:
    """One transaction that acts for the link's one person, to order, rate or complain. Raises Refusal without that consent.

    It has no area, no post and no account. PostgreSQL itself derives the person from the digest of the secret token
    (sql/0009_one_person.sql), and its policies show and take rows of nobody else: a fault in the door, a number changed in a
    form or an address, ends at that person. Which verbs: `accounts.rules.FAMILY_MAY`. The door has asked for the SMS code.
    """
    link = opened(token)
    if link is None or link.state != "ok":
        raise gone()
    if SERVICES not in link.scopes:
        raise Refusal(
            "family_no_services",
            zh="老人还没有同意家属代办服务。请老人或您打电话给村（社区）登记。",
            en="The person has not agreed that family arranges services. Call the village to have it registered.",
        )
    with acting.acting([]), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.family', %s, true)", [digest_of(token).hex()])
        yield link
        cursor.execute("SELECT set_config('app.family', '', true)")


def caller_of(link: Opened) -> str:
    """Who asks, as it stands on an order: "女儿 王小妹". Inside `acting_for` only; "" where the file was merged since."""
    row = FamilyLink.objects.select_related("contact").filter(pk=link.link).first()
    return f"{row.contact.get_relation_display()} {row.contact.name}" if row else ""


def ask_code(token: str) -> str:
    """Send a code to the contact's own number; returns the number, masked. Raises Refusal: too soon, too many, link ended."""
    link, limits = opened(token), policy()
    if link is None or link.state != "ok" or not link.phone:
        raise gone()
    code = "".join(str(secrets.randbelow(10)) for _ in range(limits.digits))
    with transaction.atomic(), connection.cursor() as cursor:  # not sent: not counted either
        cursor.execute(
            "SELECT family_code_put(%s, %s, %s, %s, %s)",
            [digest_of(token), _sealed(link.link, code), limits.minutes, limits.gap_seconds, limits.most_a_day],
        )
        answer = cursor.fetchone()[0]
        if answer != "sent":
            raise {"wait": _too_soon(limits), "most": _too_many()}.get(answer) or gone()
        number = sealing.open_field("contact", link.phone)
        sms.send(number, _("【松鹤】验证码 %(code)s，%(minutes)s 分钟内有效，用来查看家人的探访情况。请勿告诉别人。") % {"code": code, "minutes": limits.minutes})  # fmt: skip
        audit.note("family.ask_code", "person", link.person, area_id=link.village, link=link.link)
    return identity.mask_phone(number)


def enter_code(token: str, code: str) -> str:
    """Try a code: "ok", or why not (wrong, spent, old, gone). A wrong entry is counted: the caller must not roll it back."""
    link, limits = opened(token), policy()
    if link is None or link.state != "ok":
        return "gone"
    plain = "".join(ch for ch in code if ch.isdecimal())[:12]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT family_code_try(%s, %s, %s, %s)",
            [digest_of(token), _sealed(link.link, plain), limits.attempts, limits.entries_a_day],
        )
        answer = cursor.fetchone()[0]
    audit.note("family.enter_code", "person", link.person, area_id=link.village, link=link.link, answer=answer)
    return answer


def _sealed(link: int, code: str) -> bytes:
    return sealing.ring().blind(f"{link} {code}", "family code")


def gone() -> Refusal:
    return Refusal(
        "family_gone",
        zh="这个链接已停用。请向老人所在的村（社区）或乡镇要新的链接。",
        en="This link no longer works. Ask the village or township for a new one.",
    )


def _too_soon(limits: Policy) -> Refusal:
    return Refusal(
        "family_wait",
        zh=f"验证码刚刚发过。请等 {limits.gap_seconds} 秒再要新的，先看看手机短信。",
        en=f"A code has just been sent. Wait {limits.gap_seconds} seconds before asking for another, and look at your messages.",
    )


def _too_many() -> Refusal:
    return Refusal(
        "family_most",
        zh="今天要的验证码太多了。请明天再试，或打电话给村（社区）。",
        en="Too many codes were asked for today. Try tomorrow, or call the village.",
    )


# the wall card -----------------------------------------------------------------------------------------------------

NUMBERS = Items(
    Map(
        {
            "id": Text(pattern=r"[a-z][a-z0-9_]{0,23}", shape="hotline"),
            "number": Text(pattern=r"[0-9][0-9 \-]{1,19}", shape="12345"),
            "title": Map({"zh": Text(), "en": Text()}),
            "from": Day(),
            "to": Day(required=False),
            "place": Text(required=False, pattern=r"\d{2,12}", shape="130682"),
            "source": Map({"title": Text(), "number": Text(required=False), "confirmed": Flag()}),
        }
    )
)


def numbers_for(codes: Iterable[str], on: date, rows: list[dict] | None = None) -> list[dict]:
    """The numbers to call in a village, as of a day: the nearest place's own before the country's, in the order of the file.

    `codes`: the village's code and those above it. Each: {"id", "number", "title": {zh, en}, …}.
    """
    codes = [code for code in codes if code]
    found: dict[str, dict] = {}
    for row in _numbers() if rows is None else rows:
        place = row.get("place") or ""
        if (place and place not in codes) or row["from"] > on or (row.get("to") and row["to"] <= on):
            continue
        before = found.get(row["id"])
        if before is None or len(place) >= len(before.get("place") or ""):
            found[row["id"]] = row
    return list(found.values())


@cache
def _numbers() -> list[dict]:
    """Raises BadDefinition."""
    return checked_list(FOLDER / "numbers.yaml")


def checked_list(path: Path) -> list[dict]:
    """A file that is one list of numbers, every fault named by its line."""
    doc = load(path)
    faults = check(doc, NUMBERS)
    if faults:
        raise BadDefinition(faults)
    return doc.data
