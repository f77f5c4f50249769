"""Questions about accounts: whom an administrator may manage, who signed in."""

from django.db.models import Q, QuerySet

from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import LoginEvent, Post, User


def accounts_of(post: Post, q: str = "") -> QuerySet[User]:
    """Accounts with a post inside the administrator's area, and accounts that have no post yet; by name."""
    users = User.objects.filter(Q(pk__in=Post.objects.visible_to(post).values("user")) | Q(posts=None)).distinct()
    if q:
        users = users.filter(Q(username__icontains=q) | Q(name__icontains=q))
    return users.order_by("username").prefetch_related("posts__place")


def users_in(pks) -> dict[int, User]:
    """Accounts by number, for naming who did something."""
    return User.objects.in_bulk(set(pks))


def named(username: str) -> User | None:
    return User.objects.filter(username=username).first()


def user_named(said: str) -> User:
    """An account by its user name or its number. Raises Refusal."""
    found = named(said) or (User.objects.filter(pk=int(said)).first() if said.isdecimal() and len(said) < 10 else None)
    if found is None:
        raise Refusal(
            "unknown_account",
            zh=f"没有账号“{said[:40]}”。请核对账号名或编号（songhe accounts list）。",
            en=f'There is no account "{said[:40]}". Check the user name or the number.',
            field="helper",
        )
    return found


def logins(size: int = 100) -> list[LoginEvent]:
    """The newest sign-ins, failed ones too; for the audit administrator."""
    return list(LoginEvent.objects.order_by("-id")[:size])
