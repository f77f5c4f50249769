"""Questions about evidence: what waits for a decision, one order's proofs, samples with their calls, complaints by due day."""

from contextlib import contextmanager
from datetime import date
from pathlib import Path

from django.db.models import Count, Q, QuerySet

from songhe.care.evidence.models import CallBack, Check, Complaint, Flag, Incident, Proof, Rating, Sample, Stamp
from songhe.care.services.models import Crew, Order, Provider, Worker
from songhe.care.services.terms import DELIVERED
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import require
from songhe.registry.accounts.models import Post
from songhe.registry.people import safekeeping
from songhe.registry.places.models import Place


def flags(*, post: Post, place: Place, rule: str = "", waiting: str = "yes") -> QuerySet[Flag]:
    """Flags of an area, the oldest service first; those that wait, or (`waiting=""`) all."""
    found = Flag.objects.visible_to(post).inside(place)
    if waiting:
        found = found.filter(waits=True, verdict="")
    if rule:
        found = found.filter(rule=rule)
    return found.select_related("order__item", "order__person", "worker").order_by("on", "pk")


def waiting_by_rule(*, post: Post, place: Place) -> dict[str, int]:
    """{rule: how many wait}."""
    counted = flags(post=post, place=place).order_by().values("rule").annotate(n=Count("pk"))
    return {row["rule"]: row["n"] for row in counted}


def order(*, post: Post, pk: int) -> Order | None:
    return Order.objects.visible_to(post).select_related("item", "person", "village").filter(pk=pk).first()


def evidence_of(row: Order, *, post: Post) -> dict:
    """Everything that is kept about an order: {stamps, proofs, flags, check, calls, rating}."""
    return {
        "stamps": Stamp.objects.visible_to(post).filter(order=row).select_related("worker").order_by("at", "pk"),
        "proofs": Proof.objects.filter(stamp__order=row).defer("sealed").select_related("stamp__worker").order_by("pk"),
        "flags": Flag.objects.visible_to(post).filter(order=row).select_related("worker").order_by("pk"),
        "check": Check.objects.visible_to(post).filter(order=row).first(),
        "calls": CallBack.objects.visible_to(post).filter(order=row).order_by("pk"),
        "rating": Rating.objects.visible_to(post).filter(order=row).first(),
    }


@contextmanager
def picture(proof_id: int, *, post: Post):
    """A clear copy of a photograph for a post that may see its order; every look is audited. Yields a Path."""
    require(post, "evidence.view")
    proof = Proof.objects.filter(pk=proof_id, kind="photo").select_related("stamp__order").first()
    if proof is None or not Order.objects.visible_to(post).filter(pk=proof.stamp.order_id).exists():
        raise Refusal("no_such_proof", zh="没有这张照片，或不在您的辖区内。", en="There is no such picture, or it is outside your area.")  # fmt: skip
    row = proof.stamp.order
    audit.note("evidence.photo.read", "order", row.pk, area_id=row.village_id, proof=proof.pk)
    with safekeeping.opened(proof.stored_as) as path:
        yield Path(path)


def samples(*, post: Post, place: Place) -> QuerySet[Sample]:
    """Draws of an area, the newest first."""
    found = Sample.objects.visible_to(post).filter(place.whole_q("place__"))
    return found.select_related("provider__organisation", "place").order_by("-first", "-pk")


def to_call(sample: Sample, *, post: Post) -> list[tuple[Order, CallBack | None]]:
    """The orders drawn, each with its latest call, those without an answer first."""
    orders = Order.objects.visible_to(post).select_related("person", "item").in_bulk(sample.drawn)
    latest: dict[int, CallBack] = {}
    for call in CallBack.objects.visible_to(post).filter(order__in=sample.drawn).order_by("pk"):
        latest[call.order_id] = call
    rows = [(orders[pk], latest.get(pk)) for pk in sample.drawn if pk in orders]
    return sorted(rows, key=lambda row: row[1] is not None and row[1].outcome != "unreached")


def complaints(*, post: Post, place: Place, open_only: str = "") -> QuerySet[Complaint]:
    """Complaints of an area by the day their reply is due."""
    found = Complaint.objects.visible_to(post).filter(
        place.whole_q("place__") | Q(order__in=Order.objects.inside(place))
    )
    if open_only:
        found = found.filter(state__in=("open", "appealed"))
    return found.select_related("provider__organisation", "place", "order", "facility").order_by("reply_due_on", "pk")


def complaint(*, post: Post, pk: int) -> Complaint | None:
    found = Complaint.objects.visible_to(post).select_related(
        "provider__organisation", "place", "order", "person", "facility"
    )
    return found.filter(pk=pk).first()


def incidents(*, post: Post, place: Place, since: date) -> QuerySet[Incident]:
    found = Incident.objects.visible_to(post).inside(place).filter(occurred_at__date__gte=since)
    return found.select_related("provider__organisation", "order__item").order_by("-occurred_at")


def crew_of(row: Order, *, post: Post) -> list[Worker]:
    """The carers who hold an order now."""
    held = Crew.objects.filter(
        dispatch__order=row, dispatch__ended_at=None, dispatch__order__in=Order.objects.visible_to(post)
    )
    return list(Worker.objects.filter(pk__in=held.values("worker")).order_by("pk"))


def served(place: Place, first: date, last: date) -> QuerySet[Order]:
    """Orders delivered on these days in a place, but those whose evidence was refused (row-level security applies)."""
    done = Order.objects.inside(place).filter(state__in=DELIVERED, service_on__range=(first, last))
    return done.exclude(check_of__state="refused")


def providers(on: date) -> list[Provider]:
    """Providers registered on a day; who they are is public."""
    return list(Provider.objects.select_related("organisation").on(on).order_by("organisation__name"))
