"""A home-based care bed from survey to its end, what was agreed, put up and done, and the devices that speak for it."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from songhe.care.agreements import terms
from songhe.care.services.models import RunQuerySet
from songhe.registry.accounts.models import Post
from songhe.registry.facilities.models import Facility, Organisation
from songhe.registry.facilities.terms import SERVICES
from songhe.registry.people.models import Person
from songhe.registry.places.models import AreaScoped

ORIGINS = [("entered", _("录入")), ("demo", _("演示"))]


class Bed(AreaScoped):
    """One home-based care bed of one person. How far it has come is the latest of its steps; nothing here repeats it.

    `facility` is the centre or station that serves it. `ended_on` stands here for the constraint: one running bed a person.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="care_beds", verbose_name=_("老年人"))
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="care_beds", verbose_name=_("服务机构"))
    scheme = models.CharField(_("办法"), max_length=40)
    scheme_version = models.CharField(max_length=16)
    opened_on = models.DateField(_("调查日期"))
    ended_on = models.DateField(_("终止日期"), null=True)
    origin = models.CharField(max_length=7, choices=ORIGINS, default="entered")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.IntegerField(default=0)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("家庭养老床位")
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ended_on=None),
                name="one_active_bed",
                violation_error_message=_("这位老人已有一张在办或在用的家庭养老床位，一人只能有一张。请先终止原来的。"),
            ),
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__gte=F("opened_on")), name="bed_ends_later"),
        ]
        indexes = [
            models.Index(fields=["county", "ended_on"], name="care_bed_county"),
            models.Index(fields=["town", "ended_on"], name="care_bed_town"),
            models.Index(fields=["village"], name="care_bed_village"),
        ]


class Step(models.Model):
    """One step of a bed, dated. Only ever added to (trigger), in date order; the next step follows from the last."""

    bed = models.ForeignKey(Bed, models.CASCADE, related_name="steps")
    kind = models.CharField(_("环节"), max_length=10, choices=terms.STEPS)
    on = models.DateField(_("日期"))
    note = models.CharField(_("说明"), max_length=300, blank=True)
    detail = models.JSONField(default=dict, blank=True, help_text=_("评估编号、验收结论、终止原因等"))
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("床位环节")
        ordering = ["on", "pk"]
        indexes = [models.Index(fields=["bed", "-on", "-id"], name="bed_step_latest")]


class Agreement(models.Model):
    """The three-party agreement of a bed for a time (last day included): the person or guardian, the operator, the government."""

    bed = models.ForeignKey(Bed, models.CASCADE, related_name="agreements")
    number = models.CharField(_("协议编号"), max_length=60)
    signed_on = models.DateField(_("签订日期"))
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("到期"), help_text=_("含当天"))
    signer = models.CharField(_("甲方签字人"), max_length=10, choices=terms.SIGNERS)
    signer_name = models.CharField(_("签字人姓名"), max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("运营机构"))
    government = models.CharField(_("政府方"), max_length=80)
    services = models.JSONField(_("约定服务"), default=list, blank=True)
    minutes = models.PositiveIntegerField(_("每月服务分钟"))
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("三方协议")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="agreement_ends_later",
                violation_error_message=_("协议到期日必须晚于开始日。"),
            ),
            models.CheckConstraint(
                condition=Q(minutes__gt=0),
                name="agreement_owes_minutes",
                violation_error_message=_("请写明每月服务多少分钟。"),
            ),
            ExclusionConstraint(
                name="one_agreement_at_a_time",
                expressions=[
                    ("bed", RangeOperators.EQUAL),
                    (
                        Func("starts_on", "ends_on", Value("[]"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("同一张床位的协议日期不能重叠。"),
            ),
        ]


class Retrofit(models.Model):
    """Something that was put right in the home: a rail, a ramp, a bath seat; what it cost."""

    bed = models.ForeignKey(Bed, models.CASCADE, related_name="retrofits")
    item = models.CharField(_("改造项目"), max_length=16, choices=terms.ITEMS)
    on = models.DateField(_("日期"))
    cost = models.DecimalField(_("费用（元）"), max_digits=9, decimal_places=2)
    evidence = models.CharField(_("凭据"), max_length=120, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("适老化改造")
        ordering = ["on", "pk"]
        constraints = [models.CheckConstraint(condition=Q(cost__gte=0), name="retrofit_cost_not_negative")]


class Care(models.Model):
    """Minutes of service in the home on a day. Never edited; a wrong row is voided by another (`voids`)."""

    bed = models.ForeignKey(Bed, models.CASCADE, related_name="cares")
    on = models.DateField(_("日期"))
    service = models.CharField(_("服务"), max_length=16, choices=SERVICES)
    minutes = models.PositiveIntegerField(_("分钟"))
    evidence = models.CharField(_("凭据"), max_length=120, blank=True)
    voids = models.OneToOneField("self", models.PROTECT, null=True, related_name="voided_by")
    reason = models.CharField(_("作废理由"), max_length=120, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("上门服务")
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gt=0, minutes__lte=1440) | Q(voids__isnull=False),
                name="care_has_minutes",
                violation_error_message=_("服务时长应在 1 至 1440 分钟之间。"),
            )
        ]
        indexes = [models.Index(fields=["bed", "on"], name="bed_care")]


class Gateway(models.Model):
    """Who may send signals: a maker's platform or a box in the house, speaking for a post. The secret is kept sealed."""

    code = models.SlugField(_("编号"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    post = models.ForeignKey(Post, models.PROTECT, related_name="gateways", verbose_name=_("岗位"))
    secret_sealed = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.IntegerField(default=0)
    revoked_at = models.DateTimeField(_("停用时间"), null=True)

    class Meta:
        verbose_name = _("设备接入方")


class FittedQuerySet(RunQuerySet):
    run_at = "bed__facility"


class Device(AreaScoped):
    """A button, sensor or bracelet at somebody's home. `last_signal` is when it last spoke; silence is shown as dormant."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="devices", verbose_name=_("老年人"))
    bed = models.ForeignKey(Bed, models.SET_NULL, null=True, related_name="devices", verbose_name=_("床位"))
    kind = models.CharField(_("设备"), max_length=10, choices=terms.DEVICES)
    serial = models.CharField(_("序列号"), max_length=64)
    spot = models.CharField(_("安装位置"), max_length=40, blank=True)
    installed_on = models.DateField(_("安装日期"))
    removed_on = models.DateField(_("拆除日期"), null=True)
    removed_why = models.CharField(_("拆除原因"), max_length=120, blank=True)
    last_signal = models.DateTimeField(_("最近信号"), null=True)
    battery = models.PositiveSmallIntegerField(_("电量（%）"), null=True)
    origin = models.CharField(max_length=7, choices=ORIGINS, default="entered")
    by = models.IntegerField(default=0)

    objects = FittedQuerySet.as_manager()

    class Meta:
        verbose_name = _("设备")
        constraints = [
            models.UniqueConstraint(
                fields=["serial"],
                condition=Q(removed_on=None),
                name="device_once",
                violation_error_message=_("这个序列号的设备已装在别处。请先登记拆除，或核对序列号。"),
            ),
            models.CheckConstraint(
                condition=Q(removed_on=None) | Q(removed_on__gte=F("installed_on")), name="device_removed_later"
            ),
        ]
        indexes = [
            models.Index(fields=["town", "last_signal"], name="device_town"),
            models.Index(fields=["county", "last_signal"], name="device_county"),
        ]


class AlarmQuerySet(RunQuerySet):
    run_at = "device__bed__facility"


class Alarm(AreaScoped):
    """A device called for help. The number made where it was sent never makes a second row; what followed is the request."""

    uuid = models.UUIDField(unique=True)
    device = models.ForeignKey(Device, models.PROTECT, related_name="alarms", verbose_name=_("设备"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="alarms", verbose_name=_("老年人"))
    at = models.DateTimeField(_("报警时间"))
    received_at = models.DateTimeField(_("收到时间"))
    answer_by = models.DateTimeField(_("应答时限"))
    gateway = models.ForeignKey(Gateway, models.PROTECT, null=True, related_name="+")
    request = models.BigIntegerField(_("助急请求"), null=True)
    first = models.ForeignKey("self", models.PROTECT, null=True, related_name="repeats", verbose_name=_("首次报警"))

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("报警")
        indexes = [models.Index(fields=["device", "-at"], name="alarm_device")]
