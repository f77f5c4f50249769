"""`songhe people …`: rosters in and back, finding somebody, the template, the day's birthdays. Acts as the system, audited."""

import json
import sys
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer(no_args_is_help=True, help="老年人名册 Older people")

AsUser = Annotated[str, typer.Option("--as", help="以哪个账号的名义（记入审计）in whose name (for the audit)")]
Json = Annotated[bool, typer.Option("--json", help="只输出 JSON print JSON only")]


def _say(zh: str, en: str) -> None:
    typer.echo(zh if lang() == "zh" else en)


def _print(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


@contextmanager
def _acting(username: str):
    """The system acting everywhere, or an account's name in the audit. Yields the account or None."""
    from songhe.core.acting import everywhere
    from songhe.core.refusal import Refusal
    from songhe.registry.accounts.queries import named

    user = None
    if username:
        user = named(username)
        if user is None:
            raise Refusal("no_such_user", zh=f"没有账号“{username}”。", en=f"There is no account “{username}”.")
    with everywhere(user_id=user.pk if user else 0):
        yield user


def _place(code: str):
    from songhe.registry.places.queries import by_code

    return by_code(code) if code else None


@app.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(help="名册 .xlsx .xls .csv a roster")],
    as_json: Json = False,
    all_or_none: Annotated[
        bool, typer.Option("--all-or-none", help="有一行有误就都不导入 nothing if a row is bad")
    ] = False,
    place: Annotated[str, typer.Option(help="只导入这个区划代码以内 only inside this division code")] = "",
    source: Annotated[str, typer.Option(help="数据来源 where the data come from")] = "",
    as_user: AsUser = "",
) -> None:
    """导入名册：好的行导入，有误的行说明行、列、原因。Bring a roster in: good rows go in, bad ones are named with row, column and reason."""
    django_ready()
    from songhe.registry.people import imports

    with _acting(as_user) as user:  # kept first, in a transaction of its own: others see the batch and its progress
        batch = imports.take_in(file, by=user, post=None, place=_place(place), source=source, name=file.name)
    with _acting(as_user) as user:
        outcome = imports.confirm(batch, by=user, post=None, rows="all-or-none" if all_or_none else "good")
    told = {
        "batch": outcome.batch.pk,
        "state": outcome.batch.state,
        **outcome.counts(),
        "errors": outcome.errors,
        "warnings": outcome.warnings,
        "unread_columns": list(outcome.unread),
    }
    if as_json:
        _print(told)
        return
    _say(
        f"批次 {told['batch']}：共 {told['rows']} 行，新增 {told['added']}，更新 {told['updated']}，无变化 {told['unchanged']}，"
        f"有误 {told['rejected']}。",
        f"Batch {told['batch']}: {told['rows']} rows, {told['added']} added, {told['updated']} updated, "
        f"{told['unchanged']} unchanged, {told['rejected']} rejected.",
    )
    for error in outcome.errors[:50]:
        _say(
            f"  第{error['row']}行 {error['column']}：{error['reason']}",
            f"  row {error['row']} {error['column']}: {error['reason_en']}",
        )
    if all_or_none and outcome.rejected:
        raise typer.Exit(1)


@app.command()
def undo(
    batch: Annotated[int, typer.Argument(help="批次号 batch number")], as_json: Json = False, as_user: AsUser = ""
) -> None:
    """撤销一个批次：新增的删除，更新的还原，之后动过的保留。Take a batch back; what was worked on since stays."""
    django_ready()
    from songhe.registry.people import imports
    from songhe.registry.people.models import ImportBatch

    with _acting(as_user) as user:
        done = imports.undo(ImportBatch(pk=batch), by=user, post=None)
    if as_json:
        _print(done)
    else:
        _say(
            f"删除 {done['removed']} 份，还原 {done['restored']} 份，保留 {done['kept']} 份（之后动过）。",
            f"{done['removed']} removed, {done['restored']} restored, {done['kept']} kept (worked on since).",
        )


@app.command()
def find(
    query: Annotated[
        str, typer.Argument(help="姓名、拼音首字母、证件号或末四位、电话 name, initials, ID number or tail, telephone")
    ],
    place: Annotated[str, typer.Option(help="区划代码 division code")] = "",
    as_json: Json = False,
    as_user: AsUser = "",
) -> None:
    """查找老年人（证件号等已遮挡）。Find people; numbers are masked."""
    django_ready()
    from songhe.core import audit
    from songhe.registry.people import queries, sealing

    with _acting(as_user):
        page = queries.people_list(None, place=_place(place), q=query)
        rows = [
            {
                "uid": str(p.uid), "name": p.name, "sex": p.sex, "birth": str(p.birth), "village_code": p.village.code,
                "village": str(p.village), "status": p.status, "id_number": sealing.masked(p, "id_number"),
                "phone": sealing.masked(p, "phone"),
            }
            for p in page.rows
        ]  # fmt: skip
        audit.note("people.find", "person", rows=len(rows))
    if as_json:
        _print({"count": page.count, "capped": page.capped, "rows": rows})
        return
    for row in rows:
        typer.echo(f"{row['name']}  {row['birth']}  {row['village']}  {row['id_number']}  {row['phone']}")
    _say(
        f"共 {page.count} 人{'以上' if page.capped else ''}", f"{page.count} people{' or more' if page.capped else ''}"
    )


@app.command()
def template(out: Annotated[Path, typer.Argument(help="保存为 .xlsx where to save it")]) -> None:
    """名册模板：各列为文本格式，带下拉选项和填写说明。The roster template: text-typed columns, lists, explanations."""
    from songhe.core import tabular
    from songhe.registry.people.roster.columns import template_columns

    out.write_bytes(tabular.template(template_columns(), sheet="老年人名册"))
    _say(f"已写入 {out}", f"Wrote {out}")


@app.command()
def birthdays(
    on: Annotated[str, typer.Option(help="日期 day, YYYY-MM-DD")] = "",
    since: Annotated[str, typer.Option(help="从哪天补起 from which day on")] = "",
    as_json: Json = False,
) -> None:
    """登记当天年满 60、65、80、90、100 岁的人，并更新当天生效的困难情形。Note who turns 60, 65, 80, 90 or 100, and what begins or ends."""
    django_ready()
    from django.utils import timezone

    from songhe.registry.people import actions

    day = date.fromisoformat(on) if on else timezone.localdate()
    with _acting(""):
        added = actions.note_birthdays(on=day, since=date.fromisoformat(since) if since else None)
        changed = actions.refresh_tags(on=day)
    if as_json:
        _print({"on": str(day), "birthdays": added, "circumstances": changed})
    else:
        _say(
            f"{day}：新登记 {added} 人，情形变化 {changed} 人。",
            f"{day}: {added} birthdays, {changed} changed circumstances.",
        )
