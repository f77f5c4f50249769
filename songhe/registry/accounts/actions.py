"""Accounts and posts: made, ended and changed by the system administrator, each with its audit row."""

import hashlib
import secrets
from datetime import date, datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts import rules
from songhe.registry.accounts.models import Post, Token, User
from songhe.registry.places.models import Place


@transaction.atomic
def create_user(*, username: str, name: str, password: str | None, by: User | None, origin: str = "entered") -> User:
    """A new account without any right; without a password it cannot sign in by one (single sign-on, helpers on paper).

    Raises Refusal when the name is taken or the password too weak.
    """
    if User.objects.filter(username__iexact=username).exists():
        raise Refusal(
            "username_taken",
            zh=f"账号“{username}”已存在。请换一个，或给原账号增加岗位。",
            en=f"The account “{username}” exists. Choose another name or give that account a post.",
            field="username",
        )
    user = User(username=username, name=name, origin=origin, must_change_password=origin == "entered")
    if password is None:
        user.set_unusable_password()
        user.must_change_password = False
    else:
        _check_password(password, user)
        user.set_password(password)
    user.save()
    audit.note("accounts.create_user", "user", user.pk, origin=origin)
    return user


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as weak:
        text = " ".join(weak.messages)
        raise Refusal(
            "weak_password",
            zh=f"密码不合要求：{text}",
            en=f"The password is too weak: {text}",
            field="password",
        ) from None


@transaction.atomic
def enlist(
    *, rows: list[tuple[str, str, str, Place]], valid_from: date, by: User | None, origin: str = "entered"
) -> list[int]:
    """Many new accounts with one post each, from rows (username, name, role, place); returns their numbers in order.

    They cannot sign in by password until an administrator sets one. All or none; a name that is taken refuses all.
    """
    names = [username for username, *_ in rows]
    taken = list(User.objects.filter(username__in=names).values_list("username", flat=True)[:5])
    if taken or len(set(names)) < len(names):
        raise Refusal(
            "username_taken",
            zh=f"账号已存在或在表中重复：{'、'.join(taken) or '见表内'}。全部未建立，请改名后重试。",
            en=f"Accounts exist or stand twice: {', '.join(taken) or 'in the list'}. None was made; rename and try again.",
            field="username",
        )
    users = [User(username=username, name=name, origin=origin, password="!") for username, name, *_ in rows]  # noqa: S106
    User.objects.bulk_create(users, batch_size=2000)
    Post.objects.bulk_create(
        [
            Post(user=user, role=role, place=place, valid_from=valid_from)
            for user, (_username, _name, role, place) in zip(users, rows, strict=True)
        ],
        batch_size=2000,
    )
    audit.note("accounts.enlist", "user", users[0].pk if users else None, accounts=len(users), origin=origin)
    return [user.pk for user in users]


@transaction.atomic
def give_post(
    *, user: User, role: str, place: Place, valid_from: date, by: User | None, valid_to: date | None = None
) -> Post:
    """Give a role at a place. Raises Refusal for a role that may not stand beside one held at any time of it, or twice."""
    if valid_to is not None and valid_to <= valid_from:
        raise Refusal(
            "post_dates",
            zh=f"结束日期 {valid_to} 须晚于开始日期 {valid_from}。请改正日期，或留空表示长期。",
            en=f"The end {valid_to} must come after the start {valid_from}. Correct it, or leave it empty.",
            field="valid_to",
        )
    User.objects.select_for_update().get(pk=user.pk)  # two posts given at one moment see each other
    held = set(Post.objects.filter(user=user).held_between(valid_from, valid_to).values_list("role", flat=True))
    clash = rules.incompatible(role, held)
    if clash:
        names = "、".join(str(dict(rules.ROLES)[r]) for r in sorted(clash))
        raise Refusal(
            "incompatible_roles",
            zh=f"系统、安全、审计三员须分设：该账号已任“{names}”，不能再任此角色。请另建账号。",
            en=f"System, security and audit administrators are three people: this account is already {sorted(clash)}. Make another account.",
            field="role",
        )
    post = Post(user=user, role=role, place=place, valid_from=valid_from, valid_to=valid_to)
    try:
        post.full_clean()
    except ValidationError as wrong:
        text = " ".join(wrong.messages)
        raise Refusal(
            "post_twice", zh=text, en=f"The account holds this role here already. {text}", field="valid_from"
        ) from None
    post.save()
    audit.note("accounts.give_post", "post", post.pk, area_id=place.pk, role=role, user=user.pk)
    return post


@transaction.atomic
def end_post(*, post: Post, on: date, by: User | None) -> Post:
    """The post is held until the day before `on`; its tokens stop with it."""
    if on <= post.valid_from:
        raise Refusal(
            "post_end",
            zh=f"结束日期须晚于开始日期 {post.valid_from}。",
            en=f"The end must come after the start, {post.valid_from}.",
            field="on",
        )
    post.valid_to = on
    post.save(update_fields=["valid_to"])
    Token.objects.filter(post=post, revoked_at=None).update(revoked_at=timezone.now())
    audit.note("accounts.end_post", "post", post.pk, area_id=post.place_id, on=on.isoformat())
    return post


@transaction.atomic
def set_active(*, user: User, active: str, by: User | None) -> User:
    """Lock ("locked") or unlock ("active") an account."""
    user.is_active = active == "active"
    user.save(update_fields=["is_active"])
    audit.note("accounts.set_active", "user", user.pk, state=active)
    return user


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def issue_token(*, post: Post, name: str, by: User | None, days: int = 365, now: datetime | None = None) -> str:
    """A key for a machine, shown once; only its digest is kept."""
    text = "sh_" + secrets.token_urlsafe(32)
    now = now or timezone.now()
    token = Token.objects.create(post=post, name=name, digest=digest_of(text), expires_at=now + timedelta(days=days))
    audit.note("accounts.issue_token", "token", token.pk, area_id=post.place_id, post=post.pk)
    return text


@transaction.atomic
def revoke_token(*, token: Token, by: User | None) -> None:
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit.note("accounts.revoke_token", "token", token.pk, area_id=token.post.place_id)
