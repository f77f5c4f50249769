"""`songhe duties …`: read the rules, follow one, open a period, who is due, who was missed, the nightly round."""

import json
from datetime import date
from functools import reduce
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer(no_args_is_help=True, help="探访责任 Duties")

Place = Annotated[str, typer.Option("--place", help="区划代码 division code, e.g. 130682")]
Week = Annotated[str, typer.Option("--week", "--period", help="周期 period: 2026-W46, 2026-11")]
RuleName = Annotated[str, typer.Option("--rule", help="规则 rule")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.command()
def sync() -> None:
    """读入规则定义。Read the definitions of duties."""
    django_ready()
    from songhe.care.duties.actions import sync_rules
    from songhe.core.acting import everywhere

    with everywhere():
        for rule in sync_rules(by=0):
            typer.echo(f"{rule.name}  {rule.version}  {rule.title if lang() == 'zh' else rule.title_en}")


@app.command()
def adopt(place: Place, rule: RuleName = "visiting", since: Annotated[str, typer.Option("--from")] = "") -> None:
    """某地开始执行一条规则。A place follows a rule from a day on."""
    django_ready()
    from songhe.care.duties.actions import adopt as follow
    from songhe.core.acting import everywhere

    with everywhere():
        made = follow(rule=rule, place=_place(place), valid_from=_day(since), by=0)
        typer.echo(f"{made.name}  {made.place.code}  {made.valid_from}")


@app.command("open")
def open_(place: Place, week: Week, rule: RuleName = "visiting", as_json: AsJson = False) -> None:
    """开启一个周期；再次运行不重复。Open a period; running it again adds nobody."""
    django_ready()
    from songhe.care.duties.actions import open_period
    from songhe.core.acting import everywhere

    with everywhere():
        opening = open_period(place=_place(place), rule=rule, period=week, by=0)
    row = {"rule": rule, "version": opening.rule.version, "place_code": place, "period": week, "owed": opening.owed}
    typer.echo(json.dumps(row, ensure_ascii=False) if as_json else "  ".join(str(value) for value in row.values()))


@app.command()
def daily(on: Annotated[str, typer.Option(help="日期 day")] = "", as_json: AsJson = False) -> None:
    """每晚一次：开期、生命事件、升级。The nightly round: periods, life events, the ladder."""
    django_ready()
    from songhe.care.visits.actions import daily as round_
    from songhe.core.acting import everywhere

    with everywhere():
        done = round_(by=0, on=_day(on))
    typer.echo(json.dumps(done) if as_json else "  ".join(f"{name} {count}" for name, count in done.items()))


@app.command()
def missed(place: Place, week: Week, rule: RuleName = "visiting", as_json: AsJson = False) -> None:
    """漏访名单：应访而未完成，恰为分母减分子。Those owed and not kept: denominator minus numerator, row by row."""
    django_ready()
    from songhe.care.duties.access import SYSTEM
    from songhe.care.duties.queries import missed as who
    from songhe.core.acting import everywhere

    with everywhere():
        found = who(post=SYSTEM, place=_place(place), name=rule, period=week).values(*_FIELDS)
        rows = [_row(*[duty[field] for field in _FIELDS]) for duty in found.iterator(5000)]
    _show(rows, as_json)


@app.command()
def due(
    place: Place, week: Week, rule: RuleName = "visiting", limit: int = 50,
    after: Annotated[str, typer.Option(help="上一页的 next")] = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """应访名单，按轻重缓急分页。Those still due, by need, page by page."""
    django_ready()
    from songhe.care.duties.access import SYSTEM
    from songhe.care.duties.queries import due_list
    from songhe.core.acting import everywhere

    with everywhere():
        page = due_list(post=SYSTEM, place=_place(place), name=rule, period=week, after=after, limit=limit)
        rows = [_row(*_attributes(duty)) for duty in page.rows]
    if as_json:
        typer.echo(json.dumps({"rows": rows, "next": page.next}, ensure_ascii=False))
    else:
        _show(rows, as_json)


_FIELDS = (
    "pk", "person_id", "person__name", "village__code", "village__short_name", "tier", "calls_done", "calls_owed",
    "visits_done", "visits_owed", "helper_id", "helper__name",
)  # fmt: skip


def _row(duty, person, name, code, village, tier, calls, calls_owed, home, home_owed, helper, helper_name) -> dict:  # type: ignore[no-untyped-def]
    return {
        "duty": duty,
        "person": person,
        "name": name[:1] + "*" * (len(name) - 1),
        "village_code": code,
        "village": village,
        "tier": tier,
        "calls": f"{calls}/{calls_owed}",
        "visits": f"{home}/{home_owed}",
        "helper": helper,
        "helper_name": helper_name or "",
    }


def _attributes(duty) -> list:  # type: ignore[no-untyped-def]
    """The same fields of a duty that is already here."""
    return [reduce(lambda at, name: getattr(at, name, None), field.split("__"), duty) for field in _FIELDS]


def _show(rows: list[dict], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        typer.echo("  ".join(str(row[key]) for key in ("person", "name", "village", "calls", "visits", "helper_name")))
    typer.echo(f"共 {len(rows)} 人" if lang() == "zh" else f"{len(rows)} people")


def _day(text: str) -> date:
    from django.utils import timezone

    return date.fromisoformat(text) if text else timezone.localdate()


def _place(code: str):  # type: ignore[no-untyped-def]
    from songhe.registry.places.queries import by_code

    return by_code(code)
