"""Who serves: providers (registered organisations), who speaks for them, care workers with certificates, shifts, absences."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from songhe.care.services import terms
from songhe.registry.accounts.models import User
from songhe.registry.facilities.models import Facility, Organisation
from songhe.registry.places.models import AreaScoped, Place, ScopedQuerySet

ORIGINS = [("entered", _("录入")), ("demo", _("演示"))]


def _in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
        name=name,
        violation_error_message=_("终止日期须晚于起始日期。"),
    )


class FromTo(models.QuerySet):
    def on(self, day):
        """Rows that hold on a day (`valid_to` not included)."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


class Provider(models.Model):
    """A registered organisation that gives services, from–to: which kinds, where, how many orders a day it can take."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="service_terms")
    kinds = ArrayField(models.CharField(max_length=16), verbose_name=_("服务类别"))
    areas = models.ManyToManyField(Place, related_name="+", verbose_name=_("服务区域"))
    phone = models.CharField(_("派单电话"), max_length=20, blank=True)
    daily_capacity = models.PositiveSmallIntegerField(_("每日最多单数"))
    longitude = models.FloatField(_("经度"), null=True, help_text="CGCS2000")
    latitude = models.FloatField(_("纬度"), null=True, help_text="CGCS2000")
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("终止日期"), null=True)
    origin = models.CharField(max_length=7, choices=ORIGINS, default="entered")
    by = models.IntegerField(default=0)

    objects = FromTo.as_manager()

    class Meta:
        verbose_name = _("服务机构")
        constraints = [
            _in_order("provider_dates_in_order"),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(valid_to=None), name="provider_once",
                violation_error_message=_("这家机构已登记为服务机构。"),
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.organisation.name


class Seat(models.Model):
    """An account that speaks for a provider (accepts, refuses, names carers), from–to."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="seats")
    user = models.ForeignKey(User, models.PROTECT, related_name="provider_seats")
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("终止日期"), null=True)

    objects = FromTo.as_manager()

    class Meta:
        verbose_name = _("机构联系账号")
        constraints = [models.UniqueConstraint(fields=["provider", "user"], name="seat_once")]


def spoken_for(user: int) -> models.QuerySet[Seat]:
    """The providers an account speaks for today, as their ids."""
    return Seat.objects.on(timezone.localdate()).filter(user=user).values("provider")


def own(rows, post, provider: str = "provider"):
    """Of rows a post sees, for an operator's manager only its own: those of the providers it speaks for.

    `provider`: the way from a row to its provider. Whoever is no operator's manager sees the rows as they are.
    """
    if getattr(post, "role", "") != "operator":
        return rows
    return rows.filter(**{f"{provider}__in": spoken_for(post.user_id)})


class OwnQuerySet(ScopedQuerySet):
    """Rows about a provider: the area's; for its manager its own. The model says the way in `provider_at`; a care worker has none."""

    def visible_to(self, post):
        if post is not None and post.role == "care_worker":
            return self.none()
        return own(super().visible_to(post), post, getattr(self.model, "provider_at", "provider"))


def run_by(user: int) -> models.QuerySet[Facility]:
    """Facilities that the organisations an account speaks for run now."""
    speaking = Provider.objects.filter(pk__in=spoken_for(user), valid_to=None).values("organisation")
    running = Q(operations__valid_to=None) | Q(operations__valid_to__gt=timezone.localdate())
    return Facility.objects.filter(running, operations__organisation__in=speaking)


def run_own(rows, post, facility: str = "facility"):
    """The same for rows that hang on a facility: for an operator's manager those of the facilities it runs."""
    if getattr(post, "role", "") != "operator":
        return rows
    return rows.filter(**{f"{facility}__in": run_by(post.user_id)})


class RunQuerySet(ScopedQuerySet):
    """Rows that hang on a facility: the area's; for an operator's manager only those of the facilities it runs."""

    run_at = "facility"

    def visible_to(self, post):
        return run_own(super().visible_to(post), post, self.run_at)


class WorkerQuerySet(ScopedQuerySet):
    def visible_to(self, post):
        """Workers of the area; those of one's own provider for its manager; oneself for a care worker."""
        if post is None:
            return self.none()
        if post.role == "operator":
            return own(self, post)
        if post.role == "care_worker":
            return self.filter(user=post.user_id)
        served = self.model.areas.through.objects.filter(place_id=post.place_id).values("worker_id")
        return self.filter(post.rows_q() | Q(pk__in=served))

    def on(self, day):
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


class Worker(AreaScoped):
    """A care worker (护理员) of a provider, from–to. `place` is where they start from; `areas` narrow where they serve.

    Scope columns are those of `place`: below its level they are empty.
    """

    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True, db_index=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("驻地"))
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="workers", verbose_name=_("服务机构"))
    user = models.OneToOneField(User, models.PROTECT, null=True, related_name="worker", verbose_name=_("账号"))
    name = models.CharField(_("姓名"), max_length=40)
    sex = models.CharField(_("性别"), max_length=1, choices=[("m", _("男")), ("f", _("女"))])
    phone_sealed = models.BinaryField(_("电话"), null=True)
    areas = models.ManyToManyField(Place, related_name="+", verbose_name=_("服务区域"))
    longitude = models.FloatField(_("经度"), null=True, help_text="CGCS2000")
    latitude = models.FloatField(_("纬度"), null=True, help_text="CGCS2000")
    daily_minutes = models.PositiveSmallIntegerField(_("每日最多服务分钟"))
    valid_from = models.DateField(_("入职日期"))
    valid_to = models.DateField(_("离职日期"), null=True)
    origin = models.CharField(max_length=7, choices=ORIGINS, default="entered")
    by = models.IntegerField(default=0)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = _("护理员")
        ordering = ["provider", "pk"]
        constraints = [_in_order("worker_dates_in_order")]
        indexes = [models.Index(fields=["county"], name="worker_county")]

    def __str__(self):
        return self.name


class Certificate(models.Model):
    """A certificate of a worker with its last day (`valid_to` included; None: for good). Rows are added, never changed."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="certificates")
    kind = models.CharField(_("证书"), max_length=16, choices=terms.QUALIFICATIONS)
    number = models.CharField(_("证号"), max_length=60, blank=True)
    issuer = models.CharField(_("发证机构"), max_length=80, blank=True)
    valid_from = models.DateField(_("发证日期"))
    valid_to = models.DateField(_("有效期至"), null=True, help_text=_("含当天"))
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("资格证书")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="certificate_dates_in_order",
                violation_error_message=_("有效期不能早于发证日期。"),
            )
        ]


class Shift(models.Model):
    """When a worker is on duty, week by week: a weekday (Monday 0) from–to, while it holds."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="shifts")
    weekday = models.PositiveSmallIntegerField(_("星期"))
    starts = models.TimeField(_("上班"))
    ends = models.TimeField(_("下班"))
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("终止日期"), null=True)

    objects = FromTo.as_manager()

    class Meta:
        verbose_name = _("班次")
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6, ends__gt=F("starts")), name="shift_in_order"),
            models.UniqueConstraint(
                fields=["worker", "weekday", "starts"], condition=Q(valid_to=None), name="shift_once"
            ),
        ]


class Absence(models.Model):
    """Days on which a worker is not there (both ends included)."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="absences")
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束"))
    reason = models.CharField(_("事由"), max_length=60, blank=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("请假")
        constraints = [models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_in_order")]


class Training(models.Model):
    """A training a worker took part in."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="trainings")
    on = models.DateField(_("日期"))
    title = models.CharField(_("内容"), max_length=80)
    hours = models.DecimalField(_("学时"), max_digits=5, decimal_places=1)
    passed = models.CharField(_("结果"), max_length=8, choices=[("passed", _("合格")), ("failed", _("不合格"))])
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("培训")
