"""A facility of any kind, and the dated facts about it. Facts are added, never edited: a state is a history."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from songhe.registry.facilities import terms
from songhe.registry.places.models import AREA_COLUMN, AreaScoped, Level, Place, ScopedQuerySet

ORIGINS = [("entered", _("录入")), ("demo", _("演示"))]


class FacilityQuerySet(ScopedQuerySet):
    def inside(self, place: Place):
        """Facilities of a place at any level, those without a village yet counted with their township."""
        if place.kind == "functional" or place.level == Level.PROVINCE:
            return self.filter(place.whole_q("place__"))
        return self.filter(**{AREA_COLUMN[place.level]: place.pk})


class Facility(AreaScoped):
    """One site. `place` is as near as it is known: its village, or the township (county) while no site is chosen.

    Its status is the latest row of its history (`StatusChange`), as of a day: nothing here repeats it.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    village = models.ForeignKey(
        Place, models.PROTECT, related_name="+", null=True, db_index=False, verbose_name=_("村（社区）")
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="facilities", verbose_name=_("地点"))
    name = models.CharField(_("名称"), max_length=100)
    kind = models.CharField(_("类型"), max_length=20, choices=terms.KINDS)
    venue = models.CharField(_("场所"), max_length=10, choices=terms.VENUES, blank=True)
    location = models.CharField(_("位置"), max_length=200, blank=True)
    longitude = models.FloatField(_("经度"), null=True, help_text="CGCS2000")
    latitude = models.FloatField(_("纬度"), null=True, help_text="CGCS2000")
    project = models.CharField(
        _("所属工程"), max_length=60, blank=True, help_text=_("例如“2021年养老服务提质增能工程”")
    )
    origin = models.CharField(max_length=7, choices=ORIGINS, default="entered")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.IntegerField(default=0)

    objects = FacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("机构设施")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "kind", "name"],
                name="facility_once",
                violation_error_message=_("这个地点已有同类型、同名称的设施。"),
            )
        ]
        indexes = [
            models.Index(fields=["county", "kind"], name="facility_county"),
            models.Index(fields=["town", "kind"], name="facility_town"),
            models.Index(fields=["village"], name="facility_village"),
        ]

    def __str__(self):
        return self.name


class Fact(models.Model):
    """Something known of a facility from a day on: who wrote it and when stands beside it."""

    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.IntegerField(default=0)

    class Meta:
        abstract = True


class StatusChange(Fact):
    """planned → site_chosen → started → done → accepted → in_use → closed. Only ever added to (trigger), in date order.

    The database itself refuses `in_use` without an activity and `accepted` without a signed acceptance or an older paper.
    """

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="statuses")
    status = models.CharField(_("状态"), max_length=12, choices=terms.STATUSES)
    on = models.DateField(_("日期"))
    reason = models.CharField(_("说明"), max_length=200, blank=True)
    paper = models.CharField(_("依据"), max_length=120, blank=True, help_text=_("会议纪要、批复、验收文件等"))

    class Meta:
        verbose_name = _("状态")
        indexes = [models.Index(fields=["facility", "-on", "-id"], name="facility_status")]


class BedLot(Fact):
    """Beds that were set up, converted or taken away on a day. A converted lot names what the beds were before.

    >>> BedLot(kind="nursing", origin="converted", from_kind="residential", count=60)     # counted apart, never added
    """

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="bed_lots")
    kind = models.CharField(_("床位类型"), max_length=12, choices=terms.BEDS)
    origin = models.CharField(_("来源"), max_length=10, choices=terms.BED_ORIGINS, default="new")
    from_kind = models.CharField(_("改造前类型"), max_length=12, choices=terms.BEDS, blank=True)
    count = models.PositiveIntegerField(_("张数"))
    on = models.DateField(_("日期"))
    evidence = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("床位")
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=0), name="bed_lot_not_empty"),
            models.CheckConstraint(
                condition=Q(origin="converted", from_kind__gt="") & ~Q(from_kind=F("kind"))
                | ~Q(origin="converted") & Q(from_kind=""),
                name="bed_lot_conversion",
                violation_error_message=_("改造床位要写明改造前的类型，且与改造后的不同；其他来源不填。"),
            ),
            models.CheckConstraint(
                condition=~Q(kind="home", origin="converted") & ~Q(from_kind="home"),
                name="bed_lot_home_apart",
                violation_error_message=_("家庭养老床位设在老年人家中，单独统计，不与机构床位互相改造。"),
            ),
        ]
        indexes = [models.Index(fields=["facility", "kind", "on"], name="facility_beds")]


class Measure(Fact):
    """A number that was measured on a day; the latest one holds."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="measures")
    what = models.CharField(_("项目"), max_length=16, choices=terms.MEASURES)
    value = models.DecimalField(_("数值"), max_digits=10, decimal_places=2)
    on = models.DateField(_("日期"))
    source = models.CharField(_("来源"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("实测值")
        constraints = [models.CheckConstraint(condition=Q(value__gte=0), name="measure_not_negative")]


class Provision(Fact):
    """A room or a service that a facility has, from–to."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="provisions")
    what = models.CharField(
        _("房间或服务"), max_length=8, choices=[("room", _("功能房间")), ("service", _("服务项目"))]
    )
    code = models.CharField(_("名称"), max_length=16)
    valid_from = models.DateField(_("开始"))
    valid_to = models.DateField(_("结束"), null=True, blank=True)
    detail = models.CharField(_("说明"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("房间与服务")
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "what", "code"], condition=Q(valid_to=None), name="provision_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="provision_dates_in_order"
            ),
        ]


class Staff(Fact):
    """Somebody who works there, from–to; `dedicated` = for this facility alone (专职)."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="staff")
    name = models.CharField(_("姓名"), max_length=40)
    role = models.CharField(_("岗位"), max_length=16, choices=terms.ROLES)
    dedicated = models.CharField(
        _("专职或兼职"), max_length=9, choices=[("dedicated", _("专职")), ("shared", _("兼职"))]
    )
    certificate = models.CharField(_("持证"), max_length=60, blank=True)
    valid_from = models.DateField(_("到岗"))
    valid_to = models.DateField(_("离岗"), null=True, blank=True)

    class Meta:
        verbose_name = _("工作人员")


class Schedule(Fact):
    """When a facility is open, from a day on; the latest schedule holds. `weekdays`: ISO numbers, 1 = Monday."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="schedules")
    weekdays = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("开放日"))
    opens = models.TimeField(_("开门"))
    closes = models.TimeField(_("关门"))
    valid_from = models.DateField(_("开始"))

    class Meta:
        verbose_name = _("开放时间")
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")),
                name="schedule_closes_later",
                violation_error_message=_("关门时间必须晚于开门时间。"),
            )
        ]


class SyncCheck(Fact):
    """One of the four synchronous steps (四同步) of a facility that a new estate has to provide."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="sync_checks")
    estate = models.CharField(_("小区"), max_length=80)
    step = models.CharField(_("步骤"), max_length=10, choices=terms.SYNC_STEPS)
    result = models.CharField(
        _("结果"), max_length=7, choices=[("met", _("同步")), ("not_met", _("未同步"))]
    )  # the latest row of a step holds
    on = models.DateField(_("日期"))
    evidence = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("四同步核查")


class Activity(Fact):
    """Something that took place there: the proof that a facility is in use. Never edited; a wrong row is voided by another.

    >>> Activity(on=date(2023, 9, 12), kind="culture", count=23, evidence="签到表 9-12")
    """

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="activities")
    on = models.DateField(_("日期"))
    kind = models.CharField(_("活动"), max_length=10, choices=terms.ACTIVITIES)
    count = models.PositiveIntegerField(_("参加人次"))
    evidence = models.CharField(_("凭据"), max_length=200, help_text=_("签到表、就餐记录、台账页码、照片编号等"))
    voids = models.OneToOneField("self", models.PROTECT, null=True, related_name="voided_by", verbose_name=_("作废"))
    reason = models.CharField(_("作废理由"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("活动记录")
        constraints = [
            models.CheckConstraint(
                condition=Q(count__gt=0) | Q(voids__isnull=False), name="activity_has_somebody",
                violation_error_message=_("没有人参加的活动不能证明设施在用。"),
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["facility", "on"], name="facility_activity")]
