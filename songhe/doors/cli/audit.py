"""`songhe audit …`: walk the hash chain again; print the line to keep elsewhere."""

import json as jsonlib

import typer

from songhe.doors.cli.setup import django_ready

app = typer.Typer(no_args_is_help=True, help="审计链 Audit chain")


@app.command()
def verify(json: bool = False) -> None:
    """核验审计链：有改动、断链、缺尾则退出码 1。Verify the chain; exit 1 if a row was changed, cut out or is missing."""
    django_ready()
    from songhe.core import audit
    from songhe.core.acting import acting

    with acting([0], sees_audit="yes"):
        verdict, line = audit.verify(), audit.anchor()
    if json:
        typer.echo(jsonlib.dumps({"rows": verdict.rows, "broken": verdict.broken, "anchor": line}))
    else:
        typer.echo(f"共 {verdict.rows} 条，{'完好' if not verdict.broken else '有问题：'}")
        for chain, row, what in verdict.broken:
            typer.echo(f"  链 {chain} 记录 {row}：{what}")
        typer.echo(f"锚值（请另存他处）：{line}")
    raise typer.Exit(1 if verdict.broken else 0)


@app.command()
def anchor() -> None:
    """打印全部链头的摘要，请抄存在别处。Print a digest of all chain heads to keep elsewhere."""
    django_ready()
    from songhe.core import audit
    from songhe.core.acting import acting

    with acting([0], sees_audit="yes"):
        typer.echo(audit.anchor())
