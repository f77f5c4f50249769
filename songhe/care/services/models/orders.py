"""An order from the call to the rating: what was asked and frozen, every step, who holds it, whose quota it draws on."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from songhe.care.services import terms
from songhe.care.services.models.catalogue import Item
from songhe.care.services.models.workforce import ORIGINS, Provider, Worker, own
from songhe.registry.people.models import Person
from songhe.registry.places.models import AreaScoped, ScopedQuerySet


class OrderQuerySet(ScopedQuerySet):
    def visible_to(self, post):
        """Orders of the area; for a provider's manager those it holds or held; for a care worker those they go to."""
        if post is None:
            return self.none()
        seen = super().visible_to(post)
        if post.role == "operator":
            return seen.filter(pk__in=own(Dispatch.objects.all(), post).values("order_id"))
        if post.role == "care_worker":
            return seen.filter(pk__in=Crew.objects.filter(worker__user=post.user_id).values("dispatch__order_id"))
        return seen


class Order(AreaScoped):
    """A work order (工单). Everything but `state`, `started_at` and `finished_at` is frozen when it is made.

    Eligibility (level, circumstances, entitlement, price and who pays) is that of `service_on`. `state` is the latest
    `Step` and is written by the database alone (sql/0001_services.sql): add a Step, never set it.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="orders", verbose_name=_("老年人"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="orders", verbose_name=_("服务项目"))
    quantity = models.PositiveSmallIntegerField(_("数量"), default=1)
    service_on = models.DateField(_("服务日期"))
    wanted_from = models.DateTimeField(_("希望最早"))
    wanted_to = models.DateTimeField(_("希望最晚"))
    urgency = models.CharField(_("缓急"), max_length=10, choices=terms.URGENCIES)
    channel = models.CharField(_("来源"), max_length=12, choices=terms.CHANNELS)
    caller = models.CharField(_("来电人"), max_length=40, blank=True)
    note = models.CharField(_("要求"), max_length=300, blank=True)
    referral_id = models.BigIntegerField(_("转办编号"), null=True)
    carers = models.PositiveSmallIntegerField(_("护理员人数"))
    minutes = models.PositiveSmallIntegerField(_("最短时长（分钟）"))
    unit_price = models.DecimalField(_("单价"), max_digits=10, decimal_places=2)
    funding = models.CharField(_("付费"), max_length=8, choices=terms.FUNDING)
    entitlement = models.CharField(_("额度规则"), max_length=40, blank=True)
    clause = models.JSONField(_("条款"), default=dict, help_text='{"zh", "en", "where"}')
    quota_granted = models.PositiveSmallIntegerField(_("当月额度"), default=0)
    government_pays = models.DecimalField(_("政府承担"), max_digits=10, decimal_places=2, default=0)
    person_pays = models.DecimalField(_("个人承担"), max_digits=10, decimal_places=2, default=0)
    ability_level = models.SmallIntegerField(_("能力等级"), null=True)
    tags = models.IntegerField(_("困难情形"), default=0)
    age = models.SmallIntegerField(_("年龄"))
    asked_at = models.DateTimeField(_("受理时间"))
    asked_by = models.IntegerField(_("受理人"), default=0)
    dispatch_due_at = models.DateTimeField(_("派单时限"))
    arrive_due_at = models.DateTimeField(_("到达时限"))
    state = models.CharField(_("状态"), max_length=12, choices=terms.STATES, blank=True, default="")
    started_at = models.DateTimeField(_("开始服务"), null=True)
    finished_at = models.DateTimeField(_("完成服务"), null=True)
    origin = models.CharField(max_length=7, choices=ORIGINS, default="entered")

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("服务订单")
        constraints = [
            models.CheckConstraint(
                condition=Q(wanted_to__gt=F("wanted_from")),
                name="order_window_in_order",
                violation_error_message=_("最晚时间须晚于最早时间。"),
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_of_something"),
            models.CheckConstraint(
                condition=Q(funding="self", entitlement="", government_pays=0)
                | Q(funding="entitled") & ~Q(entitlement=""),
                name="order_paid_one_way",
            ),
            models.UniqueConstraint(
                fields=["referral_id"],
                condition=Q(referral_id__isnull=False) & ~Q(state="cancelled"),
                name="order_once_a_referral",
                violation_error_message=_("这条转办已转成订单。"),
            ),
        ]
        indexes = [
            models.Index(fields=["county", "state", "dispatch_due_at"], name="order_county_board"),
            models.Index(fields=["person", "service_on"], name="order_person"),
            models.Index(fields=["county", "service_on"], name="order_county_day"),
        ]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        """What is said on the telephone: the day it was taken and its own number."""
        return f"{self.asked_at:%Y%m%d}-{self.pk}"


class Dispatch(models.Model):
    """An order given to a provider, with the slot planned. The one without `ended_at` holds the order."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="dispatches")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="dispatches", verbose_name=_("服务机构"))
    starts_at = models.DateTimeField(_("计划开始"))
    ends_at = models.DateTimeField(_("计划结束"))
    made_at = models.DateTimeField(_("派单时间"))
    made_by = models.IntegerField(_("派单人"), default=0)
    why = models.CharField(_("派单理由"), max_length=200, blank=True)
    ended_at = models.DateTimeField(_("终止时间"), null=True)
    end_reason = models.CharField(_("终止原因"), max_length=16, blank=True)

    class Meta:
        verbose_name = _("派单")
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(ended_at=None),
                name="one_live_dispatch",
                violation_error_message=_("这张单已由他人派出。"),
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="dispatch_slot_in_order"),
        ]
        indexes = [models.Index(fields=["provider", "starts_at"], name="dispatch_provider_day")]


class Crew(models.Model):
    """A worker of a dispatch; while it is live the worker is nowhere else in that time."""

    dispatch = models.ForeignKey(Dispatch, models.CASCADE, related_name="crew")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="crews", verbose_name=_("护理员"))
    during = DateTimeRangeField(_("时段"))
    live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("派单人员")
        constraints = [
            models.UniqueConstraint(fields=["dispatch", "worker"], name="crew_once"),
            ExclusionConstraint(
                name="worker_in_one_place",
                expressions=[("worker", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(live=True),
                violation_error_message=_("这名护理员在这个时段已有别的订单。"),
            ),
        ]


class Step(models.Model):
    """One step of an order's history, never changed. The database checks that it is legal and moves the order with it.

    `at` is when it happened (a phone without a signal may tell later), `recorded_at` when it was written.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="steps")
    from_state = models.CharField(_("原状态"), max_length=12, blank=True)
    to_state = models.CharField(_("状态"), max_length=12, choices=terms.STATES)
    dispatch = models.ForeignKey(Dispatch, models.CASCADE, null=True, related_name="steps")
    reason = models.CharField(_("原因"), max_length=16, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"))
    recorded_at = models.DateTimeField(_("登记时间"))
    by = models.IntegerField(_("经办账号"), default=0)
    client_uuid = models.UUIDField(null=True, unique=True)

    class Meta:
        verbose_name = _("订单进展")
        ordering = ["pk"]


class Quota(models.Model):
    """Units of an entitlement used in a month. The database counts; beyond what is granted it refuses."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    entitlement = models.CharField(_("额度规则"), max_length=40)
    month = models.DateField(_("月份"), help_text=_("当月第一天"))
    granted = models.PositiveSmallIntegerField(_("额度"))
    used = models.PositiveSmallIntegerField(_("已用"), default=0)

    class Meta:
        verbose_name = _("服务额度")
        constraints = [
            models.UniqueConstraint(fields=["person", "entitlement", "month"], name="quota_once"),
            models.CheckConstraint(condition=Q(used__lte=F("granted")), name="quota_not_exceeded"),
        ]
