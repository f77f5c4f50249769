"""`songhe field …`: print a helper's weekly sheet, read a photographed one."""

import json as as_json
from pathlib import Path
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer(no_args_is_help=True)


@app.callback()
def field() -> None:
    """帮扶人员的纸单 Paper sheets of helpers"""


@app.command()
def sheet(
    helper: Annotated[str, typer.Option("--helper", help="账号名或编号 user name or id")],
    week: Annotated[str, typer.Option("--week", help="2026-W46")],
    out: Annotated[Path, typer.Option("--out", help="PDF 文件 file")],
    place: Annotated[str, typer.Option("--place", help="只印一地 only this place (code)")] = "",
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """打印一名帮扶人员一周的纸单。Print a helper's sheets of a week (one a village) into a PDF."""
    django_ready()
    from songhe.care.duties.access import SYSTEM
    from songhe.care.visits import paper
    from songhe.care.visits.actions import print_sheets
    from songhe.core import periods
    from songhe.core.acting import everywhere
    from songhe.registry.accounts.queries import user_named
    from songhe.registry.places.queries import by_code

    with everywhere():
        made = print_sheets(
            by=0, post=SYSTEM, helper=user_named(helper), week=periods.parse(week, "week"),
            place=by_code(place) if place else None,
        )  # fmt: skip
        out.write_bytes(paper.pdf_of(made, post=SYSTEM))
        said = [{"number": one.number, "village": one.village.code, "rows": one.rows.count()} for one in made]
    if json:
        typer.echo(as_json.dumps({"file": str(out), "sheets": said}, ensure_ascii=False))
        return
    for one in said:
        typer.echo(f"{one['number']}  {one['village']}  {one['rows']} {'行' if lang() == 'zh' else 'rows'}")
    typer.echo(str(out))


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="照片或扫描件 a photograph or scan: .jpg .png .pdf")],
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
    layout: Annotated[Path | None, typer.Option("--layout", help="旧版式 the layout of an older sheet (JSON)")] = None,
) -> None:
    """读出一张纸单上勾了哪些格；看不准的标出来，不猜。Which boxes are ticked; unsure ones are marked, never guessed.

    Needs no database. Exit code 2 when the picture cannot be read at all.
    """
    from songhe.care.visits.sheets import read as reading

    try:
        data = file.read_bytes()
        geometry = as_json.loads(layout.read_text(encoding="utf-8")) if layout else None
        pages = [reading.read_picture(grey, geometry) for grey in reading.pages(data)]
    except (OSError, ValueError) as error:
        _stop(f"打不开文件“{file}”：{error}", f"Cannot open {file}: {error}")
    except reading.Unreadable as wrong:
        _stop(wrong.zh, wrong.en)
    if json:
        typer.echo(as_json.dumps({"pages": [_page(page) for page in pages]}, ensure_ascii=False))
        return
    for page in pages:
        _show(page)


def _page(page) -> dict:
    code = page.code
    return {
        "sheet": code.number if code else None,
        "page": code.page if code else None,
        "week": code.week if code else None,
        "village": code.village if code else None,
        "layout": page.geometry["name"],
        "boxes": [
            {"row": row, "column": column, "ticked": box.ticked, "confidence": box.confidence, "sure": box.sure}
            | ({"doubt": box.doubt} if box.doubt else {})
            for (row, column), box in page.boxes.items()
        ],
        "unsure": len(page.unsure),
    }


def _show(page) -> None:
    code, zh = page.code, lang() == "zh"
    typer.echo(f"{code.number}  {code.week}  {code.village}  {code.page}" if code else ("没有读出方码" if zh else "no code read"))  # fmt: skip
    rows = sorted({row for row, _ in page.boxes})
    for row in rows:
        here = {column: box for (at, column), box in page.boxes.items() if at == row}
        marks = [column for column, box in here.items() if box.sure and box.ticked]
        doubts = [f"{column}?" for column, box in here.items() if not box.sure]
        if marks or doubts:
            typer.echo(f"{row:>3}  {' '.join(marks)}{'   ' if doubts else ''}{' '.join(doubts)}")
    typer.echo(f"{len(page.boxes)} {'格' if zh else 'boxes'}, {len(page.unsure)} {'格看不准' if zh else 'unsure'}")


def _stop(zh: str, en: str) -> None:
    typer.echo(zh if lang() == "zh" else en, err=True)
    raise typer.Exit(2)


if __name__ == "__main__":
    app()
