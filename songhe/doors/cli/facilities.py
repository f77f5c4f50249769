"""`songhe facilities …`: list, one site, what is wrong, a random draw, repeated from its seed."""

import json
from datetime import date
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer(no_args_is_help=True, help="机构设施 Facilities")

Place = Annotated[str, typer.Option("--place", help="区划代码 division code, e.g. 130682")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="类型，可多次 kind, may be repeated")]
On = Annotated[str, typer.Option("--on", help="截至哪一天 as of this day, YYYY-MM-DD")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.command("list")
def list_(
    place: Place, kind: Kinds = None, reached: Annotated[str, typer.Option(help="走到哪一步 how far")] = "planned", on: On = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """走到某一步的设施，恰为统计时数的那些。Facilities that have come so far: exactly the rows that are counted."""
    django_ready()
    from songhe.core.acting import everywhere
    from songhe.registry.facilities.queries import facilities_reached

    with everywhere():
        rows = facilities_reached(place=_place(place), kinds=kind or _kinds(), reached=reached, on=_day(on))
        found = [_row(row) for row in rows.select_related("place").order_by("place__code", "pk")]
    _show(found, as_json, ("name", "kind", "status", "status_on", "place"))


@app.command()
def show(uid: str, on: On = "", as_json: AsJson = False) -> None:
    """一处设施：状态经过、床位、对照标准。One site: its history, beds, standards."""
    django_ready()
    from uuid import UUID

    from songhe.core.acting import everywhere
    from songhe.core.refusal import Refusal
    from songhe.registry.facilities import queries

    day = _day(on)
    with everywhere():
        facility = queries.one(post=None, uid=_uid(uid, UUID), on=day)
        if facility is None:
            raise Refusal("no_such_facility", zh=f"没有编号为 {uid} 的设施。", en=f"There is no facility {uid}.")
        said = _row(facility) | {
            "beds": queries.beds_now(facility, day),
            "clauses": [_clause(term, found) for term, found in queries.site_judged(facility, day)],
            "history": [
                {"on": e.on.isoformat(), "what": e.what, "title": e.title, "text": e.text}
                for e in queries.history(facility)
                if e.on <= day
            ],
        }
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    typer.echo(f"{said['name']}  {said['status']}  {said['status_on']}  {said['place']}")
    for clause in said["clauses"]:
        typer.echo(f"  {clause['result']:<8} {clause['title'][lang()]}  {clause['actual']} {clause['unit']}")
    for event in said["history"]:
        typer.echo(f"  {event['on']}  {event['what']}  {event['title']}  {event['text']}")


@app.command()
def check(place: Place, on: On = "", as_json: AsJson = False) -> None:
    """哪里不对：不达标、久无活动、证照到期、整改超期。What is wrong: clauses, dormant sites, papers, overdue orders."""
    django_ready()
    from dataclasses import asdict

    from songhe.core.acting import everywhere
    from songhe.registry.facilities.queries import concerns

    with everywhere():
        found = [asdict(each) for each in concerns(post=None, place=_place(place), on=_day(on))]
    _show(found, as_json, ("what", "facility", "says"))


@app.command()
def count(
    place: Place, kind: Kinds = None, reached: Annotated[str, typer.Option(help="走到哪一步 how far")] = "in_use", on: On = "",
    level: Annotated[str, typer.Option(help="按哪一级分列 by which level")] = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """有多少处走到某一步，按下级地点分列。How many have come so far, by sub-area."""
    django_ready()
    from songhe.core.acting import everywhere
    from songhe.registry.facilities.queries import facility_counts
    from songhe.registry.places.models import Place as Places

    with everywhere():
        whole = _place(place)
        counted = facility_counts(
            place=whole, kinds=kind or _kinds(), reached=reached, on=_day(on), level=level or None
        )
        names = Places.objects.in_bulk(list(counted))  # unscoped: operator's own command
        rows = [
            {"place_code": names[pk].code, "place": str(names[pk]), "count": n}
            for pk, n in sorted(counted.items(), key=lambda each: names[each[0]].code)
        ]
    _show(rows, as_json, ("place_code", "place", "count"))


@app.command()
def draw(
    place: Place, size: Annotated[int, typer.Option(help="抽几处 how many")] = 3, kind: Kinds = None, on: On = "",
    seed: Annotated[str, typer.Option(help="随机种子；不给则生成 seed, made if not given")] = "",
    reached: Annotated[str, typer.Option(help="范围：走到哪一步 from those who have come so far")] = "in_use",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """随机抽查，种子留存，可重抽核对。Draw sites for spot checks; the seed is kept, and anybody can repeat it."""
    django_ready()
    from songhe.core.acting import everywhere
    from songhe.registry.facilities.actions import draw as take
    from songhe.registry.facilities.queries import by_ids

    with everywhere():
        made = take(
            by=None,
            post=None,
            place=_place(place),
            kinds=kind or _kinds(),
            size=size,
            on=_day(on),
            seed=seed,
            reached=reached,
        )
        chosen = by_ids(post=None, ids=made.drawn)
        rows = [{"uid": str(chosen[pk].uid), "name": chosen[pk].name} for pk in made.drawn]
    said = {"draw": made.pk, "seed": made.seed, "size": made.size, "of": len(made.population), "drawn": rows}
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    typer.echo(f"{made.size}/{said['of']}  {made.seed}")
    for row in rows:
        typer.echo(f"  {row['uid']}  {row['name']}")


def _row(facility) -> dict:  # type: ignore[no-untyped-def]
    return {
        "uid": str(facility.uid),
        "name": facility.name,
        "kind": facility.kind,
        "status": facility.status,
        "status_on": facility.status_on.isoformat() if facility.status_on else None,
        "place_code": facility.place.code,
        "place": str(facility.place),
        "origin": facility.origin,
    }


def _clause(term, found) -> dict:  # type: ignore[no-untyped-def]
    return {
        "clause": term.key,
        "commitment": term.commitment,
        "title": term.title,
        "operator": term.clause.operator,
        "value": term.clause.value,
        "unit": term.unit,
        "hard": term.clause.hard,
        "actual": found.actual,
        "result": found.result,
        "rows": [{"table": row.table, "id": row.id, "says": row.says} for row in found.rows],
    }


def _show(rows: list[dict], as_json: bool, columns: tuple[str, ...]) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        typer.echo("  ".join(str(row[column]) for column in columns))
    typer.echo(f"共 {len(rows)} 条" if lang() == "zh" else f"{len(rows)} rows")


def _kinds() -> list[str]:
    from songhe.registry.facilities.terms import KINDS

    return [code for code, _label in KINDS]


def _uid(text: str, kind):  # type: ignore[no-untyped-def]
    from songhe.core.refusal import Refusal

    try:
        return kind(text)
    except ValueError:
        raise Refusal(
            "uid",
            zh=f"“{text[:40]}”不是设施编号。用 songhe facilities list --json 查。",
            en=f'"{text[:40]}" is no facility id. See songhe facilities list --json.',
        ) from None


def _day(text: str) -> date:
    from django.utils import timezone

    return date.fromisoformat(text) if text else timezone.localdate()


def _place(code: str):  # type: ignore[no-untyped-def]
    from songhe.registry.places.queries import by_code

    return by_code(code)
