"""The ledger of standing duties: what is owed to whom by whom in which period, what was done, what was excused."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from songhe.care.duties.terms import BY, EXCUSES, NEEDS, OFFERED_EXCUSES, STEPS
from songhe.registry.accounts.models import User
from songhe.registry.people.models import Person
from songhe.registry.places.models import AreaScoped, Place, ScopedQuerySet


class Rule(models.Model):
    """One version of a standing duty, as read from `definitions/duties/*.yaml`; never edited once a period used it."""

    name = models.CharField(_("规则"), max_length=40)
    version = models.CharField(_("版本"), max_length=16, help_text="sha256[:16] of the definition")
    commitment = models.CharField(_("承诺编号"), max_length=8, blank=True)
    title = models.CharField(_("名称"), max_length=80)
    title_en = models.CharField(max_length=120)
    source = models.JSONField(
        _("依据"), default=dict, help_text="{title, number, issuer, date, clause: {zh, en}, confirmed}"
    )
    period_kind = models.CharField(_("周期"), max_length=8, choices=[("week", _("周")), ("month", _("月"))])
    owed_to = models.IntegerField(_("对象情形"), help_text=_("困难情形位图，任一即为对象"))
    by = models.CharField(_("责任人"), max_length=8, choices=BY, default="helper")
    calls_owed = models.SmallIntegerField(_("应通话次数"), default=0)
    visits_owed = models.SmallIntegerField(_("应上门次数"), default=0)
    call_modes = models.JSONField(_("计为通话的方式"), default=list)
    visit_modes = models.JSONField(_("计为上门的方式"), default=list)
    tiers = models.JSONField(
        _("分级频次"),
        default=list,
        help_text="[{name, title: {zh, en}, any_of, all_of, age_from, calls, visits}] bit maps; first match wins",
    )
    excuse_min_days = models.SmallIntegerField(_("暂停满几天整期免责"), default=4)
    late_after_days = models.SmallIntegerField(_("期后几天录入记为补录"), default=0)
    valid_from = models.DateField(_("施行日期"))
    valid_to = models.DateField(_("废止日期"), null=True)
    definition = models.JSONField(default=dict)
    read_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(_("停用时间"), null=True, help_text=_("定义已改版或删去；已开的周期不受影响"))

    class Meta:
        verbose_name = _("职责规则")
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="duty_rule_version_once")]

    def __str__(self):
        return self.title


class Rung(models.Model):
    """One step of the ladder when nobody answers, with its time limit; from `definitions/visits/follow_up.yaml`."""

    step = models.CharField(primary_key=True, max_length=10, choices=STEPS)
    position = models.SmallIntegerField()
    within_minutes = models.IntegerField(_("限时（分钟）"))

    class Meta:
        ordering = ["position"]


class NeedTerm(models.Model):
    """Within how many days a found need must be settled; from `definitions/visits/follow_up.yaml`."""

    need = models.CharField(primary_key=True, max_length=12, choices=NEEDS)
    days = models.SmallIntegerField(_("办结天数"))


class Adoption(models.Model):
    """Which rule a place follows, from–to: a city switches its own set on (两电一访, or the national monthly rate)."""

    name = models.CharField(_("规则"), max_length=40)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地点"))
    valid_from = models.DateField(_("施行日期"))
    valid_to = models.DateField(_("停用日期，不含当天"), null=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("规则采用")
        constraints = [
            ExclusionConstraint(
                name="duty_adoption_once",
                expressions=[
                    ("name", RangeOperators.EQUAL),
                    ("place", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), Coalesce("valid_to", Value("infinity")), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("该地点在这段时间已采用这条规则。"),
            )
        ]


class Emergency(models.Model):
    """Disaster mode: a bureau raises the frequency for an area and a span, and back (突发公共事件、重大灾害)."""

    name = models.CharField(_("规则"), max_length=40)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("范围"))
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束（含当天）"))
    calls_owed = models.SmallIntegerField(_("应通话次数"))
    visits_owed = models.SmallIntegerField(_("应上门次数"))
    reason = models.CharField(_("事由"), max_length=200)
    by = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(_("提前解除"), null=True)
    ended_by = models.IntegerField(null=True)

    class Meta:
        verbose_name = _("应急加密")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="emergency_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期。"),
            )
        ]


class Opening(models.Model):
    """A period opened for a place under one version of a rule: frozen; opening it again adds nobody twice."""

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="openings")
    name = models.CharField(_("规则"), max_length=40)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    period_start = models.DateField(_("开始"))
    period_end = models.DateField(_("结束（含当天）"))
    owed = models.IntegerField(_("应访人数"), default=0, help_text=_("开启时的人数，含暂停的"))
    joined = models.IntegerField(_("期中加入"), default=0)
    opened_at = models.DateTimeField(auto_now_add=True)
    opened_by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("周期")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "place", "period_start"],
                name="duty_opening_once",
                violation_error_message=_("该地点的这一周期已经开启，开启后规则不再变动。"),
            ),
        ]


class Assignment(AreaScoped):
    """The named helper (帮扶人员) or paired volunteer (结对) of a person, from–to."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="assignments")
    helper = models.ForeignKey(User, models.PROTECT, related_name="assignments", db_index=False)
    kind = models.CharField(_("关系"), max_length=8, choices=BY, default="helper")
    valid_from = models.DateField(_("开始"))
    valid_to = models.DateField(_("结束，不含当天"), null=True)
    by = models.IntegerField(default=0)
    reason = models.CharField(_("说明"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("帮扶关系")
        constraints = [
            ExclusionConstraint(
                name="one_helper_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (
                        Func(F("valid_from"), Coalesce("valid_to", Value("infinity")), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("同一时段只能有一名帮扶人员，请先结束原帮扶关系。"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="assignment_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期。"),
            ),
        ]
        indexes = [models.Index(fields=["helper", "valid_to"], name="assignment_helper")]


class DutyQuerySet(ScopedQuerySet):
    def owed(self):
        """Those that count: not excused."""
        return self.filter(excused="")

    def kept(self):
        return self.owed().filter(kept=True)

    def missed(self):
        """Owed and not kept (of an open period: not yet)."""
        return self.owed().filter(kept=False)


class Duty(AreaScoped):
    """What is owed to one person in one period under one rule, with the tally of what was done: the row every rate counts.

    Areas are those of the person when the period opened. The tally is kept by `visits_record` in the same
    transaction as the fact. `excused` holds the reason; an excused duty counts neither for nor against.
    `calls_owed` and `visits_owed` are the base of the rule and tier, or more while an emergency is on.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="duties", db_index=False)
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="duties", db_index=False)
    name = models.CharField(max_length=40)
    period_start = models.DateField(_("开始"))
    period_end = models.DateField(_("结束（含当天）"))
    tier = models.CharField(_("分级"), max_length=24, blank=True)
    tier_rank = models.SmallIntegerField(default=0, help_text=_("分级次序，0 最急"))
    base_calls = models.SmallIntegerField()
    base_visits = models.SmallIntegerField()
    calls_owed = models.SmallIntegerField(_("应通话"))
    visits_owed = models.SmallIntegerField(_("应上门"))
    calls_done = models.SmallIntegerField(_("已通话"), default=0)
    visits_done = models.SmallIntegerField(_("已上门"), default=0)
    late = models.BooleanField(_("含补录"), default=False)
    excused = models.CharField(_("暂停事由"), max_length=16, choices=EXCUSES, blank=True, default="")
    joined_on = models.DateField(_("期中加入"), null=True)
    helper = models.ForeignKey(User, models.PROTECT, null=True, related_name="duties", db_index=False)
    kept = models.GeneratedField(
        expression=Q(calls_done__gte=F("calls_owed"), visits_done__gte=F("visits_owed")),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("职责")
        db_table = "duties_duty"
        constraints = [
            models.UniqueConstraint(fields=["person", "period_start", "name"], name="duty_once"),
        ]
        indexes = [
            models.Index(fields=["name", "period_start", "county", "town", "village"], name="duty_place"),
            models.Index(fields=["helper", "name", "period_start"], name="duty_helper"),
            # the order of the due list; no column of it changes when a visit is counted, so that updates stay off indexes
            models.Index(fields=["name", "period_start", "tier_rank", "village", "id"], name="duty_due"),
        ]


class Tally(AreaScoped):
    """The sums of one village, rule and period: kept by a trigger in the same transaction as the duties it adds up.

    >>> Tally.objects.filter(name="visiting", period_start=date(2026, 11, 9)).aggregate(Sum("kept"), Sum("owed"))
    {'kept__sum': 4512, 'owed__sum': 5000}
    """

    name = models.CharField(max_length=40)
    period_start = models.DateField(_("开始"))
    period_end = models.DateField(_("结束（含当天）"))
    owed = models.IntegerField(_("应访"), default=0)
    kept = models.IntegerField(_("已访"), default=0)
    excused = models.IntegerField(_("暂停"), default=0)
    late = models.IntegerField(_("含补录"), default=0)

    class Meta:
        verbose_name = _("村级合计")
        db_table = "duties_tally"
        constraints = [models.UniqueConstraint(fields=["name", "period_start", "village"], name="duty_tally_once")]


class Excuse(AreaScoped):
    """Why a person need not be visited from–to: named, signed, dated; it suspends the duty, it does not fail it.

    `event_id`: the life event it follows from (death, hospital …); withdrawn by itself when that event is undone.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="excuses", db_index=False)
    reason = models.CharField(_("事由"), max_length=16, choices=OFFERED_EXCUSES)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束（含当天）"), null=True)
    event_id = models.BigIntegerField(null=True)
    by = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.IntegerField(null=True)

    class Meta:
        verbose_name = _("暂停登记")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="excuse_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期。"),
            ),
            models.UniqueConstraint(
                fields=["event_id", "starts_on"], condition=Q(withdrawn_at=None), name="excuse_of_event_once"
            ),
        ]
        indexes = [models.Index(fields=["person", "starts_on"], name="excuse_person")]
