"""`songhe demo`: the demo city, loaded or brought up to today, then served."""

import json as jsonlib
import os
import sys
from datetime import date
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer()


@app.command()
def demo(
    people: Annotated[int, typer.Option(help="老年人数 how many older people")] = 215_000,
    special: Annotated[int, typer.Option(help="其中特殊困难 of these in special circumstances")] = 5_000,
    today: Annotated[str, typer.Option(help="演示各周截至这一天 the demo's weeks end there, YYYY-MM-DD")] = "",
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="载入后打开网站 serve afterwards")] = True,
    reset: Annotated[bool, typer.Option("--reset", help="先清空演示数据 take the old demo out first")] = False,
    port: Annotated[int, typer.Option(help="端口 port")] = 8000,
    promised: Annotated[
        bool, typer.Option("--notices/--no-notices", help="五份通知的设施与进度 the five notices")
    ] = True,
    json: bool = False,
) -> None:
    """载入演示城市（定州，人物虚构）并打开网站。Load the demo city (invented people) and serve it."""
    from songhe.doors.cli.serve import bring_tables_up_to_date, refuse_taken_port, run_site

    os.environ.setdefault(
        "SONGHE_MFA_FROM", ""
    )  # demo accounts share one printed password: a second factor would only annoy
    if serve:
        refuse_taken_port("127.0.0.1", port)
    django_ready()
    if reset:
        from songhe.demo.city import reset as take_out

        take_out()
    bring_tables_up_to_date()
    from django.utils import timezone

    from songhe.demo import city
    from songhe.demo.progress import Report

    on = date.fromisoformat(today) if today else timezone.localdate()
    loaded = city.load(
        people=people,
        special=min(special, people),
        today=on,
        report=Report("quiet" if json and not sys.stderr.isatty() else ""),
        promised=_promised() if promised else (),
    )
    table, ways = four_hundreds(on), _family_links()
    if json:
        told = {"loaded": loaded, "today": on.isoformat(), "four_100": table, "family": [vars(way) for way in ways]}
        typer.echo(jsonlib.dumps(told, ensure_ascii=False))
    if not serve:
        if not json:
            _print(table)
            _print_families(ways, "")
        return
    run_site(port=port, ready=lambda: _greet(port, table, ways))


def _promised() -> tuple[str, ...]:
    from songhe.demo.notices import LOADERS

    return tuple(LOADERS)


def four_hundreds(on: date) -> list[dict]:
    """The city's four 100 % in the running week, then what stands behind the fourth. Not counted yet = value None."""
    from songhe.core import periods
    from songhe.core.acting import everywhere
    from songhe.demo.city import CITY
    from songhe.insight.indicators import definitions, queries
    from songhe.registry.places.queries import by_code

    week, month = periods.containing("week", on), periods.containing("month", on)
    with everywhere():
        place = by_code(CITY)
        rows = [_row(row["title"], row["figure"], week) for row in queries.board("four_hundreds", place, week)]
        behind = [
            ("weekly_visiting", week.previous()),
            *((n, month) for n in ("pairing", "helper_named", "case_file_complete")),
        ]
        for name, period in behind:
            indicator = definitions.named(name)
            found = queries.figures(indicator, place, period)
            rows.append(_row(indicator.title, found[0] if found else None, period))
    return rows


def _row(title: dict, figure, period) -> dict:
    blank = {
        "indicator": None,
        "period": period.code,
        "numerator": None,
        "denominator": None,
        "value": None,
        "light": "none",
    }
    return {"title": title} | (blank if figure is None else figure.row() | {"light": figure.light.colour})


def _print(table: list[dict]) -> None:
    for row in table:
        shown = ("未报" if lang() == "zh" else "not counted yet") if row["value"] is None else f"{row['value']:.1f}%"
        base = "" if row["denominator"] is None else f"({row['numerator']}/{row['denominator']})"
        typer.echo(f"  {row['title'][lang()]:<20}\t{row['period']:<9}\t{shown}  {base}")


def _family_links() -> list:
    from songhe.core.acting import everywhere
    from songhe.demo.families import links

    with everywhere():
        return links()


def _print_families(ways: list, site: str) -> None:
    """Where the family page is; its code goes out as an SMS, which the demo prints instead of sending."""
    if not ways:
        return
    typer.echo(
        "\n家属页（短信验证码打印在本窗口，不真发） Family page; its SMS code is printed in this window, not sent"
    )
    for way in ways:
        typer.echo(f"  {way.person}（{way.relation} {way.contact}）  {site}{way.path}")


def _greet(port: int, table: list[dict], ways: list) -> None:
    from songhe.demo.staff import LOGINS, PASSWORD
    from songhe.registry.accounts.rules import ROLES

    names = {code: str(name) for code, name in ROLES}
    typer.echo(f"\n松鹤 Songhe  http://127.0.0.1:{port}/   密码 password: {PASSWORD}   (Ctrl-C 停止 to stop)\n")
    for username, role, _where in LOGINS:
        typer.echo(f"  {username:<12} {names[role]}")
    typer.echo("\n定州市（演示） Dingzhou (demo)")
    _print(table)
    _print_families(ways, f"http://127.0.0.1:{port}")
