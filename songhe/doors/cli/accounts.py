"""`songhe accounts …`: the first administrators of a new installation, and posts from the command line."""

from datetime import date
from typing import Annotated

import typer

from songhe.doors.cli.setup import django_ready

app = typer.Typer(no_args_is_help=True, help="账号与岗位 Accounts and posts")


@app.command()
def create(
    username: str,
    name: str,
    role: Annotated[str, typer.Option(help="角色代码，如 system_admin clerk helper")],
    place: Annotated[str, typer.Option(help="区划代码")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """建立账号并给一个岗位。Make an account with one post."""
    django_ready()
    from songhe.core.acting import everywhere
    from songhe.registry.accounts import actions
    from songhe.registry.places.queries import by_code

    with everywhere():
        user = actions.create_user(username=username, name=name, password=password, by=None)
        post = actions.give_post(user=user, role=role, place=by_code(place), valid_from=date.today(), by=None)  # noqa: DTZ011
    typer.echo(str(post))


@app.command()
def token(username: str, name: str, days: int = 365) -> None:
    """给该账号的岗位签发接口令牌（只显示一次）。Issue an API token, shown once."""
    django_ready()
    from songhe.core.acting import everywhere
    from songhe.registry.accounts import access, actions
    from songhe.registry.accounts.models import User

    with everywhere():
        post = access.posts_of(User.objects.get(username=username))[0]  # unscoped: the operator names the account
        typer.echo(actions.issue_token(post=post, name=name, by=None, days=days))
