"""Who eats where, one row a meal, what a month cost a point, which villages it serves, what it delivers with."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from songhe.care.meals import terms
from songhe.care.services.models import RunQuerySet
from songhe.registry.facilities.models import Facility
from songhe.registry.people.models import Person
from songhe.registry.places.models import AreaScoped, Place

ORIGINS = [("entered", _("录入")), ("demo", _("演示"))]


def _from_to() -> Func:
    return Func("valid_from", "valid_to", function="daterange", output_field=DateRangeField())


class Diner(AreaScoped):
    """Somebody who eats at a point as a rule, from–to (`valid_to` not included), with a card if they like."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="dining", verbose_name=_("老年人"))
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="diners", verbose_name=_("助餐点"))
    way = models.CharField(_("方式"), max_length=8, choices=terms.WAYS, default="dine_in")
    tag = models.CharField(_("卡号"), max_length=32, blank=True)
    valid_from = models.DateField(_("开始"))
    valid_to = models.DateField(_("结束"), null=True, blank=True)
    origin = models.CharField(max_length=7, choices=ORIGINS, default="entered")
    by = models.IntegerField(default=0)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("就餐老人")
        constraints = [
            ExclusionConstraint(
                name="one_point_at_a_time",
                expressions=[("person", RangeOperators.EQUAL), (_from_to(), RangeOperators.OVERLAPS)],
                violation_error_message=_("这位老人已在一处助餐点登记。请先在原助餐点结束登记。"),
            ),
            models.UniqueConstraint(
                fields=["tag"],
                condition=Q(valid_to=None) & ~Q(tag=""),
                name="meal_card_once",
                violation_error_message=_("这个卡号已发给另一位老人。"),
            ),
        ]
        indexes = [models.Index(fields=["facility"], name="diner_point", condition=Q(valid_to=None))]


class Meal(AreaScoped):
    """One meal of one person. The number made at the till never makes a second row; same person, same meal, same day counts once.

    Shares are in fen and frozen with the tier of that day. A second meal elsewhere is kept as `duplicate`: seen, not paid for.
    """

    client_uuid = models.UUIDField(unique=True)
    digest = models.BinaryField()
    person = models.ForeignKey(Person, models.PROTECT, related_name="meals", db_index=False, verbose_name=_("老年人"))
    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="meals", db_index=False, verbose_name=_("助餐点")
    )
    on = models.DateField(_("日期"))
    meal = models.CharField(_("餐次"), max_length=9, choices=terms.MEALS)
    way = models.CharField(_("方式"), max_length=8, choices=terms.WAYS)
    state = models.CharField(_("状态"), max_length=9, choices=terms.STATES, default="counted")
    tier = models.CharField(_("档次"), max_length=20, blank=True)
    scheme_version = models.CharField(max_length=16)
    price = models.PositiveIntegerField(_("价格（分）"))
    government = models.PositiveIntegerField(_("政府（分）"))
    person_pays = models.PositiveIntegerField(_("个人（分）"))
    society = models.PositiveIntegerField(_("社会（分）"))
    volunteer = models.PositiveIntegerField(_("志愿（分）"))
    channel = models.CharField(_("渠道"), max_length=6, choices=terms.CHANNELS)
    at = models.DateTimeField(_("时间"))
    client_at = models.DateTimeField(_("设备时间"), null=True)
    recorded_at = models.DateTimeField(_("到达时间"), auto_now_add=True)
    by = models.IntegerField(default=0)
    void_reason = models.CharField(_("作废理由"), max_length=120, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("就餐记录")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "on", "meal"],
                condition=Q(state="counted"),
                name="one_meal_once",
                violation_error_message=_("这位老人这一餐已经计过。同一餐只计一次补助。"),
            ),
            models.CheckConstraint(
                condition=Q(price=F("government") + F("person_pays") + F("society") + F("volunteer")),
                name="meal_shares_add_up",
            ),
        ]
        indexes = [models.Index(fields=["facility", "on"], name="meal_point_day")]


class Book(models.Model):
    """What a point's month cost and brought in beside the meals counted (fen); the latest row of a month holds."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="meal_books")
    month = models.DateField(_("月份"), help_text=_("当月第一天"))
    costs = models.PositiveIntegerField(_("成本（分）"))
    other = models.PositiveIntegerField(_("其他收入（分）"), default=0)
    evidence = models.CharField(_("依据"), max_length=120)
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("助餐点月账")
        indexes = [models.Index(fields=["facility", "month", "-id"], name="meal_book_month")]


class Service(AreaScoped):
    """A village or community that a point serves, from–to: what coverage counts where no point stands inside it."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="serves", verbose_name=_("助餐点"))
    village = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("村（社区）"))
    valid_from = models.DateField(_("开始"))
    valid_to = models.DateField(_("结束"), null=True, blank=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("供餐范围")
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "village"],
                condition=Q(valid_to=None),
                name="serves_once",
                violation_error_message=_("这个村（社区）已在供餐范围内。"),
            )
        ]


class Vehicle(models.Model):
    """What a firm delivers with, from–to; `inspected_to` is the last day of its inspection."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="vehicles", verbose_name=_("送餐企业"))
    plate = models.CharField(_("车牌"), max_length=16)
    kind = models.CharField(_("车型"), max_length=10, choices=terms.VEHICLES)
    inspected_to = models.DateField(_("年检至"), null=True, blank=True)
    valid_from = models.DateField(_("启用"))
    valid_to = models.DateField(_("停用"), null=True, blank=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("送餐车")
        constraints = [
            models.UniqueConstraint(
                fields=["plate"],
                condition=Q(valid_to=None),
                name="vehicle_once",
                violation_error_message=_("这个车牌已登记在另一家送餐企业。"),
            )
        ]
