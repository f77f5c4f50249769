"""`songhe programmes …`: check the definitions, list the commitments, say what stands where on a day."""

import json as jsonlib
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, keys_ready, lang

app = typer.Typer(no_args_is_help=True, help="工程 Programmes")
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Name = Annotated[str, typer.Option("--programme", help="工程 programme, e.g. laixi-2020")]
On = Annotated[str, typer.Option("--on", help="日期 day, 2021-11-30")]


def _definitions_ready() -> None:
    """Settings without a database: checking and listing read files alone."""
    import os

    keys_ready()
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songhe.config.settings")
    import django

    django.setup()


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="要核对的文件；不写则核对全部 files, or all")] = None,
    as_json: AsJson = False,
) -> None:
    """核对工程定义：名称、日期、合计、分档。Check programmes: names, dates, sums, bands. Exit code 1 with faults."""
    _definitions_ready()
    from songhe.oversight.programmes import actions, definitions

    paths = files or sorted((definitions.folder() / "programmes").glob("*.yaml"))
    problems, names = [], []
    for path in paths:
        try:
            draft = actions.load_draft(path.read_text(encoding="utf-8"), f"{path.parent.name}/{path.name}")
        except OSError as problem:
            typer.echo(f"打不开“{path}”：{problem.strerror}。Cannot open it; check the path.", err=True)
            raise typer.Exit(2) from None
        problems += draft.problems
        names.append((path.name, len(draft.problems), draft.data))
    if not files:
        problems += _missing(definitions) if not problems else []
    if as_json:
        rows = [
            {"file": p.file, "line": p.line, "field": p.field, "zh": p.problem.zh, "en": p.problem.en} for p in problems
        ]
        typer.echo(jsonlib.dumps({"files": len(paths), "problems": rows}, ensure_ascii=False))
    else:
        for name, faults, data in names:
            goals = len(data.get("targets") or []) + len(data.get("milestones") or []) if data else 0
            said = ("通过" if lang() == "zh" else "valid") if not faults else f"✗ {faults}"
            typer.echo(f"{name}\t{goals}\t{said}")
        for problem in problems:
            typer.echo(problem.text(lang()), err=True)
    if problems:
        raise typer.Exit(1)


def _missing(definitions) -> list:
    from songhe.core.problem import Problem
    from songhe.core.yamldoc import Fault

    absent = [name for name, carriers in definitions.commitments().items() if not carriers]
    return [
        Fault("programmes", 1, name, Problem("missing", f"没有哪份定义承担 {name}。", f"No definition carries {name}."))
        for name in absent
    ]


@app.command()
def commitments(as_json: AsJson = False) -> None:
    """R01–R73 各由哪项工程、哪个对象承担。Every commitment with the object that carries it."""
    _definitions_ready()
    from songhe.oversight.programmes import definitions

    rows = [_commitment(name, found) for name, found in definitions.commitments().items()]
    if as_json:
        typer.echo(jsonlib.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        title = (row["title"] or {}).get(lang(), "")
        typer.echo(
            f"{row['id']}  {row['programme'] or '—':<14} {row['kind'] or '—':<12} {row['object'] or '—':<20} {title}"
        )
    absent = [row["id"] for row in rows if not row["object"]]
    typer.echo(
        (f"共 {len(rows)} 条，缺 {len(absent)}" if lang() == "zh" else f"{len(rows)}, missing {len(absent)}")
        + f" {absent or ''}"
    )
    if absent:
        raise typer.Exit(1)


def _commitment(name: str, found: list) -> dict:
    first = found[0] if found else None
    return {
        "id": name,
        "programme": first.programme if first else None,
        "kind": first.kind if first else None,
        "object": first.object if first else None,
        "title": first.title if first else None,
        "literal": first.literal if first else None,
        "interpreted": first.value if first else None,
        "note": first.note if first else None,
        "objects": [{"programme": c.programme, "kind": c.kind, "object": c.object} for c in found],
    }


@app.command()
def status(programme: Name, on: On = "", place: Annotated[str, typer.Option(help="区划代码 division code")] = "",
           parts: Annotated[bool, typer.Option("--parts", help="列出每个地区 every sub-area")] = False,
           as_json: AsJson = False) -> None:  # fmt: skip
    """某日每个目标到了哪里、为什么。What every target stands at on a day, and why."""
    django_ready()
    from django.utils import timezone

    from songhe.core.acting import everywhere
    from songhe.oversight.programmes import care_figures, definitions, queries
    from songhe.registry.places.queries import by_code

    found = definitions.named(programme)
    day = date.fromisoformat(on) if on else timezone.localdate()
    with everywhere():
        lines = queries.status(programme=found, on=day, place=by_code(place) if place else None)
        where = by_code(place or found.place)
        beside = [
            {"id": c.object, "commitment": c.commitment, "kind": c.kind, "target": c.value, "actual": care_figures.beside(c, where, day)}
            for c in definitions.carriers(found)
            if c.figure
        ]  # fmt: skip
        rows = [line.row() | ({"places": [p.row() for p in line.places]} if parts else {}) for line in lines]
    answer = {
        "programme": found.id,
        "version": found.version,
        "on": day.isoformat(),
        "place": place or found.place,
        "targets": [row for row in rows if row["kind"] != "milestone"],
        "milestones": [row for row in rows if row["kind"] == "milestone"],
        "beside": beside,
        "allocation": queries.allocation(found),
        "states": queries.counts(lines),
    }
    if as_json:
        typer.echo(jsonlib.dumps(answer, ensure_ascii=False, default=str))
        return
    typer.echo(f"{found.data['title'][lang()]}  {day}")
    for row in rows:
        actual = "未报" if row["actual"] is None else f"{row['actual']:g}"
        typer.echo(
            f"  {row['state']:<10} {actual:>8} / {row['target']:g}{row['unit']:<4} {row['deadline']}  {row['subject'][lang()]}"
        )
    for name, sums in answer["allocation"].items():
        typer.echo(f"  {name}: {sums['total']}  {sums['by_year']}  {sums['by_type']}")
