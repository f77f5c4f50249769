"""The ledger of standing duties: what is owed to whom in which period, what was done, what was excused."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from songhe.registry.people.models import Person
from songhe.registry.places.models import AreaScoped, Place, ScopedQuerySet


class Rule(models.Model):
    """One version of a standing duty, as read from `definitions/duties/*.yaml`; never edited once a period used it."""

    name = models.CharField(_("规则"), max_length=40)
    version = models.CharField(_("版本"), max_length=16, help_text="sha256[:16] of the definition")
    commitment = models.CharField(_("承诺编号"), max_length=8, blank=True)
    title = models.CharField(_("名称"), max_length=80)
    title_en = models.CharField(max_length=120)
    source = models.JSONField(_("依据"), default=dict, help_text="{title, number, issuer, date, clause}")
    period_kind = models.CharField(_("周期"), max_length=8, choices=[("week", _("周")), ("month", _("月"))])
    owed_to = models.IntegerField(_("对象情形"), help_text=_("困难情形位图，任一即为对象"))
    calls_owed = models.SmallIntegerField(_("应通话次数"), default=0)
    visits_owed = models.SmallIntegerField(_("应上门次数"), default=0)
    call_modes = models.JSONField(_("计为通话的方式"), default=list)
    visit_modes = models.JSONField(_("计为上门的方式"), default=list)
    tiers = models.JSONField(
        _("分级频次"), default=list, help_text="[{name, any_of, calls, visits, age_from}] first match wins"
    )
    excuse_min_days = models.SmallIntegerField(_("暂停满几天整期免责"), default=4)
    late_after_days = models.SmallIntegerField(_("期后几天录入记为补录"), default=0)
    valid_from = models.DateField(_("施行日期"))
    valid_to = models.DateField(_("废止日期"), null=True)
    definition = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("职责规则")
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="duty_rule_version_once")]

    def __str__(self):
        return self.title


class Adoption(models.Model):
    """Which rule a place follows, from–to: a city switches its own set on (两电一访, or the national monthly rate)."""

    name = models.CharField(_("规则"), max_length=40)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地点"))
    valid_from = models.DateField(_("施行日期"))
    valid_to = models.DateField(_("停用日期"), null=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("规则采用")
        constraints = [models.UniqueConstraint(fields=["name", "place", "valid_from"], name="duty_adoption_once")]


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
    ended_at = models.DateTimeField(_("提前解除"), null=True)

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
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    period_start = models.DateField(_("开始"))
    period_end = models.DateField(_("结束（含当天）"))
    owed = models.IntegerField(_("应访人数"), default=0)
    opened_at = models.DateTimeField(auto_now_add=True)
    opened_by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("周期")
        constraints = [
            models.UniqueConstraint(fields=["rule", "place", "period_start"], name="duty_opening_once"),
        ]


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
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="duties", db_index=False)
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="duties", db_index=False)
    name = models.CharField(max_length=40)
    period_start = models.DateField(_("开始"))
    period_end = models.DateField(_("结束（含当天）"))
    tier = models.CharField(_("分级"), max_length=24, blank=True)
    calls_owed = models.SmallIntegerField(_("应通话"))
    visits_owed = models.SmallIntegerField(_("应上门"))
    calls_done = models.SmallIntegerField(_("已通话"), default=0)
    visits_done = models.SmallIntegerField(_("已上门"), default=0)
    late = models.BooleanField(_("含补录"), default=False)
    excused = models.CharField(_("暂停事由"), max_length=16, blank=True, default="")
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
            models.UniqueConstraint(fields=["person", "name", "period_start"], name="duty_once"),
        ]
        indexes = [
            models.Index(fields=["name", "period_start", "village"], name="duty_village"),
            models.Index(fields=["name", "period_start", "town"], name="duty_town"),
            models.Index(fields=["person", "period_start"], name="duty_person"),
        ]


EXCUSES = [
    ("away", _("外出探亲")),
    ("hospital", _("住院")),
    ("refused", _("本人拒绝")),
    ("institution", _("入住机构")),
    ("moved_out", _("迁出")),
    ("deceased", _("去世")),
    ("other", _("其他")),
]


class Excuse(AreaScoped):
    """Why a person need not be visited from–to: named, signed, dated; it suspends the duty, it does not fail it."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="excuses")
    reason = models.CharField(_("事由"), max_length=16, choices=EXCUSES)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束（含当天）"), null=True)
    by = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("暂停登记")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="excuse_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期。"),
            )
        ]
        indexes = [models.Index(fields=["person", "starts_on"], name="excuse_person")]
