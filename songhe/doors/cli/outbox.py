"""`songhe outbox`: the city's own machine fetches the short messages that wait (SONGHE_SMS=outbox)."""

import json as as_json
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready

app = typer.Typer(add_completion=False)


@app.command()
def outbox(
    limit: Annotated[int, typer.Option(help="一次最多取多少条 at most")] = 100,
    keep: Annotated[bool, typer.Option("--keep", help="只看不取 look only")] = False,
) -> None:
    """取走待发短信，每行一条 JSON {to, text}；取走后内容从库里抹去。Fetch waiting messages, one JSON a line; then they are wiped."""
    django_ready()
    from songhe.core import sms
    from songhe.core.acting import everywhere

    with everywhere():
        waiting = sms.waiting(limit)
        for message in waiting:
            typer.echo(as_json.dumps({"to": message.to, "text": message.text}, ensure_ascii=False))
        if not keep:
            sms.handed_over([message.pk for message in waiting])
