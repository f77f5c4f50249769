"""Bring places in and record how they change: divisions from CSV, outlines from GeoJSON, merges and splits."""

import csv
import io
import json
from datetime import date
from importlib import resources

from django.db import transaction

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.places import rules
from songhe.registry.places.models import LEVELS, Place, PlaceChange

SHIPPED = {"130682": "定州市", "370285": "莱西市", "130200": "唐山市", "320300": "徐州市"}
SHIPPED_SOURCE = "china-division（WTFPL），取自国家统计局区划代码"
OUTLINE_SOURCE = "县级轮廓公开数据（WGS84），未附审图号，仅供演示；正式使用请导入本地带审图号的边界"
SINCE = date(2000, 1, 1)  # the shipped list says what exists, not since when


def _shipped(name: str) -> str:
    return (resources.files("songhe.registry.places") / "data" / name).read_text(encoding="utf-8")


def load_shipped(*codes: str, by: int = 0) -> dict[str, int]:
    """The divisions of the founding cities (all, or those whose codes start like the ones given, and what is above them)."""
    rows = list(csv.DictReader(io.StringIO(_shipped("places.csv"))))
    if codes:
        stems = tuple(code[:4] if code.endswith("00") else code for code in codes)
        above = {code[:2] + "0000" for code in codes} | {code[:4] + "00" for code in codes}
        rows = [row for row in rows if row["code"].startswith(stems) or row["code"] in above]
    result = put_places(rows, source=SHIPPED_SOURCE, source_date=date(2023, 6, 30), by=by)
    put_outlines(json.loads(_shipped("outlines.geojson")), source=OUTLINE_SOURCE, on=None, approval="", by=by)
    return result


def _refuse(row: int, zh: str, en: str) -> Refusal:
    return Refusal("place_row", zh=f"第 {row} 行：{zh}", en=f"Row {row}: {en}", field=str(row))


def _level(row: dict, number: int) -> str:
    level = (row.get("level") or "").strip()
    if level in LEVELS:
        return level
    try:
        return rules.level_of(row["code"])
    except ValueError:
        raise _refuse(
            number,
            f"代码“{row['code']}”不是 6、9 或 12 位数字，也没有写明层级。请补全代码或在 level 列写 township 等。",
            f"code “{row['code']}” is not 6, 9 or 12 digits and no level is given. Complete the code or fill the level column.",
        ) from None


def _parent_code(row: dict, level: str) -> str:
    if row.get("parent"):
        return row["parent"].strip()
    code = row["code"]
    return {"village": code[:9], "township": code[:6], "county": code[:4] + "00", "city": code[:2] + "0000"}.get(
        level, ""
    )


@transaction.atomic
def put_places(rows: list[dict], *, source: str, source_date: date | None, by: int = 0) -> dict[str, int]:
    """Add or update places from rows {code, name, level?, parent?, kind?, longitude?, latitude?, urban_rural?, valid_from?}.

    All or nothing; the same rows again change nothing. A new name for a known code is kept as a renaming.
    Raises Refusal naming the row.
    """
    known = {place.code: place for place in Place.objects.filter(valid_to=None)}
    counts = {"added": 0, "updated": 0, "unchanged": 0}
    numbered = [(number, row, _level(row, number)) for number, row in enumerate(rows, start=2)]
    for level in LEVELS:
        fresh = []
        for number, row, row_level in numbered:
            if row_level != level:
                continue
            parent = known.get(_parent_code(row, level))
            if parent is None and level != "province":
                parent = known.get(row["code"][:2] + "0000") if level == "county" else None
                if parent is None and level not in ("city", "county"):
                    raise _refuse(
                        number,
                        f"“{row['name']}”的上级 {_parent_code(row, level)} 不存在。请先导入上级。",
                        f"the parent {_parent_code(row, level)} of “{row['name']}” is not there. Import it first.",
                    )
            place = known.get(row["code"])
            made = _make(row, level, parent, source, source_date)
            if place is None:
                fresh.append(made)
                known[row["code"]] = made
                counts["added"] += 1
            else:
                counts["updated" if _update(place, made, by) else "unchanged"] += 1
        Place.objects.bulk_create(fresh, batch_size=2000)
        for place in fresh:  # each level points at itself as well
            if level != "village" and place.kind == "division":
                setattr(place, f"{'town' if level == 'township' else level}_id", place.pk)
        if level != "village":
            column = "town" if level == "township" else level
            Place.objects.bulk_update([p for p in fresh if p.kind == "division"], [column], batch_size=2000)
    audit.note("places.put", "place", source=source, **counts)
    return counts


def _make(row: dict, level: str, parent: Place | None, source: str, source_date: date | None) -> Place:
    name = row["name"].strip()
    urban, basis = rules.urban_rural(name, level)
    if row.get("urban_rural"):
        urban, basis = row["urban_rural"], source[:40]
    above = {f"{c}_id": getattr(parent, f"{c}_id") if parent else None for c in ("province", "city", "county", "town")}
    return Place(
        code=row["code"].strip(),
        name=name,
        short_name=rules.short_name(name, level),
        level=level,
        kind=row.get("kind") or "division",
        parent=parent,
        urban_rural=urban,
        urban_rural_basis=basis,
        longitude=float(row["longitude"]) if row.get("longitude") else None,
        latitude=float(row["latitude"]) if row.get("latitude") else None,
        valid_from=date.fromisoformat(row["valid_from"]) if row.get("valid_from") else SINCE,
        source=source,
        source_date=source_date,
        **above,
    )


def _update(place: Place, made: Place, by: int) -> bool:
    """Copy what differs; a new name leaves a PlaceChange behind."""
    renamed = place.name != made.name
    fields = ["name", "short_name", "urban_rural", "urban_rural_basis", "longitude", "latitude"]
    changed = [f for f in fields if getattr(place, f) != getattr(made, f) and getattr(made, f) not in (None, "")]
    if not changed:
        return False
    for field in changed:
        setattr(place, field, getattr(made, field))
    place.source, place.source_date = made.source, made.source_date
    place.save()
    if renamed:
        change = PlaceChange.objects.create(
            on=made.source_date or SINCE, kind="rename", document=made.source, made_by=by
        )
        change.before.set([place])
        change.after.set([place])
    return True


@transaction.atomic
def put_outlines(collection: dict, *, source: str, on: date | None, approval: str, by: int = 0) -> int:
    """Outlines from a GeoJSON FeatureCollection whose features carry `properties.code`; returns how many were set.

    `source`, `on` and `approval` (审图号) are kept and shown under every map. Unknown codes are skipped.
    """
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise Refusal(
            "geojson",
            zh="这不是 GeoJSON FeatureCollection。请导出 WGS84/CGCS2000 坐标的 GeoJSON，属性里带 code。",
            en="This is not a GeoJSON FeatureCollection. Export GeoJSON in WGS84/CGCS2000 with a code property.",
        )
    shapes = {str(f["properties"].get("code", "")): f["geometry"] for f in collection["features"]}
    places = list(Place.objects.filter(code__in=[code for code in shapes if code], valid_to=None))
    for place in places:
        place.outline, place.outline_source = shapes[place.code], source
        place.outline_date, place.map_approval = on, approval
    Place.objects.bulk_update(places, ["outline", "outline_source", "outline_date", "map_approval"], batch_size=500)
    audit.note("places.outlines", "place", places=len(places), source=source)
    return len(places)


@transaction.atomic
def change(*, kind: str, before: list[Place], after: list[dict], on: date, document: str, by: int) -> PlaceChange:
    """Merge (many → one) or split (one → many): old places end on the day, new ones begin; both keep their rows.

    `after` are rows as for `put_places`, under the same parent. People are moved by `people.actions.follow_change`.
    """
    many, few = (before, after) if kind == "merge" else (after, before)
    if kind not in ("merge", "split") or len(few) != 1 or len(many) < 2:
        raise Refusal(
            "place_change",
            zh="合并须是多个并为一个，拆分须是一个拆成多个。请检查原地点和新地点。",
            en="A merge makes one of many, a split makes many of one. Check the places before and after.",
        )
    parent = before[0].parent
    made = []
    for row in after:
        row = {"parent": parent.code, "valid_from": on.isoformat()} | row
        place = _make(row, before[0].level, parent, document, on)
        place.save()
        made.append(place)
    for place in before:
        place.valid_to = on
        place.save(update_fields=["valid_to"])
    record = PlaceChange.objects.create(on=on, kind=kind, document=document, made_by=by)
    record.before.set(before)
    record.after.set(made)
    audit.note(
        "places.change", "place", record.pk, kind=kind, before=[p.code for p in before], after=[p.code for p in made]
    )
    return record


@transaction.atomic
def assign_functional_area(*, area: Place, villages: list[Place], by: int) -> None:
    """Say which villages a functional area manages (they stay in their division)."""
    Place.objects.filter(pk__in=[v.pk for v in villages]).update(functional_area=area)
    audit.note("places.functional_area", "place", area.pk, villages=len(villages))
