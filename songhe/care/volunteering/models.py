"""Volunteer groups of villages and what they did; what friendly merchants offer. No trading."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from songhe.care.volunteering import terms
from songhe.registry.facilities.models import Facility
from songhe.registry.places.models import AreaScoped

ORIGINS = [("entered", _("录入")), ("demo", _("演示"))]


class Group(AreaScoped):
    """A volunteer group of one of the four kinds in a village, from–to (`valid_to` not included)."""

    kind = models.CharField(_("类别"), max_length=10, choices=terms.GROUPS)
    name = models.CharField(_("名称"), max_length=60)
    leader = models.CharField(_("负责人"), max_length=40)
    members = models.PositiveIntegerField(_("成员（人）"))
    paper = models.CharField(_("备案依据"), max_length=120, blank=True)
    valid_from = models.DateField(_("成立日期"))
    valid_to = models.DateField(_("停止日期"), null=True, blank=True)
    origin = models.CharField(max_length=7, choices=ORIGINS, default="entered")
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("志愿组织")
        ordering = ["village", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["village", "kind", "name"],
                condition=Q(valid_to=None),
                name="group_once",
                violation_error_message=_("这个村（社区）已有同类、同名的志愿组织。"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="group_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(members__gt=0),
                name="group_has_members",
                violation_error_message=_("没有成员的组织不登记。"),
            ),
        ]
        indexes = [models.Index(fields=["town", "kind"], name="group_town")]


class Activity(AreaScoped):
    """What a group did on a day: the proof that it lives. Never edited; a wrong row is voided by another (`voids`).

    >>> Activity(on=date(2023, 9, 12), kind="visit", volunteers=6, hours=9, recipients=14, evidence="活动登记 9-12")
    """

    group = models.ForeignKey(Group, models.CASCADE, related_name="activities", verbose_name=_("志愿组织"))
    on = models.DateField(_("日期"))
    kind = models.CharField(_("活动"), max_length=10, choices=terms.ACTIVITIES)
    volunteers = models.PositiveIntegerField(_("志愿者（人）"))
    hours = models.DecimalField(_("服务时长（小时，合计）"), max_digits=7, decimal_places=1)
    recipients = models.PositiveIntegerField(_("受益老人（人）"), default=0)
    evidence = models.CharField(_("凭据"), max_length=200)
    voids = models.OneToOneField("self", models.PROTECT, null=True, related_name="voided_by")
    reason = models.CharField(_("作废理由"), max_length=120, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("志愿活动")
        constraints = [
            models.CheckConstraint(
                condition=Q(volunteers__gt=0, hours__gt=0) | Q(voids__isnull=False),
                name="activity_has_volunteers",
                violation_error_message=_("请填写参加的志愿者人数和服务时长。"),
            )
        ]
        indexes = [
            models.Index(fields=["village", "on"], name="group_activity_village"),
            models.Index(fields=["group", "on"], name="group_activity"),
        ]


class Offer(models.Model):
    """What a friendly merchant offers older people, from–to (last day included). Told, never traded here."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="offers", verbose_name=_("商家"))
    kind = models.CharField(_("优惠"), max_length=10, choices=terms.OFFERS)
    text = models.CharField(_("内容"), max_length=200)
    valid_from = models.DateField(_("开始"))
    valid_to = models.DateField(_("到期"), help_text=_("含当天"))
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("优惠")
        ordering = ["valid_to", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")),
                name="offer_dates_in_order",
                violation_error_message=_("到期日不能早于开始日。"),
            )
        ]
