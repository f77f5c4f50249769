"""`songhe meetings …`: meetings, and what became of their decisions."""

import json
import sys
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready

app = typer.Typer(no_args_is_help=True, help="会议 Meetings")


@app.callback()
def meetings() -> None:
    """Keeps `list` a command of its own while it is the only one."""


@app.command("list")
def list_(
    place: Annotated[str, typer.Option("--place", help="区划代码 division code")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON print JSON only")] = False,
) -> None:
    """会议、决定和决定的落实状态。Meetings, their decisions, and the state of each."""
    django_ready()
    from django.utils import timezone

    from songhe.core.acting import everywhere
    from songhe.oversight.participation import queries
    from songhe.registry.places.queries import by_code

    today = timezone.localdate()
    with everywhere():
        area = by_code(place) if place else None
        rows = [_row(row, queries, today) for row in queries.meetings(post=None, place=area)]
    if as_json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, default=str) + "\n")
        return
    for row in rows:
        typer.echo(f"{row['on']}  {row['state']}  {row['title']}")
        for decision in row["decisions"]:
            typer.echo(
                f"    {decision['state'] or '—'}  {decision['due_on']}  {decision['lead_unit']}  {decision['text']}"
            )


def _row(row, queries, today) -> dict:  # type: ignore[no-untyped-def]
    followed = queries.followed(post=None, on=today, meeting=row)
    return {
        "body": row.body.name, "number": row.number, "title": row.title, "on": row.on, "place_code": row.place.code,
        "state": queries.state_of(row, today),
        "decisions": [
            {"text": each.decision.text, "lead_unit": each.decision.lead_unit, "due_on": each.decision.due_on,
             "item": each.item.number if each.item else None, "state": each.state.name if each.state else None}
            for each in sorted(followed, key=lambda each: each.decision.order)
        ],
    }  # fmt: skip
