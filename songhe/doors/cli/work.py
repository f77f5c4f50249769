"""`songhe work`: does the rounds by the clock until it is stopped; `songhe serve` keeps one beside the site."""

import json as jsonlib
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready

app = typer.Typer()


@app.command()
def work(
    now: Annotated[bool, typer.Option("--now", help="每项各做一遍，然后结束 each round once, then end")] = False,
    beside: Annotated[bool, typer.Option("--beside", hidden=True)] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """后台任务：按时开期、升级、登记生日；做不成的会再试。Background rounds: periods, ladders, birthdays; failures are tried again."""
    django_ready()
    from songhe.core import jobs
    from songhe.doors.cli.serve import bring_tables_up_to_date

    if not beside:  # the site has done so
        bring_tables_up_to_date()
    if not now:
        jobs.work_on()
        return
    did = {name: jobs.done(name) for name in jobs.ROUNDS}
    if as_json:
        typer.echo(jsonlib.dumps(did))
    else:
        for name, counts in did.items():
            typer.echo(f"{name:<16} " + "  ".join(f"{what} {count}" for what, count in counts.items()))
