"""One entry, many forms: a superior's file, which figure goes where, and each filling kept with where its numbers came from."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from songhe.care.duties.access import allowed, user_id
from songhe.core import audit
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.insight.indicators import definitions as indicators
from songhe.oversight.bulletins import formfiles, queries
from songhe.oversight.bulletins.models import Filling, Form
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code

SIDES = ("value", "numerator", "denominator", "rest")
BASES = ("frozen", "revised")


@transaction.atomic
def put_form(
    *, place: Place, name: str, asked_by: str, file_name: str, content: bytes, by, post, now: datetime | None = None
) -> Form:
    """Keep a superior's file. Refused when it is no .xlsx or .docx, or has no place to fill."""
    allowed(post, "bulletins.forms", place)
    if not name.strip():
        raise Refusal("no_name", zh="请写报表名称。", en="The form needs a name.", field="name")
    if Form.objects.filter(place=place, name=name.strip(), retired_at=None).exists():
        raise Refusal("form_name", zh="已有同名的报表。请换个名称，或先停用旧的。", en="A form of this name exists. Choose another, or retire it.", field="name")  # fmt: skip
    kind = file_name.rpartition(".")[2].lower()
    found = formfiles.slots(content, kind)
    made = Form.objects.create(
        place=place, name=name.strip()[:120], asked_by=asked_by.strip()[:120], file_name=file_name[-160:], file=content,
        cells=[], made_at=now or timezone.now(), made_by=user_id(by),
    )  # fmt: skip
    audit.note("form.put", "form", made.pk, area_id=place.pk, slots=len(found))
    return made


@transaction.atomic
def map_cells(*, form: Form, cells: list[dict], by, post) -> Form:
    """Say which figure goes into which place of the file. Refused for a place the file lacks, or a figure there is not.

    A row: {"cell", "caption", "indicator", "side", "place" (a code, "" for the form's own), "basis" (frozen or revised)}.
    """
    allowed(post, "bulletins.forms", form.place)
    form = Form.objects.select_for_update(of=("self",)).select_related("place").get(pk=form.pk)
    known = formfiles.slots(bytes(form.file), form.kind)
    form.cells = [_checked(row, known, form.place) for row in cells]
    twice = [row["cell"] for at, row in enumerate(form.cells) if row["cell"] in [r["cell"] for r in form.cells[:at]]]
    if twice:
        raise Refusal("cell_twice", zh=f"“{twice[0]}”对应了两次。请删去一个。", en=f"“{twice[0]}” is mapped twice. Take one out.", field="cell")  # fmt: skip
    form.save(update_fields=["cells"])
    audit.note("form.map", "form", form.pk, area_id=form.place_id, cells=len(cells), by=user_id(by))
    return form


def _checked(row: dict, known: list[str], place: Place) -> dict:
    row = {"caption": "", "side": "value", "place": "", "basis": "frozen"} | {k: str(v).strip() for k, v in row.items()}
    if row["cell"] not in known:
        raise Refusal("unknown_cell", zh=f"文件里没有“{row['cell']}”这个位置。现有：{'、'.join(known)}。",
                      en=f"The file has no place “{row['cell']}”. It has: {', '.join(known)}.", field="cell")  # fmt: skip
    indicators.named(row["indicator"])
    if row["side"] not in SIDES or row["basis"] not in BASES:
        raise Refusal("unknown_side", zh=f"“{row['side']}”“{row['basis']}”不是可取的数。", en=f"“{row['side']}” or “{row['basis']}” is no figure.", field="side")  # fmt: skip
    if row["place"]:
        inside = by_code(row["place"])
        if place.pk not in (inside.pk, inside.town_id, inside.county_id, inside.city_id, inside.province_id):
            raise Refusal("place_outside", zh=f"{inside} 不在 {place} 内。", en=f"{inside} is not inside {place}.", field="place")  # fmt: skip
    row["caption"] = row["caption"] or row["cell"]
    return row


@transaction.atomic
def fill(*, form: Form, period: Period, by, post, typed: dict | None = None, now: datetime | None = None) -> Filling:
    """Fill the form for a month from the frozen figures, and keep what was filled with its sources.

    `typed` {place in the file: text} only for places that no figure is mapped to. Refused while the month is not frozen.
    """
    allowed(post, "bulletins.forms", form.place)
    form = Form.objects.select_related("place").get(pk=form.pk, retired_at=None)  # as it is mapped now
    typed = {name: str(text).strip() for name, text in (typed or {}).items() if str(text).strip()}
    mapped = {row["cell"] for row in form.cells}
    if not mapped and not typed:
        raise Refusal("nothing_mapped", zh="这张表还没有对应任何指标。请先设置对应关系。", en="Nothing is mapped in this form yet. Map it first.")  # fmt: skip
    if mapped & set(typed):
        raise Refusal("typed_over", zh=f"“{'、'.join(sorted(mapped & set(typed)))}”取自指标，不能手填。",
                      en=f"{', '.join(sorted(mapped & set(typed)))} come from indicators and are not typed.")  # fmt: skip
    values = [_value(row, form.place, period) for row in form.cells]
    values += [_typed(name, text, form.place, period) for name, text in typed.items()]
    made = Filling.objects.create(
        form=form, place=form.place, period=period.code, values=values, digest=queries.digest(values),
        made_at=now or timezone.now(), made_by=user_id(by),
    )  # fmt: skip
    audit.note("form.fill", "form", form.pk, area_id=form.place_id, period=period.code, filling=made.pk)
    return made


def _value(row: dict, place: Place, period: Period) -> dict:
    where = by_code(row["place"]) if row["place"] else place
    kept = queries.frozen([where], period, [row["indicator"]]).get((row["indicator"], where.pk))
    if kept is None:
        title = indicators.named(row["indicator"]).title
        raise Refusal(
            "not_frozen",
            zh=f"“{title['zh']}”在{where}{period.label('zh')}没有封存数。请先月末封存，或改对应关系。",
            en=f"“{title['en']}” of {where} is not frozen for {period.code}. Freeze the month, or change the mapping.",
            field=row["cell"],
        )
    figure = queries.figure(kept, where, period)
    revised = queries.revision(kept) if row["basis"] == "revised" else None
    counted = figure | (revised or {})
    source = {k: figure[k] for k in ("indicator", "title", "version", "place_code", "place_name", "period", "url")}
    said = {"value": queries.counted_value(counted, row["side"]), "as_of": counted["as_of"], "typed": ""}
    return {k: row[k] for k in ("cell", "caption", "side", "basis")} | source | said


def _typed(name: str, text: str, place: Place, period: Period) -> dict:
    return {
        "cell": name, "caption": name, "side": "", "basis": "", "indicator": "", "title": "", "version": "", "url": "", "as_of": "",
        "place_code": place.code, "place_name": str(place), "period": period.code, "value": text[:200], "typed": "typed",
    }  # fmt: skip


@transaction.atomic
def retire_form(*, form: Form, by, post) -> Form:
    """Out of use: fillings stay, nothing new is filled."""
    allowed(post, "bulletins.forms", form.place)
    form.retired_at = timezone.now()
    form.save(update_fields=["retired_at"])
    audit.note("form.retire", "form", form.pk, area_id=form.place_id, by=user_id(by))
    return form
