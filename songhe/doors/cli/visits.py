"""`songhe visits …`: bring in records from a file."""

import json
from pathlib import Path
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer(no_args_is_help=True)


@app.callback()
def visits() -> None:
    """探访记录 Visits"""


@app.command()
def record(
    file: Annotated[Path, typer.Argument(help="JSON：[{person, mode, outcome, occurred_at, uuid?, needs?, note?, made_by?}]")],
    by: Annotated[int, typer.Option(help="账号编号 user id")] = 0,
    partial: Annotated[bool, typer.Option("--partial", help="有误的行只退回它自己 a bad row refuses only itself")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:  # fmt: skip
    """登记一个文件里的探访（渠道为“导入”）。Record the visits of a file (channel "import")."""
    django_ready()
    from songhe.care.duties.access import SYSTEM
    from songhe.care.visits.actions import record as write
    from songhe.core.acting import everywhere
    from songhe.core.trouble import Trouble

    try:
        rows = json.loads(file.read_text(encoding="utf-8-sig"))
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError("not a list of objects")
    except (OSError, ValueError) as error:
        raise Trouble(f"读不了 {file}：{error}", f"Cannot read {file}: {error}") from None
    answers = []
    with everywhere(user_id=by):
        for at in range(0, len(rows), 1000):
            answers += write(
                rows[at : at + 1000], by=by, post=SYSTEM, channel="import", partial="rows" if partial else ""
            )
    out = [
        {"uuid": str(a.uuid), "person": a.person, "result": a.result, "visit": a.visit_id}
        | ({"reason": a.problems[0].zh, "reason_en": a.problems[0].en} if a.problems else {})
        for a in answers
    ]
    if as_json:
        typer.echo(json.dumps(out, ensure_ascii=False))
        return
    counts = {result: sum(row["result"] == result for row in out) for result in sorted({row["result"] for row in out})}
    typer.echo("  ".join(f"{result} {count}" for result, count in counts.items()))
    for at, row in enumerate(out, 1):
        if "reason" in row:
            typer.echo(f"{at}  {row['reason'] if lang() == 'zh' else row['reason_en']}")
