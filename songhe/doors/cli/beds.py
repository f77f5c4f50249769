"""`songhe beds …`: beds with their counts, silent devices, gateways. Acts as the system, audited."""

import json
from datetime import date
from typing import Annotated, Any

import typer

from songhe.doors.cli.setup import django_ready, lang

app = typer.Typer(no_args_is_help=True, help="家庭养老床位 Home-based care beds")

Place = Annotated[str, typer.Option("--place", help="区划代码 division code, e.g. 130682")]
On = Annotated[str, typer.Option("--on", help="截至哪一天 as of this day, YYYY-MM-DD")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@app.command("list")
def list_(place: Place, step: str = "", on: On = "", as_json: AsJson = False) -> None:
    """床位和各环节张数、按首签年份的张数。Beds, how many at each step, how many by year of first signing."""
    django_ready()
    from songhe.care.agreements import queries
    from songhe.core.acting import everywhere
    from songhe.registry.places.queries import by_code

    day = _day(on)
    with everywhere():
        where = by_code(place)
        rows, after = [], ""
        while True:
            page = queries.page(post=None, place=where, on=day, step=step or "all", after=after, size=500)
            rows += [_row(bed) for bed in page.rows]
            after = page.after
            if not after:
                break
        said = {
            "place": where.code, "on": day.isoformat(), "counts": queries.counts(place=where, on=day),
            "by_year": queries.by_year(place=where, on=day), "rows": rows,
        }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['uid']}  {row['step']:<9}  {row['step_on']}  {row['until'] or '—'}  {row['village']}")
    typer.echo("  ".join(f"{name} {n}" for name, n in said["counts"].items()))


def _row(bed: Any) -> dict:
    """No name: the list may be kept on a disk."""
    return {
        "uid": str(bed.uid), "step": bed.step, "step_on": bed.step_on.isoformat(), "village": bed.village.code,
        "until": bed.until.isoformat() if bed.until else None, "facility": bed.facility.name,
    }  # fmt: skip


@app.command()
def dormant(place: Place, as_json: AsJson = False) -> None:
    """沉睡设备。Devices that should speak and do not."""
    django_ready()
    from songhe.care.agreements import queries
    from songhe.core.acting import everywhere
    from songhe.registry.places.queries import by_code

    with everywhere():
        rows = [
            {"serial": d.serial, "kind": d.kind, "village": d.village.code, "installed_on": d.installed_on.isoformat(),
             "last_signal": d.last_signal.isoformat() if d.last_signal else None}
            for d in queries.dormant(post=None, place=by_code(place))
        ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['serial']}  {row['kind']}  {row['village']}  {row['last_signal'] or '—'}")
    typer.echo(f"共 {len(rows)} 台" if lang() == "zh" else f"{len(rows)} devices")


@app.command()
def admit(
    code: str, name: str, username: Annotated[str, typer.Argument(help="代表哪个账号的岗位 in the name of whose post")]
) -> None:
    """开通设备接入；密钥只显示一次。Let a gateway send signals; its secret is shown once."""
    django_ready()
    from songhe.care.agreements import actions
    from songhe.core.acting import everywhere
    from songhe.core.refusal import Refusal
    from songhe.registry.accounts import access
    from songhe.registry.accounts.queries import named

    with everywhere():
        user = named(username)
        posts = access.posts_of(user) if user else []
        if not posts:
            raise Refusal(
                "no_such_user",
                zh=f"没有账号“{username}”或它没有岗位。",
                en=f"No account “{username}”, or it has no post.",
            )
        _gateway, secret = actions.admit(by=None, post=None, code=code, name=name, speaks_for=posts[0])
    typer.echo(secret)


@app.command()
def revoke(code: str) -> None:
    """停用设备接入。Nothing of this gateway is taken in any more."""
    django_ready()
    from songhe.care.agreements import actions
    from songhe.care.agreements.models import Gateway
    from songhe.core.acting import everywhere
    from songhe.core.refusal import Refusal

    with everywhere():
        gateway = Gateway.objects.filter(code=code).first()  # unscoped: operator's own command
        if gateway is None:
            raise Refusal("no_such_gateway", zh=f"没有设备接入“{code}”。", en=f"There is no gateway “{code}”.")
        actions.revoke(by=None, post=None, gateway=gateway)


def _day(text: str) -> date:
    from django.utils import timezone

    return date.fromisoformat(text) if text else timezone.localdate()
