"""From stamps and proofs to what the rules look at: one plain `Attendance` for each carer of each order served."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from django.utils import timezone

from songhe.care.evidence import rules
from songhe.care.evidence.models import Proof, Stamp
from songhe.care.evidence.standing import start_of
from songhe.care.services.models import Certificate
from songhe.registry.accounts.models import Post

PICTURES = ("photo", "before_after")


def attendances(*, first: date, last: date, post: Post | None = None) -> list[rules.Attendance]:
    """Every carer's part that began on these days and has ended, of the orders a post may see (without one: all of them)."""
    seen = Stamp.objects.visible_to(post) if post else Stamp.objects.all()
    begun = seen.filter(kind="start", at__gte=start_of(first), at__lt=start_of(last + timedelta(days=1)))
    starts = list(begun.select_related("order__item").defer("digest"))
    orders = {stamp.order_id for stamp in starts}
    ends = {
        (stamp.order_id, stamp.worker_id): stamp
        for stamp in Stamp.objects.filter(order__in=orders, kind="finish").defer("digest")
    }
    proofs = _proofs(orders)
    papers = _papers({stamp.worker_id for stamp in starts})
    rows = [
        _one(stamp, ends[stamp.order_id, stamp.worker_id], papers[stamp.worker_id], proofs)
        for stamp in starts
        if (stamp.order_id, stamp.worker_id) in ends
    ]
    return _with_lacking(rows, {stamp.order_id: stamp.order.item.proofs for stamp in starts}, proofs)


def photographed(*, first: date, last: date) -> list[rules.Attendance]:
    """Attendances of these days with nothing but their pictures: what newer ones are compared with."""
    found = Proof.objects.filter(
        kind="photo", stamp__at__gte=start_of(first), stamp__at__lt=start_of(last + timedelta(days=1))
    )
    fields = ("stamp_id", "stamp__order_id", "stamp__worker_id", "stamp__at", "stamp__received_at", "dhash", "phash")
    return [
        rules.Attendance(
            number=-stamp, order=order, carer=worker, person=0, started_at=at, finished_at=at, received_at=received,
            day=timezone.localdate(at), photos=(rules.Print(dhash, phash),),
        )
        for stamp, order, worker, at, received, dhash, phash in found.values_list(*fields)
    ]  # fmt: skip


def _one(start: Stamp, end: Stamp, papers, proofs) -> rules.Attendance:
    order = start.order
    return rules.Attendance(
        number=start.pk, order=order.pk, carer=start.worker_id, person=order.person_id, started_at=start.at,
        finished_at=end.at, received_at=max(start.received_at, end.received_at), day=timezone.localdate(start.at),
        least_minutes=order.minutes, needs=tuple(order.item.qualifications), papers=papers, start_fix=_fix(start),
        finish_fix=_fix(end), located="position" in order.item.proofs, device=end.device or start.device,
        photos=tuple(
            rules.Print(proof.dhash, proof.phash)
            for proof in proofs[order.pk]
            if proof.kind == "photo" and proof.stamp.worker_id == start.worker_id
        ),
    )  # fmt: skip


def _fix(stamp: Stamp) -> rules.Fix | None:
    if stamp.longitude is None or stamp.latitude is None:
        return None
    return rules.Fix(stamp.longitude, stamp.latitude, stamp.accuracy or 0.0)


def _proofs(orders: Iterable[int]) -> dict[int, list[Proof]]:
    out: dict[int, list[Proof]] = defaultdict(list)
    for proof in Proof.objects.filter(stamp__order__in=orders).select_related("stamp").defer("sealed", "stamp__digest"):
        out[proof.stamp.order_id].append(proof)
    return out


def _papers(workers: Iterable[int]) -> dict[int, tuple[rules.Paper, ...]]:
    out: dict[int, list[rules.Paper]] = defaultdict(list)
    for worker, kind, begins, ends in Certificate.objects.filter(worker__in=workers).values_list(
        "worker_id", "kind", "valid_from", "valid_to"
    ):
        out[worker].append(rules.Paper(kind, begins, ends))
    return defaultdict(tuple, {worker: tuple(papers) for worker, papers in out.items()})


def _with_lacking(rows: list[rules.Attendance], asked: dict[int, list[str]], proofs) -> list[rules.Attendance]:
    """What an order lacks stands with its first carer: the crew brings its proofs together."""
    named: set[int] = set()
    out = []
    for row in sorted(rows, key=lambda each: (each.order, each.carer)):
        lacking = () if row.order in named else lacks(asked[row.order], proofs[row.order])
        named.add(row.order)
        out.append(replace(row, lacking=lacking))
    return out


def lacks(asked: Iterable[str], proofs: Iterable[Proof]) -> tuple[str, ...]:
    """Which of the proofs asked for did not come. A signature may be the person's own code."""
    came = [(proof.kind, proof.stamp.kind) for proof in proofs]
    kinds = {kind for kind, _when in came}
    met = {
        "time": True,
        "position": True,
        "signature": bool(kinds & {"signature", "code"}),
        "photo": "photo" in kinds,
        "before_after": {"start", "finish"} <= {when for kind, when in came if kind == "photo"},
    }
    return tuple(kind for kind in asked if not met[kind])
