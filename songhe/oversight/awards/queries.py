"""Questions: rounds with what they still allow, one round with its nominations and votes, appraisals and their scores."""

from collections.abc import Iterable

from django.db.models import Count, F, Q, QuerySet

from songhe.oversight.awards.definitions import award as award_named
from songhe.oversight.awards.models import Appraisal, Nomination, Round, Score
from songhe.registry.accounts.models import Post
from songhe.registry.places.models import Place


def _seen(model, post: Post | None, place: Place | None) -> QuerySet:
    found = model.objects.visible_to(post) if post else model.objects.all()
    if place is not None:
        found = found.inside(place)
    return found.select_related("place")


def rounds(*, post: Post | None, place: Place | None = None, award: str = "", period: str = "") -> QuerySet[Round]:
    """Rounds (of one award, of one period), newest first, with how many stand and how many were chosen."""
    found = _seen(Round, post, place)
    if award:
        found = found.filter(award=award_named(award).name)
    if period:
        found = found.filter(period=period)
    return found.order_by("-period", "award", "place__code").annotate(
        standing=Count("nominations", filter=Q(nominations__withdrawn_on=None)),
        elected=Count("nominations", filter=Q(nominations__result="elected")),
    )  # fmt: skip


def round(*, post: Post | None, pk: int) -> Round | None:
    return rounds(post=post).filter(pk=pk).first()


def nominations(row: Round) -> list[Nomination]:
    """Everybody put forward, withdrawn ones last, with `n` votes (by votes once voting is over)."""
    found = row.nominations.annotate(n=Count("votes"))
    by_votes = ["-n"] if row.stage in ("publicity", "confirmed") else []
    return list(found.order_by(F("withdrawn_on").asc(nulls_first=True), *by_votes, "pk"))


def nomination(*, post: Post | None, pk: int) -> Nomination | None:
    found = Nomination.objects.filter(round__in=_seen(Round, post, None).values("pk"))
    return found.select_related("round", "round__place").filter(pk=pk).first()


def appraisals(*, post: Post | None, place: Place | None = None) -> QuerySet[Appraisal]:
    """Appraisals, newest period and revision first."""
    return _seen(Appraisal, post, place).order_by("-period", "definition", "-revision").annotate(units=Count("scores"))


def appraisal(*, post: Post | None, pk: int) -> Appraisal | None:
    return _seen(Appraisal, post, None).filter(pk=pk).first()


def scores(row: Appraisal) -> list[Score]:
    """In order of the places' codes: a list of units, not a ranking."""
    return list(row.scores.select_related("place").order_by("place__code"))


def put_forward(*, post: Post | None, ids: Iterable[int]) -> dict[int, Nomination]:
    """Those put forward, by id, in rounds that a post may see."""
    seen = Nomination.objects.filter(round__in=rounds(post=post)).select_related("round__place")
    return seen.in_bulk(set(ids))
