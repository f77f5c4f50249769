"""Which bed, on whose authority, who is left out: what every verb of this app asks first."""

from datetime import date

from django.db import IntegrityError
from django.db.models import Q

from songhe.care.agreements import definitions, rules
from songhe.care.agreements.models import Bed, Step
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post
from songhe.registry.facilities.standing import kept, not_ahead
from songhe.registry.people.models import Benefit, Circumstance, Person
from songhe.registry.people.standing import allow

__all__ = ["ACCEPT", "EDIT", "VIEW", "allow", "bed_of", "facts", "left_out", "not_ahead", "reached", "refuse_left_out", "refuse_second_bed", "saved", "stepped"]  # fmt: skip
VIEW, EDIT, ACCEPT = "beds.view", "beds.edit", "beds.accept"

_SENTENCES = {
    "bed_step_in_order": (
        "这一天早于已登记的最近一个环节。环节按日期先后登记，请核对日期。",
        "This day lies before the latest step on record. Steps follow each other by date.",
        "on",
    ),
    "bed_has_ended": ("这张床位已经终止，不能再办。", "This bed has ended; nothing more can be entered.", ""),
    "bed_step_follows": (
        "前一个环节还没有登记，不能跳过。请按调查、评估、计划、协议、改造、验收的次序办理。",
        "The step before is not on record. Go in order: survey, assessment, plan, agreement, retrofit, acceptance.",
        "",
    ),
    "one_active_bed": (
        "这位老人已有一张在办或在用的家庭养老床位，一人只能有一张。请先终止原来的。",
        "This person already has a running home-based care bed; there can be only one. End that one first.",
        "person",
    ),
    "device_once": (
        "这个序列号的设备已装在别处。请先登记拆除，或核对序列号。",
        "A device of this serial number stands elsewhere. Have it taken down first, or check the number.",
        "serial",
    ),
    "one_agreement_at_a_time": (
        "同一张床位的协议日期不能重叠。续签从上一份到期的次日开始。",
        "Agreements of one bed may not overlap. A renewal begins the day after the last one ends.",
        "starts_on",
    ),
}


def saved(row):  # type: ignore[no-untyped-def]
    """`facilities.standing.kept`, with the sentences of this app's own rules."""
    try:
        return kept(row)
    except Refusal as refusal:
        raise _said(refusal.code) or refusal from None
    except IntegrityError as error:
        told = error.__cause__ or error.__context__  # the database's own error, behind Django's
        name = getattr(getattr(told, "diag", None), "constraint_name", "") or ""
        raise _said(name) or error from told


def _said(name: str) -> Refusal | None:
    if name not in _SENTENCES:
        return None
    zh, en, field = _SENTENCES[name]
    return Refusal(name, zh=zh, en=en, field=field)


def bed_of(post: Post | None, bed: Bed) -> Bed:
    """The bed's row, fresh and locked, when it lies in the post's area; raises Refusal."""
    seen = Bed.objects.visible_to(post) if post else Bed.objects.all()
    row = seen.select_for_update(of=("self",)).select_related("person", "village").filter(pk=bed.pk).first()
    if row is None:
        raise Refusal(
            "no_such_bed",
            zh="没有这张床位，或不在您的辖区内。请回到床位名单重新查找。",
            en="There is no such bed, or it lies outside your area. Look it up again.",
        )
    return row


def reached(bed: Bed) -> str:
    """The latest step's kind, "" before the first."""
    return bed.steps.order_by("-on", "-pk").values_list("kind", flat=True).first() or ""


def stepped(bed: Bed, kind: str, on: date, user: int, note: str = "", **detail) -> Step:
    """The step itself, inside a verb's transaction."""
    return saved(Step(bed=bed, kind=kind, on=not_ahead(on), note=note.strip()[:300], detail=detail, by=user))


def facts(person: Person, on: date) -> rules.Facts:
    """What decides about a bed on a day, from the person's file."""
    during = Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))
    held = list(Circumstance.objects.filter(during, person=person).values_list("kind", "detail"))
    support = next((d.get("support", "") for kind, d in held if kind == "destitute" and d), "")
    return rules.Facts(
        status=person.status,
        living=person.living,
        circumstances=frozenset(kind for kind, _detail in held),
        benefits=tuple(Benefit.objects.filter(during, person=person).values_list("kind", flat=True)),
        level=person.ability_level,
        destitute_support=support,
    )


def left_out(person: Person, on: date) -> definitions.Exclusion | None:
    """The line that leaves this person out on a day, or None."""
    return definitions.scheme(person.village.code, on).leaves_out(facts(person, on))


def refuse_second_bed(person: Person, on: date) -> None:
    """Refusal with the clause for somebody who has a running bed already; the database says it a second time."""
    if not Bed.objects.filter(person=person, ended_on=None).exists():
        return
    found = definitions.scheme(person.village.code, on).single
    raise Refusal(
        "one_active_bed",
        zh=f"这位老人已有一张在办或在用的家庭养老床位：{found.clause['zh']}（{found.number}）。请先终止原来的。",
        en=f"This person already has a running home-based care bed: {found.clause['en']} ({found.number}). End that one first.",
        field="person",
    )


def refuse_left_out(person: Person, on: date) -> None:
    """Refusal with the clause for somebody who is left out, or who is not living here any more."""
    if person.status in ("deceased", "moved_out"):
        raise Refusal(
            "not_living_here",
            zh=f"档案状态为“{person.get_status_display()}”，不能办理家庭养老床位。状态有误的，请先更正档案。",
            en="The file says this person died or moved away. Correct the file first if that is wrong.",
            field="person",
        )
    found = left_out(person, on)
    if found is not None:
        raise Refusal(
            f"excluded_{found.test}",
            zh=f"不能办理：{found.clause['zh']}（{found.number}）。情况有变的，请先更新老人档案。",
            en=f"Refused: {found.clause['en']} ({found.number}). If things have changed, bring the file up to date first.",
            field="person",
        )
