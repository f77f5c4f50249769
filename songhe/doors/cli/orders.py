"""`songhe orders …`: service orders as of now, with their history."""

import json
import sys
from typing import Annotated

import typer

from songhe.doors.cli.orders_simulate import simulate
from songhe.doors.cli.setup import django_ready

app = typer.Typer(no_args_is_help=True, help="服务订单 Service orders")

Place = Annotated[str, typer.Option("--place", help="区划代码 division code, e.g. 130682")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON print JSON only")]


def _row(order) -> dict:  # type: ignore[no-untyped-def]
    held = order.live[0] if order.live else None
    return {
        "id": order.pk, "number": order.number, "state": order.state, "item": order.item.code, "kind": order.item.kind,
        "quantity": order.quantity, "service_on": order.service_on, "village": order.village.code,
        "urgency": order.urgency, "channel": order.channel, "funding": order.funding,
        "government_pays": order.government_pays, "person_pays": order.person_pays, "asked_at": order.asked_at,
        "dispatch_due_at": order.dispatch_due_at, "arrive_due_at": order.arrive_due_at,
        "started_at": order.started_at, "finished_at": order.finished_at,
        "provider": str(held.provider) if held else None, "carers": len(held.crew.all()) if held else 0,
    }  # fmt: skip


def _print(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


@app.command("list")
def list_(
    place: Place = "",
    state: Annotated[str, typer.Option(help="状态 state, e.g. waiting, open")] = "",
    day: Annotated[str, typer.Option(help="服务日期 day of service, YYYY-MM-DD")] = "",
    late: Annotated[bool, typer.Option("--late", help="只看超时 only those past their time")] = False,
    limit: Annotated[int, typer.Option(min=1, max=5000, help="最多几张 at most so many")] = 50,
    as_json: Json = False,
) -> None:
    """订单名单（不含姓名）。Orders by filter, without names."""
    django_ready()
    from songhe.care.services import queries
    from songhe.core.acting import everywhere
    from songhe.registry.places.queries import by_code

    given = {"state": state, "day": day, "late": "only" if late else ""}
    with everywhere():
        where = by_code(place) if place else None
        rows, _after = queries.page(post=None, place=where, limit=limit, **given)
        shown = [_row(row) for row in rows]
    if as_json:
        _print(shown)
        return
    for row in shown:
        typer.echo(
            f"{row['number']:<18}{row['state']:<12}{row['item']:<16}{row['service_on']}  {row['provider'] or '—'}"
        )
    typer.echo(f"{len(shown)} 张 orders")


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="订单编号（横线后的数字） the number after the dash")],
    as_json: Json = False,
) -> None:
    """一张订单和它的经过。One order with every step."""
    django_ready()
    from songhe.care.services import queries
    from songhe.core.acting import everywhere
    from songhe.core.refusal import Refusal

    with everywhere():
        found = queries.order(post=None, pk=number)
        if found is None:
            raise Refusal("no_such_order", zh=f"没有 {number} 号订单。", en=f"There is no order {number}.")
        told = _row(found) | {
            "clause": found.clause, "ability_level": found.ability_level, "age": found.age,
            "steps": [
                {
                    "from": t.step.from_state, "to": t.step.to_state, "at": t.step.at,
                    "recorded_at": t.step.recorded_at, "by": t.who, "provider": t.provider, "reason": t.step.reason,
                }
                for t in queries.history(found)
            ],
        }  # fmt: skip
    if as_json:
        _print(told)
        return
    for name, value in told.items():
        if name != "steps":
            typer.echo(f"{name:<18}{value}")
    for step in told["steps"]:
        typer.echo(
            f"  {step['at']:%m-%d %H:%M}  {step['from'] or '·'} → {step['to']}  {step['provider']} {step['reason']}"
        )


app.command("simulate")(simulate)
