"""`songhe volunteers …`: what is lacking, and a township's list of groups brought in. Acts as the system."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer(no_args_is_help=True, help="志愿组织 Volunteer groups")

Place = Annotated[str, typer.Option("--place", help="区划代码 division code")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
COLUMNS = ("village", "kind", "name", "leader", "members", "on")


@app.command("list")
def list_(place: Place, as_json: AsJson = False) -> None:
    """组织数、四周活动，和四类组织不全的村（社区）。Groups, and the villages that lack a kind."""
    django_ready()
    from django.utils import timezone

    from songhe.care.volunteering import queries
    from songhe.core.acting import everywhere
    from songhe.registry.places.queries import by_code

    with everywhere():
        where, on = by_code(place), timezone.localdate()
        lacking = [{"village": v.code, "kinds": kinds} for v, kinds in queries.lacking(post=None, place=where, on=on)]
        groups = queries.groups(post=None, place=where, on=on).count()
    if as_json:
        typer.echo(json.dumps({"place": where.code, "groups": groups, "lacking": lacking}, ensure_ascii=False))
        return
    for row in lacking:
        typer.echo(f"{row['village']}  {' '.join(row['kinds'])}")
    typer.echo(
        f"共 {groups} 个组织，{len(lacking)} 个村（社区）不全"
        if lang() == "zh"
        else f"{groups} groups, {len(lacking)} villages lack one"
    )


@app.command("import")
def bring_in(file: Path, as_json: AsJson = False) -> None:
    """导入组织名单（csv：village,kind,name,leader,members,on[,paper]）；有一行错就都不导入。All rows or none; again adds nothing."""
    django_ready()
    import csv

    from songhe.care.volunteering import actions
    from songhe.core.acting import everywhere
    from songhe.core.refusal import Refusal
    from songhe.registry.places.queries import by_code

    with everywhere(), file.open(encoding="utf-8-sig", newline="") as stream:
        rows = []
        for at, row in enumerate(csv.DictReader(stream), 2):
            try:
                given = {name: row[name].strip() for name in COLUMNS}
                fit = given | {"members": int(given["members"]), "on": date.fromisoformat(given["on"])}
            except (KeyError, ValueError, AttributeError):
                raise Refusal(
                    "wrong_row", zh=f"第 {at} 行读不懂，全部未导入。须有列：{'、'.join(COLUMNS)}。",
                    en=f"Row {at} cannot be read; nothing was taken in. Columns: {', '.join(COLUMNS)}.",
                ) from None  # fmt: skip
            rows.append(fit | {"village": by_code(given["village"]), "paper": (row.get("paper") or "").strip()})
        added = len(actions.found_many(by=None, post=None, rows=rows))
    typer.echo(json.dumps({"rows": len(rows), "added": added}) if as_json else f"{len(rows)} / +{added}")
