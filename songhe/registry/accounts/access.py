"""Access in one place: who is asking, what they may do, where. Every list, count, export, map and API call passes here."""

from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.core import acting
from songhe.registry.accounts import rules
from songhe.registry.accounts.models import Post, User
from songhe.registry.places.models import LEVELS


class Denied(PermissionDenied):
    """A refusal that says what was asked for and who may grant it; the 403 page shows both."""

    def __init__(self, permission: str):
        self.permission = permission
        self.what = rules.PERMISSIONS[permission]
        self.who = rules.who_grants(permission)
        super().__init__(
            _("您的岗位不能“%(what)s”。需要时请找：%(who)s。") % {"what": self.what, "who": "、".join(self.who)}
        )


def posts_of(user: User) -> list[Post]:
    """The posts a user holds today, widest area first."""
    if not user.is_authenticated or not user.is_active:
        return []
    held = Post.objects.filter(user=user).held_on(timezone.localdate())
    return sorted(
        held.select_related("place", "place__parent", "user"),
        key=lambda post: (LEVELS.index(post.place.level), post.pk),
    )


def require(post: Post | None, permission: str) -> Post:
    """The post itself when it holds the permission; raises Denied otherwise."""
    if post is None or not post.may(permission):
        raise Denied(permission)
    return post


def door(permission: str) -> Callable:
    """Marks and guards a view: `request.post` must hold the permission. The house test looks for the mark on every URL.

    Two marks need no permission: `door("signed-in")` for any post, `door("open")` for everybody.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if permission != "open" and not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if permission not in ("open", "signed-in"):
                require(request.post, permission)
            elif permission == "signed-in" and request.post is None:
                raise PermissionDenied(_("您还没有有效的岗位。请联系系统管理员。"))
            return view(request, *args, **kwargs)

        guarded.door = permission
        return guarded

    return decorate


@contextmanager
def acting_as(post: Post | None):
    """One transaction in which PostgreSQL, too, knows the post: its areas, its user, whether it reads the audit."""
    if post is None:
        with acting.acting([]):
            yield
        return
    sees_audit = "yes" if post.may("audit.view") else ""
    with acting.acting(post.areas(), user_id=post.user_id, post_id=post.pk, sees_audit=sees_audit):
        yield


def needs_second_factor(post: Post | None) -> bool:
    """Whether this post may be used only with a second factor (settings.MFA_REQUIRED_FROM: a level, or "" for never)."""
    level = settings.MFA_REQUIRED_FROM
    if not level or post is None:
        return False
    return post.role in rules.ADMINISTRATORS or LEVELS.index(post.place.level) <= LEVELS.index(level)
