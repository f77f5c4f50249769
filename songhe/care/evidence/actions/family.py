"""A family member rates an order or complains, on the family page: for the link's one person only (people.family.acting_for)."""

from django.db import transaction
from django.utils import timezone

from songhe.care.evidence.actions.calling import rate
from songhe.care.evidence.actions.complaining import complain
from songhe.care.evidence.models import Complaint, Rating
from songhe.care.evidence.standing import order_of
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.people import sealing
from songhe.registry.people.family import Opened, acting_for, caller_of, policy
from songhe.registry.people.models import Person


@transaction.atomic
def rate_by_family(*, token: str, order: int, stars: int, note: str = "") -> Rating:
    """One to five for an order of the link's person, once. Raises Refusal: no such order, not served yet, rated already."""
    with acting_for(token) as link:
        row = order_of(None, order)
        if Rating.objects.filter(order=row).exists():
            raise Refusal(
                "rated_already",
                zh="这张单已经评价过了。还有意见的，可以投诉，有人答复。",
                en="This order has been rated already. If something is still wrong, complain; somebody will answer.",
            )
        if not 1 <= stars <= 5:
            raise Refusal("stars", zh="请选 1 到 5 分。", en="Choose one to five.", field="stars")
        made = rate(by=None, post=None, order=row, stars=stars, rated_by="family", note=note)
        audit.note("family.rate", "order", row.pk, area_id=link.village, link=link.link, stars=stars)
        return made


@transaction.atomic
def complain_by_family(*, token: str, subject: str, text: str, order: int | None = None) -> Complaint:
    """A complaint about an order of the link's person, or about something else; its clock runs by the channel "family".

    Raises Refusal: no such order, nothing written, too many of them still open.
    """
    with acting_for(token) as link:
        person = Person.objects.select_related("village").get(pk=link.person)
        row = order_of(None, order, lock="no") if order is not None else None
        _refuse_many(link)
        made = complain(
            by=None, post=None, place=person.village, channel="family", subject=subject, text=text[:2000], order=row,
            person=person, contact=f"{caller_of(link)} {sealing.open_field('contact', link.phone)}", reference=reference_of(link), received_at=timezone.now(),
            origin="demo" if person.origin == "demo" else "entered",
        )  # fmt: skip
        audit.note("family.complain", "complaint", made.pk, area_id=link.village, link=link.link, about=subject)
        return made


def reference_of(link: Opened) -> str:
    """What ties a complaint to the link it came by; the same words stand in sql/0004_family.sql."""
    return f"family-{link.link}"


def _refuse_many(link: Opened) -> None:
    most = policy().most_open
    if Complaint.objects.filter(reference=reference_of(link)).exclude(state="closed").count() >= most:
        raise Refusal(
            "family_most_open",
            zh=f"您已有 {most} 件投诉在办，请先等答复。急事请打 12345。",
            en=f"{most} of your complaints are being looked at. Wait for the replies, or call 12345 if it is urgent.",
        )
