"""`songhe places …`: bring in divisions and outlines, show what is there."""

import csv
import json as jsonlib
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready

app = typer.Typer(no_args_is_help=True, help="行政区划 Places")


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV: code,name[,level,parent,kind,longitude,latitude,urban_rural]")],
    source: Annotated[str, typer.Option(help="来源 where the list comes from")],
    source_date: Annotated[str, typer.Option(help="来源日期 its date, YYYY-MM-DD")] = "",
    geojson: Annotated[Path | None, typer.Option(help="边界 GeoJSON，属性带 code")] = None,
    approval: Annotated[str, typer.Option(help="审图号 map approval number")] = "",
    json: bool = False,
) -> None:
    """导入任一城市的区划与边界。Bring in any city's divisions and outlines; all or nothing."""
    django_ready()
    from songhe.core.acting import everywhere
    from songhe.registry.places import actions

    on = date.fromisoformat(source_date) if source_date else None
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with everywhere():
        result = actions.put_places(rows, source=source, source_date=on)
        if geojson:
            shapes = jsonlib.loads(geojson.read_text(encoding="utf-8"))
            result["outlines"] = actions.put_outlines(shapes, source=source, on=on, approval=approval)
    typer.echo(
        jsonlib.dumps(result, ensure_ascii=False) if json else f"新增 {result['added']}，更新 {result['updated']}"
    )


@app.command()
def load(codes: Annotated[list[str] | None, typer.Argument(help="130682 370285 130200 320300")] = None) -> None:
    """载入自带的四地区划。Load the shipped divisions of the founding cities."""
    django_ready()
    from songhe.core.acting import everywhere
    from songhe.registry.places import actions

    with everywhere():
        result = actions.load_shipped(*(codes or []))
    typer.echo(f"新增 {result['added']}，未变 {result['unchanged']}")


@app.command()
def show(code: str, json: bool = False) -> None:
    """一个地点及其下级。A place and what is directly below it."""
    django_ready()
    from songhe.core.acting import everywhere
    from songhe.registry.places import queries

    with everywhere():
        place = queries.by_code(code)
        below = list(queries.children(place, date.today()))  # noqa: DTZ011  (the command's own day)
    if json:
        rows = [{"code": p.code, "name": p.name, "level": p.level, "kind": p.kind} for p in [place, *below]]
        typer.echo(jsonlib.dumps(rows, ensure_ascii=False))
        return
    typer.echo(f"{place.code} {place.name}（{len(below)}）")
    for child in below:
        typer.echo(f"  {child.code} {child.name}")
