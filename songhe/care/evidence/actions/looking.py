"""The look at what was delivered: flags are raised, orders that nothing speaks against are accepted. A person decides the rest."""

from collections import defaultdict
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from songhe.care.evidence import definitions, gathering, rules
from songhe.care.evidence.models import CallBack, Check, Flag, Proof
from songhe.care.evidence.standing import areas_of, in_words, next_month, reason_given
from songhe.care.services.models import Order
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.people.standing import allow

PHOTO_DAYS = 92  # days before the month whose pictures are compared: a season; older ones are not kept at hand


@transaction.atomic
def look(*, month: date, post: Post | None = None) -> dict[str, int]:
    """Look at all orders of a month that are done; run again it adds nothing. Answers {"flags", "accepted", "refused"}.

    `month`: any day of it. With a post only the orders it may see are looked at; the hourly round looks at all.
    """
    first = month.replace(day=1)
    last = next_month(first) - timedelta(days=1)
    checks = definitions.on(last)
    rows = gathering.attendances(first=first - timedelta(days=1), last=last + timedelta(days=1), post=post)
    found = findings(rows, checks.terms, first)
    in_month = {row.number: row for row in rows if first <= row.day <= last}
    raised = _raise([one for one in found if one.attendance in in_month], in_month, checks)
    done = _weigh({row.order for row in in_month.values()})
    if raised or any(done.values()):
        audit.note("evidence.look", "evidence_check", month=first.isoformat(), flags=raised, **done)
    return {"flags": raised, **done}


def findings(rows: list[rules.Attendance], terms: rules.Terms, first: date) -> list[rules.Finding]:
    """All rules over the rows; pictures are compared with those of the season before as well."""
    plain = {name: values for name, values in terms.items() if name != "photo_reused"}
    found = rules.look(rows, plain)
    if "photo_reused" in terms:
        known = {(row.order, row.carer) for row in rows}
        older = gathering.photographed(first=first - timedelta(days=PHOTO_DAYS), last=first - timedelta(days=1))
        older = [row for row in older if (row.order, row.carer) not in known]
        found += rules.photo_reused([*older, *rows], terms["photo_reused"])
    return found


def _raise(found: list[rules.Finding], rows: dict[int, rules.Attendance], checks: definitions.Checks) -> int:
    orders = Order.objects.in_bulk({rows[one.attendance].order for one in found})
    known = {(f.order_id, f.worker_id, f.rule): f for f in Flag.objects.filter(order__in=orders)}
    shown = _verified(orders, checks)
    fresh: dict[tuple, Flag] = {}
    for one in found:
        row = rows[one.attendance]
        key, facts = (row.order, row.carer, one.rule), dict(one.facts)
        if key in fresh or row.order not in orders:
            continue
        waits = checks.waits(one.rule, facts)
        if key in known:
            if waits and not known[key].waits and not known[key].verdict:
                Flag.objects.filter(pk=known[key].pk).update(waits=True, facts=facts)
            continue
        fresh[key] = _flag(row, one, facts, waits, orders[row.order], shown.get(row.order, ""))
    Flag.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    return len(fresh)


def _flag(row, one: rules.Finding, facts: dict, waits: bool, order: Order, shown: str) -> Flag:
    flag = Flag(
        order=order, worker_id=row.carer, rule=one.rule, on=row.day, others=list(one.others), facts=facts, waits=waits,
        **areas_of(order),
    )  # fmt: skip
    if one.rule == "unlocated" and shown:
        flag.verdict, flag.reason, flag.decided_by, flag.decided_at = "verified", shown, 0, timezone.now()
    return flag


def _verified(orders: dict[int, Order], checks: definitions.Checks) -> dict[int, str]:
    """Orders whose person said so themselves, and how."""
    out: dict[int, str] = {}
    if "call_back" in checks.verified_by:
        said = CallBack.objects.filter(order__in=orders, outcome="confirmed")
        out |= dict.fromkeys(said.values_list("order_id", flat=True), "回访确认")
    if "code" in checks.verified_by:
        codes = Proof.objects.filter(kind="code", stamp__order__in=orders)
        out |= dict.fromkeys(codes.values_list("stamp__order_id", flat=True), "本人服务码")
    return out


def _weigh(orders: set[int]) -> dict[str, int]:
    """Move the checks of these orders to what their flags say. What stands in a month sent for signature is left alone."""
    now = timezone.now()
    mine = Flag.objects.filter(order=OuterRef("order"))
    looked = Check.objects.filter(order__in=orders, settled_at=None)
    looked.filter(looked_at=None).update(looked_at=now)
    waiting, refused = mine.filter(waits=True, verdict=""), mine.filter(verdict="refused")
    opened = looked.filter(Exists(waiting)).exclude(state="open").update(state="open", decided_at=None, by=0)
    no = looked.filter(~Exists(waiting), Exists(refused)).exclude(state="refused")
    yes = looked.filter(~Exists(waiting), ~Exists(refused), state="open", looked_at__isnull=False)
    return {
        "opened": opened,
        "refused": no.update(state="refused", decided_at=now),
        "accepted": yes.update(state="accepted", decided_at=now),
    }


@transaction.atomic
def decide(*, flags: list[Flag], verdict: str, reason: str, by: User | None, post: Post | None) -> int:
    """Answer flags: "accepted" (the order stands) or "refused", with one reason. All or none. Returns how many.

    An order is accepted when its last waiting flag is answered and none was refused. Raises Refusal, Denied.
    """
    user = allow(by, post, "evidence.decide")
    if verdict not in ("accepted", "refused"):
        raise Refusal("verdict", zh="请选择采信或不采信。", en="Choose whether to accept it.", field="verdict")
    why = reason_given(reason)
    wanted = {flag.pk for flag in flags}
    seen = Flag.objects.visible_to(post) if post else Flag.objects.all()
    rows = list(seen.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk"))
    if not wanted or len(rows) < len(wanted):
        raise Refusal(
            "no_such_flag",
            zh="有的提示不存在，或不在您的辖区内。请刷新名单。",
            en="Some of these flags do not exist or lie outside your area. Refresh the list.",
        )
    now = timezone.now()
    with in_words():
        Flag.objects.filter(pk__in=wanted).update(verdict=verdict, reason=why, decided_by=user, decided_at=now)
        _weigh({row.order_id for row in rows})
    _by(user, {row.order_id for row in rows})
    for order, mine in _grouped(rows).items():
        area = mine[0].village_id
        audit.note("evidence.decide", "order", order, area_id=area, verdict=verdict, rules=[f.rule for f in mine])
    return len(rows)


def _by(user: int, orders: set[int]) -> None:
    Check.objects.filter(order__in=orders, settled_at=None).exclude(state="open").update(by=user)


def _grouped(rows: list[Flag]) -> dict[int, list[Flag]]:
    out: dict[int, list[Flag]] = defaultdict(list)
    for row in rows:
        out[row.order_id].append(row)
    return out


def doubt(order: Order, worker: int, facts: dict) -> Flag | None:
    """A call-back in which the person denied the service: a flag like the others, and the order is open again."""
    flag, fresh = Flag.objects.get_or_create(
        order=order, worker_id=worker, rule=definitions.DENIED,
        defaults={"on": order.service_on, "facts": facts, "waits": True, **areas_of(order)},
    )  # fmt: skip
    with in_words():
        _weigh({order.pk})
    return flag if fresh else None


def shown(order: Order, how: str) -> None:
    """A call-back in which the person confirmed it: flags for a missing position are answered by that."""
    waiting = Flag.objects.filter(order=order, rule="unlocated", verdict="")
    if "call_back" in definitions.on(order.service_on).verified_by and waiting.exists():
        waiting.update(verdict="verified", reason=how, decided_by=0, decided_at=timezone.now())
        with in_words():
            _weigh({order.pk})
