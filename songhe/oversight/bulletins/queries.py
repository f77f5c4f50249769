"""Questions about a closed month: what was frozen, what a later count says beside it, which papers there are."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from songhe.core import periods
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.insight.indicators import definitions as indicators
from songhe.insight.indicators import rules
from songhe.insight.indicators.models import Frozen
from songhe.oversight.bulletins import definitions, formfiles
from songhe.oversight.bulletins import rules as paper_rules
from songhe.oversight.bulletins.models import Bulletin, Filling, Form, FrozenTarget, Letter, LetterTemplate, above
from songhe.oversight.programmes import definitions as programmes
from songhe.oversight.programmes.terms import SIGNS
from songhe.registry.people.models import Person
from songhe.registry.places.models import AREA_COLUMN, Place

# A document is Chinese whatever its reader's language.
STATES_ZH = {
    "not_due": "未到期",
    "on_track": "正常推进",
    "at_risk": "有风险",
    "late": "逾期",
    "met": "已完成",
    "met_late": "逾期完成",
    "no_figure": "未报",
}
SOURCES_ZH = {
    "facilities": "设施登记",
    "beds": "床位登记",
    "indicator": "指标",
    "ledger": "台账销号",
    "evidence": "有据填报",
    "standard": "标准对照",
    "care_beds": "床位协议",
    "meal_points": "助餐登记",
    "meal_vehicles": "送餐车登记",
    "operators": "运营登记",
    "awards": "评选轮次",
}


def canonical(data) -> str:
    """One text for one content: keys sorted, nothing between them."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(data) -> str:
    """SHA-256 of the canonical text."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def month(text: str) -> Period:
    """A month from its code. Raises BadPeriod for anything else."""
    return periods.parse(text, "month")


def rows_url(indicator: str, place: Place, period: Period) -> str:
    """The address that opens the rows a figure counts. It is kept with the figure, so the name of the page is asked for once."""
    path = reverse("indicator-rows", args=[indicator, "all"])
    return f"{path}?{urlencode({'area': place.code, 'period': period.code})}"


def frozen(places: list[Place], period: Period, names: list[str]) -> dict[tuple[str, int], Frozen]:
    """{(indicator, place id): the figure kept at month-end}, revisions fetched with it."""
    rows = Frozen.objects.filter(place__in=places, period=period.code, indicator__in=names, revises=None)
    return {(row.indicator, row.place_id): row for row in rows.prefetch_related("revisions")}


def figure(row: Frozen, place: Place, period: Period) -> dict:
    """A frozen figure as data: what is printed, where it comes from, nothing to be looked up."""
    indicator = indicators.named(row.indicator)
    return {
        "indicator": row.indicator,
        "title": indicator.title["zh"],
        "version": row.version,
        "place_code": place.code,
        "place_name": str(place),
        "period": period.code,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "value": rules.value(row.numerator, row.denominator),
        "as_of": timezone.localtime(row.frozen_at).isoformat(timespec="seconds"),
        "url": rows_url(row.indicator, place, period),
    }


def revision(row: Frozen) -> dict | None:
    """The latest revision of a frozen figure as data, or None."""
    latest = max(row.revisions.all(), key=lambda r: r.pk, default=None)
    return latest and {
        "numerator": latest.numerator,
        "denominator": latest.denominator,
        "value": rules.value(latest.numerator, latest.denominator),
        "as_of": timezone.localtime(latest.frozen_at).isoformat(timespec="seconds"),
        "reason": latest.reason,
    }


def targets(programme: str, place: Place, period: Period) -> list[dict]:
    """A programme's frozen targets as data for the document, in the order of the notice; each with its revision or None."""
    rows = FrozenTarget.objects.filter(programme=programme, place=place, period=period.code, revises=None)
    kept = {row.goal: row for row in rows.prefetch_related("revisions")}
    goals = programmes.named(programme).goals if programme in programmes.shipped() else ()
    return [_target(kept[goal.id], period) for goal in goals if goal.id in kept]


def _target(row: FrozenTarget, period: Period) -> dict:
    latest = max(row.revisions.all(), key=lambda r: r.pk, default=None)
    said = row.row
    words = {**_target_words(said), "as_of": timezone.localtime(row.frozen_at).isoformat(timespec="seconds")}
    revision = latest and {
        "done": _target_words(latest.row)["done"],
        "state_zh": _target_words(latest.row)["state_zh"],
        "as_of": timezone.localtime(latest.frozen_at).isoformat(timespec="seconds"),
        "reason": latest.reason,
    }
    return words | {"goal": row.goal, "version": row.version, "url": target_url(row, period), "revision": revision}


def _target_words(row: dict) -> dict:
    """A target's figures in words: ≥42个, 38个, 2023年9月30日, 逾期."""
    unit, each = row["unit"], row["each"]
    sign = SIGNS[row["operator"]]
    level = {
        "township": "每乡镇（街道）",
        "street": "每街道",
        "town": "每乡镇",
        "village": "每村（社区）",
        "community": "每社区",
    }
    whole = f"{sign}{row['target']:g}{unit}"
    wanted = (
        f"{level.get(each['level'], '每处')}{sign}{each['value']:g}{unit}，共{row['target']:g}"
        if each and unit != "%"
        else whole
    )
    actual = "未报" if row["actual"] is None else f"{row['actual']:g}{unit}"
    base = f"（{row['numerator']:g}/{row['base']:g}）" if row["base"] and row["numerator"] is not None else ""
    return {
        "id": "、".join(row["commitments"]) or "—",
        "subject": row["subject"]["zh"],
        "scope": (row["scope"]["said"] or {}).get("zh", ""),
        "wanted": wanted,
        "done": actual + base,
        "deadline": paper_rules.day(date.fromisoformat(row["deadline"])),
        "state": row["state"],
        "state_zh": STATES_ZH[row["state"]],
        "definition": f"{'' if row['hard'] else '软性目标。'}任务数{wanted}；完成数取自{SOURCES_ZH.get(row['source'], row['source'])}。",
    }


def target_url(row: FrozenTarget, period: Period) -> str:
    """The address that opens what a target counts; empty in a house without the programmes' pages."""
    try:
        path = reverse("programme-goal", args=[row.programme, row.goal])
    except NoReverseMatch:
        return ""
    return f"{path}?{urlencode({'on': period.end.isoformat()})}"


def below(place: Place, level: str, on) -> list[Place]:
    """The places of a table, in code order: never by rank."""
    return list(Place.objects.under(place).filter(level=level, kind="division").current(on).order_by("code"))


def is_frozen(place: Place, period: Period) -> bool:
    """Whether the month has been closed for this place."""
    return Frozen.objects.filter(place=place, period=period.code, revises=None).exists()


def has_demo(place: Place) -> bool:
    """Whether invented people are counted here: whatever shows them says 演示."""
    return Person.objects.filter(place_rows(place), origin="demo").exists()


def place_rows(place: Place):
    """The filter for people of a place at any level."""
    if place.kind == "functional":
        return Q(village__functional_area=place)
    return Q(village__province=place) if place.level == "province" else Q(**{AREA_COLUMN[place.level]: place.pk})


def bulletins(*, post, programme: str = "", period: str = "", limit: int = 100) -> list[Bulletin]:
    """Bulletins a post may read, the newest month first; a correction stands after what it corrects."""
    rows = Bulletin.objects.visible_to(post).select_related("place", "corrects")
    if programme:
        rows = rows.filter(programme=programme)
    if period:
        rows = rows.filter(period=period)
    return list(rows.order_by("-period", "programme", "pk")[:limit])


def bulletin(*, post, pk: int) -> Bulletin | None:
    """One bulletin a post may read."""
    rows = Bulletin.objects.visible_to(post).select_related("place", "corrects")
    return rows.filter(pk=pk).first()


def beside(made: Bulletin, post=None) -> list[dict]:
    """The bulletin's own figures, each with the revision that stands beside it today (or None)."""
    period = month(made.period)
    kept = frozen([made.place], period, [f["indicator"] for f in made.figures])
    return [
        one | {"revision": revision(row) if (row := kept.get((one["indicator"], made.place_id))) else None}
        for one in made.figures
    ]


def letters(*, post, limit: int = 100) -> list[Letter]:
    """Letters a post may read, the newest first."""
    return list(Letter.objects.visible_to(post).select_related("place", "template").order_by("-made_at")[:limit])


def letter(*, post, pk: int) -> Letter | None:
    return Letter.objects.visible_to(post).select_related("place", "template").filter(pk=pk).first()


def templates(*, post, kind: str) -> list[LetterTemplate]:
    """Every version of a letter's template that a post may use, the newest first."""
    rows = LetterTemplate.objects.visible_to(post).filter(kind=kind).select_related("place")
    return list(rows.order_by("-made_at", "-version"))


def forms(*, post) -> list[Form]:
    """Superiors' forms in use, by name; without their files."""
    rows = Form.objects.visible_to(post).filter(retired_at=None).select_related("place").defer("file")
    return list(rows.order_by("name"))


def form(*, post, pk: int) -> Form | None:
    return Form.objects.visible_to(post).filter(pk=pk, retired_at=None).select_related("place").first()


def fillings(*, post, form: Form | None = None, period: str = "") -> list[Filling]:
    """Forms as they were filled, the newest first."""
    rows = Filling.objects.visible_to(post).select_related("form", "place").defer("form__file")
    if form is not None:
        rows = rows.filter(form=form)
    if period:
        rows = rows.filter(period=period)
    return list(rows.order_by("-made_at", "-pk")[:200])


def counted_value(one: dict, side: str):
    """The side of a figure that a form asks for: numerator, denominator, rest or value."""
    if side == "rest":
        return one["denominator"] - one["numerator"]
    if side not in ("numerator", "denominator", "value"):
        raise Refusal(
            "side",
            zh=f"没有“{side}”这种数。可用：分子、分母、未达成、比率。",
            en=f"There is no side “{side}”.",
            field="side",
        )
    return one[side]


def as_of(text: str) -> str:
    """An ISO time in words: 2023年11月1日08:00."""
    at = timezone.localtime(datetime.fromisoformat(text))
    return f"{at.year}年{at.month}月{at.day}日{at:%H:%M}"


@dataclass(frozen=True)
class Shipped:
    """A letter's text as it comes with the house, before anybody has changed it."""

    kind: str
    title: str
    body: str
    version: int = 0


def template_for(place: Place, kind: str) -> LetterTemplate | Shipped:
    """The newest text of a letter for a place: its own, else that of the nearest place above, else the one shipped."""
    for pk in [place.pk, *above(place)]:
        found = LetterTemplate.objects.filter(place=pk, kind=kind).order_by("-version").first()
        if found is not None:
            return found
    text = definitions.letters()[kind]
    return Shipped(kind, text["title"], text["body"].strip())


def disagreements(*, post, period: str) -> list[dict]:
    """Where the forms filled for a month disagree: the last filling of each form, value by value (see `rules.disagreements`)."""
    latest: dict[int, Filling] = {}
    for one in fillings(post=post, period=period):
        latest.setdefault(one.form_id, one)
    values = [
        value | {"form": one.form.name, "form_id": one.form_id, "asked_by": one.form.asked_by, "filling": one.pk}
        for one in latest.values()
        for value in one.values
    ]
    return paper_rules.disagreements(values)


def filled_file(filling: Filling) -> bytes:
    """The superior's own file with this filling's values in it."""
    return formfiles.filled(
        bytes(filling.form.file), filling.form.kind, {v["cell"]: v["value"] for v in filling.values}
    )
