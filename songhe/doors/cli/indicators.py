"""`songhe indicators --place CODE --week 2026-W46 [--level village] --json`."""

import json as jsonlib
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer()


@app.command()
def indicators(
    place: Annotated[str, typer.Option(help="区划代码 division code")],
    week: Annotated[str, typer.Option(help="2026-W46")] = "",
    month: Annotated[str, typer.Option(help="2026-11")] = "",
    day: Annotated[str, typer.Option(help="2026-11-12")] = "",
    half: Annotated[str, typer.Option(help="2026-H2")] = "",
    level: Annotated[str, typer.Option(help="county township village")] = "",
    name: Annotated[str, typer.Option(help="只看一个指标 one indicator only")] = "",
    freeze: Annotated[bool, typer.Option("--freeze", help="封存（周期结束后） freeze the period")] = False,
    json: bool = False,
) -> None:
    """指标：分子、分母、比率，可到村。Indicators by place and period; each row can be opened in the desk."""
    django_ready()
    from django.utils import timezone

    from songhe.core import periods
    from songhe.core.acting import everywhere
    from songhe.insight.indicators import actions, definitions, queries
    from songhe.registry.places.queries import by_code

    text = week or month or day or half
    period = periods.parse(text) if text else periods.containing("week", timezone.localdate())
    chosen = [definitions.named(name)] if name else list(definitions.shipped().values())
    with everywhere():
        where = by_code(place)
        if freeze:
            actions.freeze(place=where, period=period, by=None)
        rows = [
            figure.row()
            for indicator in chosen
            if period.kind in indicator.periods
            for figure in queries.figures(indicator, where, period, level=level or None)
        ]
    if json:
        typer.echo(jsonlib.dumps(rows, ensure_ascii=False))
        return
    typer.echo(f"{where.name}  {period.label(lang())}")
    for row in rows:
        shown = "—" if row["value"] is None else f"{row['value']:.1f}%"
        title = definitions.named(row["indicator"]).title[lang()]
        typer.echo(f"{row['place_name']:<12}\t{title}\t{shown}（{row['numerator']}/{row['denominator']}）")
