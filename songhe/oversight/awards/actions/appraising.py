"""Verb: score every unit of a place for a period by a formula, and keep the formula with the scores."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from songhe.core import audit, scores
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.insight.indicators import definitions as indicators
from songhe.insight.indicators import queries as figures
from songhe.oversight.awards import rules
from songhe.oversight.awards.access import allow, area_of, place_scope, within
from songhe.oversight.awards.definitions import Formula, formula
from songhe.oversight.awards.models import Appraisal, Score
from songhe.registry.accounts.models import Post, User
from songhe.registry.places.models import LEVELS, Place


@transaction.atomic
def appraise(
    *,
    definition: str,
    place: Place,
    period: Period,
    by: User | None,
    post: Post | None,
    reason: str = "",
    now: datetime | None = None,
) -> Appraisal:
    """Count every part for every unit below the place; a second time needs a reason and stands beside the first.
    Raises Refusal.
    """
    user = allow(by, post, "awards.manage")
    within(post, place)
    chosen = formula(definition)
    if period.kind != chosen.period:
        raise Refusal("appraisal_period", zh=f"这项考核按{_KIND[chosen.period]}进行。", en=f"This appraisal is made by {chosen.period}.", field="period")  # fmt: skip
    if place.level not in LEVELS or LEVELS.index(place.level) >= LEVELS.index(chosen.unit):
        raise Refusal("appraisal_place", zh=f"“{place}”下面没有要考核的单位。", en=f"There is nothing to appraise below “{place}”.", field="place")  # fmt: skip
    earlier = Appraisal.objects.filter(place=place, definition=definition, period=period.code)
    revision = earlier.count() + 1
    if revision > 1 and not reason.strip():
        raise Refusal("reason_missing", zh="这一期已经考核过，重新计算须写明理由。", en="This period was appraised already; say why it is done again.", field="reason")  # fmt: skip
    made = Appraisal.objects.create(
        definition=definition, version=chosen.version, formula=chosen.text, period=period.code, revision=revision,
        reason=reason.strip()[:200], place=place, by=user, **place_scope(place),
    )  # fmt: skip
    scores = _scores(chosen, place, period, now or timezone.now())
    Score.objects.bulk_create(Score(appraisal=made, **score) for score in scores)
    audit.note("awards.appraise", "appraisal", made.pk, area_id=area_of(made), units=len(scores), period=period.code)
    return made


_KIND = {"week": "周", "month": "月", "half": "半年"}


def _scores(chosen: Formula, place: Place, period: Period, now: datetime) -> list[dict]:
    units: dict[int, Place] = {}
    parts: dict[int, list[dict]] = {}
    won: dict[int, list[tuple[scores.Part, Decimal]]] = {}
    for row in chosen.parts:
        part = chosen.part(row)
        for figure in figures.figures(indicators.named(row["indicator"]), place, period, level=chosen.unit, now=now):
            if figure.place.pk == place.pk:
                continue
            pk = figure.place.pk
            units[pk] = figure.place
            shown = {"id": row["id"], "title": row["title"], "points": row["points"], "indicator": row["indicator"],
                     "value": figure.value, "numerator": figure.numerator, "denominator": figure.denominator,
                     "score": None, "shown": ""}  # fmt: skip
            if figure.value is not None:
                score, words = scores.scored(part, figure.value)
                won.setdefault(pk, []).append((part, score))
                shown |= {"score": float(score), "shown": words}
            parts.setdefault(pk, []).append(shown)
    return [_score(chosen, units[pk], parts[pk], won.get(pk, [])) for pk in units]


def _score(chosen: Formula, unit: Place, parts: list[dict], won: list[tuple[scores.Part, Decimal]]) -> dict:
    score = scores.total(won)
    grade = rules.grade(score, chosen.bands)["zh"] if score is not None else ""
    return {"place": unit, "score": score, "grade": grade, "parts": parts}
