"""`songhe meals …`: meal points with what they served. Acts as the system."""

import json
from datetime import date
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer(no_args_is_help=True, help="助餐 Meals")

Place = Annotated[str, typer.Option("--place", help="区划代码 division code, e.g. 130682")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.command("list")
def list_(
    place: Place, first: Annotated[str, typer.Option("--from", help="从哪天 from, YYYY-MM-DD；默认本月 1 日")] = "",
    on: Annotated[str, typer.Option("--on", help="到哪天 to")] = "", alert: Annotated[str, typer.Option(help="只看这种提醒 only this alert")] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """助餐点：开餐天数、人次、人数、四方出资（分）、提醒；总数里同一人只数一次。Points, and the whole with each person once."""
    django_ready()
    from django.utils import timezone

    from songhe.care.meals import queries
    from songhe.core.acting import everywhere
    from songhe.registry.places.queries import by_code

    last = date.fromisoformat(on) if on else timezone.localdate()
    begin = date.fromisoformat(first) if first else last.replace(day=1)
    with everywhere():
        where = by_code(place)
        rows = [
            {
                "uid": str(p.facility.uid), "name": p.facility.name, "kind": p.facility.kind, "days_open": p.use.days_open,
                "meals": p.use.meals, "persons": p.use.persons, "duplicates": p.use.duplicates, "paid": p.use.paid,
                "alerts": [code for code, _day in p.alerts], "diners": p.diners,
            }
            for p in queries.points(post=None, place=where, on=last, first=begin, alert=alert)
        ]  # fmt: skip
        total = queries.total(post=None, place=where, first=begin, last=last)
    if as_json:
        said = {"place": where.code, "from": begin.isoformat(), "to": last.isoformat(), "total": total, "rows": rows}
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['name']}  {row['days_open']}  {row['meals']}  {row['persons']}  {' '.join(row['alerts'])}")
    typer.echo(
        f"共 {total['meals']} 餐 {total['persons']} 人"
        if lang() == "zh"
        else f"{total['meals']} meals, {total['persons']} persons"
    )


@app.command()
def vehicles(place: Place, as_json: AsJson = False) -> None:
    """在用送餐车。Vehicles in service."""
    django_ready()
    from django.utils import timezone

    from songhe.care.meals import queries
    from songhe.core.acting import everywhere
    from songhe.registry.places.queries import by_code

    with everywhere():
        rows = [
            {"plate": v.plate, "kind": v.kind, "firm": v.facility.name, "inspected_to": v.inspected_to.isoformat() if v.inspected_to else None}
            for v in queries.vehicles(post=None, place=by_code(place), on=timezone.localdate())
        ]  # fmt: skip
    typer.echo(
        json.dumps(rows, ensure_ascii=False) if as_json else "\n".join(f"{r['plate']}  {r['firm']}" for r in rows)
    )
