"""User and Post: who signs in, and as what, where, from when to when."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from songhe.registry.accounts import rules
from songhe.registry.places.models import AREA_COLUMN, Level, Place


class User(AbstractUser):
    """A person of staff (or a machine). What they may do comes from their posts alone: `is_superuser` is never set."""

    name = models.CharField(_("姓名"), max_length=40)
    must_change_password = models.BooleanField(_("首次登录须改密码"), default=False)
    origin = models.CharField(max_length=7, default="entered", choices=[("entered", _("录入")), ("demo", _("演示"))])

    first_name = last_name = None

    class Meta:
        verbose_name = _("账号")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_superuser=False),
                name="user_no_superuser",
                violation_error_message=_("不设超级用户：权限只来自岗位。"),
            )
        ]

    def __str__(self):
        return self.name or self.username


class PostQuerySet(models.QuerySet):
    def held_on(self, on):
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)

    def held_between(self, first, last):
        """Posts held on any day from `first` to the day before `last` (None: for good)."""
        begun = Q(valid_from__lt=last) if last else Q()
        return self.filter(begun, Q(valid_to__isnull=True) | Q(valid_to__gt=first))

    def visible_to(self, post):
        """Accounts administrators see posts inside their area; others only their own."""
        if post is None:
            return self.none()
        if rules.allows(post.role, "accounts.manage"):
            return self.filter(post.place.whole_q("place__"))
        return self.filter(user=post.user_id)


class Post(models.Model):
    """A role at a place, from–to. The area of a post is its place and everything below it.

    >>> post.areas()      # a township worker
    [57]
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name=_("账号"))
    role = models.CharField(_("角色"), max_length=24, choices=rules.ROLES)
    place = models.ForeignKey(Place, models.PROTECT, related_name="posts", verbose_name=_("地点"))
    valid_from = models.DateField(_("开始日期"))
    valid_to = models.DateField(_("结束日期"), null=True, blank=True, help_text=_("到这一天为止，不含当天"))

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("岗位")
        constraints = [
            ExclusionConstraint(
                name="post_not_twice",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("place", RangeOperators.EQUAL),
                    (
                        Func("valid_from", "valid_to", function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),  # no end = unbounded
                ],
                violation_error_message=_("同一账号在同一地点的同一角色已有岗位，日期不能重叠。"),
            )
        ]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()} · {self.place}"

    def areas(self) -> list[int]:
        """Place ids for `core.acting`: its own, or a province's cities and directly governed counties."""
        if self.role in rules.NO_PERSONAL_DATA:
            return []
        if self.place.kind == "functional":
            return [self.place_id, *self.place.members.values_list("pk", flat=True)]
        if self.place.level != Level.PROVINCE:
            return [self.place_id]
        below = Place.objects.filter(province=self.place_id)
        return list(below.filter(Q(level=Level.CITY) | Q(level=Level.COUNTY, city=None)).values_list("pk", flat=True))

    def rows_q(self) -> Q:
        """The filter for scoped rows (`ScopedQuerySet.visible_to`)."""
        if self.role in rules.NO_PERSONAL_DATA:
            return Q(pk__in=[])
        if self.place.kind == "functional":
            return Q(village__functional_area=self.place_id)
        if self.place.level == Level.PROVINCE:
            areas = self.areas()
            return Q(city__in=areas) | Q(county__in=areas)
        return Q(**{AREA_COLUMN[self.place.level]: self.place_id})

    def inside_q(self) -> Q:
        """The filter for places whose figures and rows a post may open: its own and those below, never above."""
        return self.place.whole_q()

    def places_q(self) -> Q:
        """The filter for places whose names may be shown: those inside, and the ancestors."""
        up = [self.place.province_id, self.place.city_id, self.place.county_id, self.place.town_id, self.place_id]
        return Q(pk__in=[pk for pk in up if pk]) | self.inside_q()

    def may(self, permission: str) -> bool:
        return rules.allows(self.role, permission)


class LoginEvent(models.Model):
    """A sign-in that worked or failed, kept at least six months (GB/T 22239-2019)."""

    at = models.DateTimeField(_("时间"), auto_now_add=True)
    username = models.CharField(_("账号"), max_length=150)
    succeeded = models.BooleanField(_("成功"))
    address = models.GenericIPAddressField(_("来源地址"), null=True)
    agent = models.CharField(_("浏览器"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("登录记录")
        indexes = [models.Index(fields=["username", "-at"], name="login_event_user")]


class Token(models.Model):
    """A machine's key to the API, bound to a post: it may do what the post may, where the post may."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="tokens", verbose_name=_("岗位"))
    name = models.CharField(_("用途"), max_length=80)
    digest = models.BinaryField(_("摘要"), unique=True, help_text="SHA-256")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("到期时间"))
    revoked_at = models.DateTimeField(_("吊销时间"), null=True)

    class Meta:
        verbose_name = _("接口令牌")
