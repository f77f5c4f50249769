"""The week's plan of a township, kept: who calls and visits whom, on which day, in which order; what was left; what changed.

A plan is derived from duties, helpers and positions by `insight.planning.weekly`; nothing here says that anything was done.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from songhe.registry.accounts.models import User
from songhe.registry.people.models import Person
from songhe.registry.places.models import AreaScoped, Place

KINDS = [("call", _("电话")), ("visit", _("上门"))]


class Plan(AreaScoped):
    """One township's week. A draft changes nothing; the one in force is told to the helpers; a re-plan has a `parent`.

    `wishes` is what the planner asked for: {ill: {helper: [days]}, pins: [[person, helper, day]], forbids: [[person,
    helper]], urgent: [[person, day, why]]}; days 0 (Monday) to 6. `way`, `spread` are minutes; `naive_*` those of the
    naive plan of the same week (each helper's own people in list order). Example:

    >>> Plan.objects.get(place__code="130682003", period="2026-W47", ended_at=None).way
    1264.5
    """

    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True)  # always empty: a township's plan
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("乡镇（街道）"))
    rule = models.CharField(_("规则"), max_length=40)
    period = models.CharField(_("周期"), max_length=12, help_text="2026-W47")
    week_start = models.DateField(_("开始"))
    first_day = models.SmallIntegerField(_("从周几起排"), default=0, help_text=_("0 为周一；之前的日子视为已过"))
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.IntegerField(default=0)
    told_at = models.DateTimeField(_("下达时间"), null=True)
    told_by = models.IntegerField(default=0)
    ended_at = models.DateTimeField(_("停用时间"), null=True, help_text=_("被新排班替代，或试排未采用"))
    terms = models.CharField(_("参数版本"), max_length=16)
    wishes = models.JSONField(_("安排要求"), default=dict)
    basis = models.CharField(_("路程依据"), max_length=200)
    basis_en = models.CharField(max_length=200)
    notes = models.JSONField(_("说明"), default=list, help_text="[{zh, en}]")
    price = models.FloatField(_("代价"), default=0)
    bound_note = models.CharField(max_length=200, blank=True)
    way = models.FloatField(_("路程（分钟）"), default=0)
    spread = models.FloatField(_("工作量差异（分钟）"), default=0)
    naive_way = models.FloatField(default=0)
    naive_spread = models.FloatField(default=0)
    people = models.IntegerField(_("应访老人"), default=0)
    helpers = models.IntegerField(_("帮扶人员"), default=0)
    calls = models.IntegerField(_("通话"), default=0)
    visits = models.IntegerField(_("上门"), default=0)
    left = models.IntegerField(_("未排上"), default=0)
    excused = models.IntegerField(_("暂停"), default=0)
    seed = models.IntegerField(default=1)
    effort = models.IntegerField(default=0, help_text=_("每次上门的计算步数"))
    cut = models.BooleanField(_("因时限提前结束"), default=False)

    class Meta:
        verbose_name = _("排班")
        constraints = [
            models.UniqueConstraint(
                fields=["place", "rule", "period"],
                condition=Q(told_at__isnull=False, ended_at=None),
                name="one_plan_in_force",
                violation_error_message=_("该乡镇这一周已有正在执行的排班。"),
            ),
            models.CheckConstraint(condition=Q(first_day__range=(0, 6)), name="plan_first_day_in_week"),
        ]
        indexes = [models.Index(fields=["place", "period", "-id"], name="plan_place_period")]

    def __str__(self):
        return f"{self.place} {self.period}"


class PlanItem(AreaScoped):
    """One contact of a plan: on `on`, as number `position` (from 0) of the helper's day, `start` minutes after setting out."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="items", db_index=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    helper = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    on = models.DateField(_("日期"))
    kind = models.CharField(_("方式"), max_length=5, choices=KINDS)
    position = models.SmallIntegerField(_("次序"))
    start = models.FloatField(_("出门后几分钟"))
    way = models.FloatField(_("到此路程（分钟）"), default=0)
    why = models.CharField(_("为何由他"), max_length=24)
    in_force = models.BooleanField(
        _("执行中"), default=False, help_text=_("随所属排班下达、停用；村级岗位看不到排班本身")
    )

    class Meta:
        verbose_name = _("排班行")
        constraints = [
            models.UniqueConstraint(fields=["plan", "helper", "on", "position"], name="plan_item_once"),
        ]
        indexes = [
            models.Index(fields=["helper", "on"], name="plan_item_helper"),
            models.Index(fields=["person", "plan"], name="plan_item_person"),
        ]


class PlanLeft(AreaScoped):
    """Somebody the plan could not serve in full, or need not (excused), and which rule did it."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="lefts")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    code = models.CharField(_("原因"), max_length=24)
    zh = models.CharField(max_length=200)
    en = models.CharField(max_length=240)

    class Meta:
        verbose_name = _("未排上")


class PlanChange(AreaScoped):
    """A contact that is otherwise than in the plan before: whose hands, which day, and the reason."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="changes")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(_("方式"), max_length=5, choices=KINDS)
    from_helper = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    from_on = models.DateField(null=True)
    to_helper = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    to_on = models.DateField(null=True)
    reason = models.CharField(_("原因"), max_length=24)

    class Meta:
        verbose_name = _("改动")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_helper__isnull=False) | Q(to_helper__isnull=False), name="plan_change_says_something"
            ),
            models.CheckConstraint(
                condition=~Q(from_helper=F("to_helper"), from_on=F("to_on")), name="plan_change_changes"
            ),
        ]
