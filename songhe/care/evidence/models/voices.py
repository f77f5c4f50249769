"""What the people served say: call-backs drawn at random, ratings, complaints with their clock, incidents."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from songhe.care.evidence import terms
from songhe.care.evidence.models.delivery import ByOrder
from songhe.care.services.models import Order, OwnQuerySet, Provider
from songhe.registry.facilities.models import Facility
from songhe.registry.people.models import Person
from songhe.registry.places.models import AreaScoped, Place


class Scoped(AreaScoped):
    """A row of a place at any level: below the place's own level the scope columns are empty."""

    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True, db_index=False)

    class Meta:
        abstract = True


class Sample(Scoped):
    """A random draw of orders to call back. Anybody can repeat it: the order is sha256(seed + order) over the population."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("地区"))
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="samples", verbose_name=_("服务机构"))
    first = models.DateField(_("起"))
    last = models.DateField(_("止"))
    seed = models.CharField(_("随机种子"), max_length=64)
    size = models.PositiveIntegerField(_("抽取数"))
    population = ArrayField(models.BigIntegerField(), verbose_name=_("抽取范围"))
    drawn = ArrayField(models.BigIntegerField(), verbose_name=_("抽中"))
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("回访抽样")
        constraints = [models.UniqueConstraint(fields=["place", "provider", "first"], name="sample_once")]


class CallBack(AreaScoped):
    """One attempt to ask the person whether and how an order was served. Rows are added, never changed."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="call_backs", verbose_name=_("订单"))
    sample = models.ForeignKey(Sample, models.PROTECT, null=True, related_name="call_backs")
    outcome = models.CharField(_("结果"), max_length=10, choices=terms.CALL_OUTCOMES)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    objects = ByOrder.as_manager()

    class Meta:
        verbose_name = _("回访")
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(outcome__in=["confirmed", "denied"]),
                name="call_back_answered_once",
                violation_error_message=_("这张单已回访过，有明确答复。"),
            )
        ]


class Rating(AreaScoped):
    """What somebody thought of an order, one to five, once."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="rating", verbose_name=_("订单"))
    stars = models.PositiveSmallIntegerField(_("评分"))
    rated_by = models.CharField(_("评价人"), max_length=9, choices=terms.RATED_BY)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    objects = ByOrder.as_manager()

    class Meta:
        verbose_name = _("评价")
        constraints = [
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=5),
                name="rating_one_to_five",
                violation_error_message=_("评分为 1 到 5 分。"),
            )
        ]


class Complaint(Scoped):
    """A complaint, by whatever way it came, with its clock: about an order, a provider or a friendly merchant (`facility`).

    `state` and `finding` are those of the latest step.
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("地区"))
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="complaints", verbose_name=_("订单"))
    provider = models.ForeignKey(
        Provider, models.PROTECT, null=True, related_name="complaints", verbose_name=_("服务机构")
    )
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, related_name="complaints", verbose_name=_("爱心商家")
    )
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("老年人"))
    channel = models.CharField(_("渠道"), max_length=10, choices=terms.COMPLAINT_CHANNELS)
    reference = models.CharField(_("来件编号"), max_length=40, blank=True)
    subject = models.CharField(_("类别"), max_length=12, choices=terms.SUBJECTS)
    text_sealed = models.BinaryField(_("内容"))
    contact_sealed = models.BinaryField(_("投诉人及电话"), null=True)
    received_at = models.DateTimeField(_("收到时间"))
    reply_due_on = models.DateField(_("答复期限"))
    state = models.CharField(_("状态"), max_length=8, choices=terms.COMPLAINT_STATES, default="open")
    finding = models.CharField(_("认定"), max_length=10, choices=terms.FINDINGS, blank=True, default="")
    found_on = models.DateField(_("认定日期"), null=True)
    origin = models.CharField(max_length=7, choices=terms.ORIGINS, default="entered")
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("投诉")
        indexes = [models.Index(fields=["county", "state", "reply_due_on"], name="complaint_county_due")]

    @property
    def number(self) -> str:
        """What the caller is told: the day it came and its own number."""
        return f"TS{self.received_at:%Y%m%d}-{self.pk}"


class ComplaintStep(models.Model):
    """A reply, an appeal or the end of a complaint; never changed."""

    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="steps")
    from_state = models.CharField(max_length=8)
    to_state = models.CharField(_("办理"), max_length=8, choices=terms.COMPLAINT_STATES)
    finding = models.CharField(_("认定"), max_length=10, choices=terms.FINDINGS, blank=True, default="")
    text = models.CharField(_("说明"), max_length=500)
    on = models.DateField(_("日期"))
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("投诉办理")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(to_state="replied") | ~Q(finding=""),
                name="complaint_replied_with_finding",
                violation_error_message=_("答复须写明认定结果。"),
            )
        ]


class Incident(Scoped):
    """Something went wrong at a service: what, how bad, told in time or late, what was done."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("地区"))
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="incidents", verbose_name=_("订单"))
    provider = models.ForeignKey(
        Provider, models.PROTECT, null=True, related_name="incidents", verbose_name=_("服务机构")
    )
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("老年人"))
    kind = models.CharField(_("类别"), max_length=10, choices=terms.INCIDENTS)
    severity = models.CharField(_("程度"), max_length=8, choices=terms.SEVERITIES)
    occurred_at = models.DateTimeField(_("发生时间"))
    reported_at = models.DateTimeField(_("报告时间"))
    due_at = models.DateTimeField(_("报告时限"))
    text_sealed = models.BinaryField(_("经过和处置"))
    origin = models.CharField(max_length=7, choices=terms.ORIGINS, default="entered")
    by = models.IntegerField(default=0)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("事故报告")
        constraints = [
            models.CheckConstraint(
                condition=Q(reported_at__gte=models.F("occurred_at")),
                name="incident_reported_after",
                violation_error_message=_("报告时间不能早于发生时间。"),
            )
        ]
