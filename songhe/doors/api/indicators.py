"""Indicators: definitions, figures by place and period, and the rows that a figure counts."""

from typing import Literal

from ninja import Path, Query, Router
from pydantic import Field

from songhe.core import audit, periods
from songhe.core.periods import Period
from songhe.doors.api import shapes
from songhe.doors.api.errors import answers
from songhe.doors.api.frame import door
from songhe.insight.indicators import definitions, queries
from songhe.insight.indicators.queries import Figure
from songhe.registry.accounts.access import require
from songhe.registry.places.queries import by_code

router = Router(tags=["indicators"])
Name = Literal[tuple(definitions.shipped())]  # type: ignore[valid-type]


class FigureFilter(shapes.Schema):
    place: shapes.Code
    period: shapes.PeriodCode
    level: Literal["county", "township", "village"] | None = Field(
        None, description="a level below the place; without it the next one down"
    )


class SubjectFilter(shapes.Schema):
    place: shapes.Code
    period: shapes.PeriodCode
    side: Literal["numerator", "rest", "all"]
    after: int = Field(0, ge=0, le=shapes.BIG)
    size: shapes.Size = 50


def _figure(figure: Figure) -> dict:
    kept = figure.frozen
    return figure.row() | {
        "light": figure.light.colour,
        "reason": figure.light.reason,
        "frozen": {"numerator": kept.numerator, "denominator": kept.denominator, "frozen_at": kept.frozen_at}
        if kept
        else None,
    }


@router.get(
    "/indicators",
    response=answers(list[shapes.IndicatorOut]),
    operation_id="indicators",
    summary="What is counted, and why",
)
@door("indicators.view")
def listed(request):
    fields = shapes.IndicatorOut.model_fields
    return [{name: getattr(each, name) for name in fields} for each in definitions.shipped().values()]


@router.get(
    "/indicators/{name}/figures",
    response=answers(list[shapes.FigureOut], 409),
    operation_id="figures",
    summary="A place and what is below it, each with its figure",
)
@door("indicators.view")
def figures(request, name: Path[Name], filters: Query[FigureFilter]):
    post = request.auth.post
    place = by_code(filters.place, post=post)
    found = queries.figures(definitions.named(name), place, _period(filters.period), post=post, level=filters.level)
    return [_figure(figure) for figure in found]


@router.get(
    "/indicators/{name}/subjects",
    response=answers(shapes.Subjects, 409),
    operation_id="subjects",
    summary="The rows that a figure counts; as many as the figure says",
)
@door("indicators.view")
def subjects(request, name: Path[Name], filters: Query[SubjectFilter]):
    post = require(request.auth.post, "people.view")  # rows name people; a figure alone does not
    place = by_code(filters.place, post=post)
    rows = queries.subjects(
        definitions.named(name),
        place,
        _period(filters.period),
        side=filters.side,
        after=filters.after,
        size=filters.size,
    )
    audit.note(
        "indicators.subjects", "place", place.pk, area_id=place.pk, indicator=name, side=filters.side, rows=len(rows)
    )
    return {
        "rows": [{"subject": subject, "person": person} for subject, person in rows],
        "next": rows[-1][0] if len(rows) == filters.size else None,
    }


def _period(code: str) -> Period:
    """Raises BadPeriod (422) for a week or day that does not exist."""
    return periods.parse(code)
