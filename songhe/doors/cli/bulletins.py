"""`songhe bulletins …`: make one from a frozen month, as .docx and .pdf; list those there are."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer(no_args_is_help=True, help="通报 Bulletins")

Programme = Annotated[str, typer.Option("--programme", help="工程 programme, e.g. dingzhou-2023")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
LATE = "封存后有补录或更正，重新计数"


@app.command()
def make(
    programme: Programme,
    month: Annotated[str, typer.Option("--month", help="2023-10")],
    out: Annotated[Path, typer.Option("--out", help="写到这个文件夹 folder to write into")],
    issue: Annotated[bool, typer.Option("--issue", help="同时签发编号 number and date it")] = False,
    on: Annotated[str, typer.Option("--on", help="成文日期 date of issue, YYYY-MM-DD")] = "",
    reason: Annotated[str, typer.Option("--reason", help="修订理由 why a figure was counted again")] = LATE,
    as_json: AsJson = False,
) -> None:
    """由封存的月份生成通报。月份未封存则先封存；封存数不变，之后的补录列为修订。

    Make a bulletin of a month as .docx and .pdf. The month is frozen first if it is not; made again the frozen figures are the
    same, and what was entered since stands beside them as a revision.
    """
    django_ready()
    from songhe.core.acting import everywhere
    from songhe.oversight.bulletins import actions, documents, queries

    with everywhere():
        made = _draft(programme, month, reason)
        if issue and made.state == "draft":
            made = actions.issue(bulletin=made, by=0, post=None, on=date.fromisoformat(on) if on else None)
        figures, targets = queries.beside(made), queries.targets(programme, made.place, queries.month(month))
        content = made.content
        answer = _answer(made, figures) | {"targets": targets}
    out.mkdir(parents=True, exist_ok=True)
    files = {f"{programme}-{month}.docx": documents.docx(content), f"{programme}-{month}.pdf": documents.pdf(content)}
    for name, body in files.items():
        (out / name).write_bytes(body)
    answer["files"] = [str(out / name) for name in files]
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _print(answer)


def _draft(programme: str, month: str, reason: str):  # type: ignore[no-untyped-def]
    """Freeze the month if it is not frozen, count it again if it is, then draft."""
    from songhe.oversight.bulletins import actions, definitions, queries
    from songhe.registry.places.queries import by_code

    period, place = queries.month(month), by_code(definitions.named(programme).place)
    if queries.is_frozen(place, period):
        actions.recount(place=place, period=period, reason=reason, by=0, post=None)
    actions.close_month(place=place, period=period, by=0, post=None)
    return actions.draft(programme=programme, period=period, by=0, post=None)


def _answer(made, figures: list[dict]) -> dict:  # type: ignore[no-untyped-def]
    return {
        "bulletin": made.pk,
        "programme": made.programme,
        "month": made.period,
        "place_code": made.place.code,
        "state": made.state,
        "number": made.number,
        "title": made.title,
        "figures_digest": made.figures_digest,
        "content_digest": made.digest,
        "figures": figures,
        "notes": len(made.content.get("annex", {}).get("notes", [])),
    }


def _print(answer: dict) -> None:
    zh = lang() == "zh"
    typer.echo(f"{answer['title']}  {answer['number'] or ('草稿' if zh else 'draft')}")
    for one in answer["figures"]:
        beside = one["revision"]
        said = (
            ""
            if beside is None
            else f"  {'修订' if zh else 'revised'} {beside['numerator']}/{beside['denominator']}：{beside['reason']}"
        )
        shown = "—" if one["value"] is None else f"{one['value']:.1f}%"
        typer.echo(f"  {one['title']}\t{shown}（{one['numerator']}/{one['denominator']}）{said}")
    for one in answer["targets"]:
        typer.echo(f"  {one['id']} {one['subject']}\t{one['done']} / {one['wanted']}  {one['state_zh']}")
    for name in answer["files"]:
        typer.echo(name)


@app.command("list")
def list_(programme: Annotated[str, typer.Option("--programme")] = "", as_json: AsJson = False) -> None:
    """已有的通报。The bulletins there are."""
    django_ready()
    from songhe.care.duties.access import SYSTEM
    from songhe.core.acting import everywhere
    from songhe.oversight.bulletins import queries

    with everywhere():
        rows = [
            {"bulletin": b.pk, "programme": b.programme, "month": b.period, "state": b.state, "number": b.number, "title": b.title,
             "issued_on": b.issued_on and b.issued_on.isoformat(), "corrects": b.corrects.number if b.corrects else ""}
            for b in queries.bulletins(post=SYSTEM, programme=programme)
        ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['month']}  {row['number'] or '—'}  {row['title']}")
