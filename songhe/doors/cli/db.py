"""`songhe db …`: the tables, the private cluster, the roles."""

import os
from typing import Annotated

import typer

from songhe.core import postgres
from songhe.core.trouble import Trouble
from songhe.doors.cli.setup import database_ready, django_ready, stop_in_order, var

app = typer.Typer(no_args_is_help=True, help="数据库 Database")


@app.command()
def migrate() -> None:
    """升级表结构（以属主角色连接）。Bring the tables up to date, connected as the owner."""
    django_ready()
    migrate_tables()
    typer.echo("表结构已是最新。The tables are up to date.")


@app.command()
def start() -> None:
    """启动私有数据库并保持到 Ctrl-C。Start the private database and keep it until Ctrl-C."""
    import signal

    stop_in_order()
    cluster = database_ready()
    typer.echo(f"{cluster.kind}  {cluster.data_dir or ''}\nCtrl-C 停止 to stop")
    try:
        signal.pause()
    except KeyboardInterrupt:
        cluster.stop()


@app.command()
def stop() -> None:
    """停止私有数据库，即使还有命令在用。Stop the private database even if a command uses it."""
    said = "已停止 stopped" if postgres.stop(var()) else "没有在运行 was not running"
    typer.echo(said)


@app.command()
def shell(owner: Annotated[bool, typer.Option(help="以属主角色连接 connect as the owner")] = False) -> None:
    """打开 psql。Open psql on the database."""
    import shutil
    import subprocess

    from psycopg.conninfo import conninfo_to_dict

    cluster = database_ready()
    if not shutil.which("psql"):
        raise Trouble(
            "本机没有 psql：apt-get install postgresql-client", "No psql here: apt-get install postgresql-client"
        )
    parts = conninfo_to_dict(cluster.owner_url if owner else cluster.app_url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    login = {
        names[k]: str(v) for k, v in parts.items() if k in names
    }  # not as arguments: those show in the process list
    raise typer.Exit(subprocess.run(["psql"], env=os.environ | login, check=False).returncode)


@app.command()
def roles() -> None:
    """打印在自备 PostgreSQL 上建立角色和库的 SQL。Print the SQL that a DBA runs on the city's PostgreSQL."""
    typer.echo(postgres.roles_sql("请改为属主口令", "请改为应用口令"))
    typer.echo(
        f"CREATE DATABASE {postgres.DATABASE} OWNER {postgres.OWNER} "
        "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';"
    )
    typer.echo(f"\\connect {postgres.DATABASE}")
    for name in postgres.EXTENSIONS:
        typer.echo(f"CREATE EXTENSION IF NOT EXISTS {name};")


def migrate_tables() -> None:
    """Run Django's migrations as the owner. Django must be ready. Raises Trouble if the owner's address is absent."""
    if not os.environ.get("DATABASE_OWNER_URL"):
        raise Trouble(
            "升级表结构要用属主角色：请设置 DATABASE_OWNER_URL（见 docs/deploy.md）。",
            "Migrating needs the owner's role: set DATABASE_OWNER_URL (see docs/deploy.md).",
        )
    from django.db import connections

    from songhe.core.migrating import migrate
    from songhe.core.rls import grant_to_app

    migrate("owner")
    grant_to_app(connections["owner"], connections["default"].settings_dict["USER"])
    connections["owner"].close()
