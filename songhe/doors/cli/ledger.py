"""`songhe ledger …`: lines of the ledger as of a day, in and out by a bureau's own layout."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer(no_args_is_help=True, help="台账 Ledger")

Place = Annotated[str, typer.Option("--place", help="区划代码 division code, e.g. 130682")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON print JSON only")]
Day = Annotated[str, typer.Option("--on", help="截至哪天 as of which day, YYYY-MM-DD")]
Layout = Annotated[str, typer.Option("--layout", help="版式名称 the name of a saved layout")]


def _print(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def _day(text: str) -> date:
    from django.utils import timezone

    return date.fromisoformat(text) if text else timezone.localdate()


def _found(place: str, on: date, state: str, programme: str) -> list:
    from songhe.oversight.ledger import queries
    from songhe.registry.places.queries import by_code

    given = {"programme": programme} if programme else {}
    lines = queries.lines(queries.items(post=None, place=by_code(place) if place else None, **given), on=on)
    return [line for line in lines if not state or line.state.name == state]


def _layout(name: str):  # type: ignore[no-untyped-def]
    from songhe.core.refusal import Refusal
    from songhe.oversight.ledger import queries

    if not name:
        return None
    found = queries.layouts(post=None).filter(name=name).first()
    if found is None:
        raise Refusal("unknown_layout", zh=f"没有名为“{name}”的版式。请先在网页上新增版式。", en=f"There is no layout “{name}”. Add it on the pages first.")  # fmt: skip
    return found


def _row(line) -> dict:  # type: ignore[no-untyped-def]
    item, last = line.item, line.progress
    return {
        "number": item.number, "title": item.title, "state": line.state.name, "reason": line.state.reason,
        "light": line.state.light, "due_on": line.due_on, "programme": item.programme, "target": item.target,
        "commitment": item.commitment, "lead_unit": item.lead_unit, "cooperating_units": item.cooperating_units,
        "place_code": item.place.code, "place": str(item.place), "quantity": item.quantity, "unit": item.unit,
        "done": last.done if last else None, "progress": last.text if last else "", "closed_on": item.closed_on,
        "parent": item.parent.number if item.parent else None,
    }  # fmt: skip


@app.command("list")
def list_(
    place: Place = "", on: Day = "", state: Annotated[str, typer.Option(help="open at_risk late awaiting closed …")] = "",
    programme: Annotated[str, typer.Option(help="所属工程 programme")] = "", as_json: Json = False,
) -> None:  # fmt: skip
    """台账事项和状态，截至某天。Lines with their state as of a day."""
    django_ready()
    from songhe.core.acting import everywhere

    with everywhere():
        rows = [_row(line) for line in _found(place, _day(on), state, programme)]
    if as_json:
        _print(rows)
        return
    for row in rows:
        typer.echo("  ".join(str(row[key]) for key in ("number", "state", "due_on", "lead_unit", "place", "title")))
    typer.echo(f"共 {len(rows)} 项" if lang() == "zh" else f"{len(rows)} items")


@app.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(help="台账文件 a ledger file, .xlsx .xls .csv")],
    place: Place,
    layout: Layout,
    year: Annotated[int, typer.Option(help="期限没写年份时按这一年 the year of deadlines that name none")] = 0,
    as_json: Json = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看结果，不写入 say what would happen")] = False,
) -> None:
    """按版式导入台账：好的行导入，有误的行说明行、列、原因。Bring a ledger in by its layout; bad rows are named."""
    django_ready()
    from songhe.core.acting import everywhere
    from songhe.oversight.ledger import layouts
    from songhe.registry.places.queries import by_code

    with everywhere():
        sheet = layouts.preview(
            layout=_layout(layout), file=file, place=by_code(place), year=year or _day("").year, by=None, post=None
        )
        if not dry_run:
            sheet = layouts.confirm(sheet=sheet, by=None, post=None)
    told = {name: getattr(sheet, name) for name in ("state", "added", "reported", "unchanged", "rejected", "errors")}
    if as_json:
        _print(told)
        return
    typer.echo("  ".join(f"{name} {told[name]}" for name in ("state", "added", "reported", "unchanged", "rejected")))
    for error in sheet.errors[:50]:
        typer.echo(f"  {error['row']} {error['column']}: {error['reason' if lang() == 'zh' else 'reason_en']}")


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="保存为 .xlsx where to save it")],
    place: Place = "",
    layout: Layout = "",
    on: Day = "",
    state: Annotated[str, typer.Option(help="只要这个状态 only this state")] = "",
    programme: Annotated[str, typer.Option(help="所属工程 programme")] = "",
    as_json: Json = False,
) -> None:
    """导出台账，按原表式或本系统的列。Write the ledger as .xlsx, in a bureau's own form or in the house's columns."""
    django_ready()
    from songhe.core.acting import everywhere
    from songhe.oversight.ledger import layouts

    day = _day(on)
    with everywhere():
        lines = _found(place, day, state, programme)
        out.write_bytes(layouts.filled(lines=lines, layout=_layout(layout), on=day, by=None, post=None))
    if as_json:
        _print({"file": str(out), "rows": len(lines), "on": day})
    else:
        typer.echo(f"{out}  {len(lines)}")
