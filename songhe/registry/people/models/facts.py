"""What is known of a person from when to when, from where: circumstances, events, assessments, who looks in."""

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from songhe.registry.people.models.history import SCOPE, unindexed
from songhe.registry.people.models.person import Person
from songhe.registry.people.models.rosters import ImportBatch
from songhe.registry.people.terms import CIRCUMSTANCES, EVENTS, RELATIONS
from songhe.registry.places.models import AreaScoped


class FieldSource(models.Model):
    """Where one field's value came from, from when it holds, and who verified it; absent = as the whole file says."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="field_sources")
    field = models.CharField(max_length=40)
    source = models.CharField(_("来源"), max_length=60)
    valid_from = models.DateField(_("起始日期"), null=True)
    verified_by = models.IntegerField(null=True)
    verified_on = models.DateField(_("核实日期"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "field"], name="field_source_once")]


def _from_to(model_fields: list[str]) -> list:
    span = Func(F("valid_from"), Coalesce("valid_to", Value("infinity")), function="daterange")
    return [*((field, RangeOperators.EQUAL) for field in model_fields), (span, RangeOperators.OVERLAPS)]


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(row=pghistory.Old), obj_field=None, context_field=None,
    attrs=unindexed(*SCOPE) | unindexed("batch", to="people.ImportBatch") | unindexed("person", to="people.Person"),
    meta={"indexes": [models.Index(fields=["person", "pgh_created_at"], name="circumstanceevent_person")]},
)  # fmt: skip
class Circumstance(AreaScoped):
    """A special circumstance (独居、空巢、特困 …) of a person from–to, with source, verifier and age of the fact."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="circumstances")
    kind = models.CharField(_("困难情形"), max_length=24, choices=[(c.code, c.label) for c in CIRCUMSTANCES])
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("终止日期"), null=True)
    source = models.CharField(_("来源"), max_length=60)
    verified_by = models.IntegerField(null=True)
    verified_on = models.DateField(_("核实日期"), null=True)
    detail = models.JSONField(default=dict, help_text=_("残疾证号段、等级等"))
    batch = models.ForeignKey(
        ImportBatch, models.SET_NULL, null=True, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("困难情形")
        db_table = "people_circumstance"
        constraints = [
            ExclusionConstraint(
                name="circumstance_not_twice",
                expressions=_from_to(["person", "kind"]),
                violation_error_message=_("同一情形的日期不能重叠。"),
            )
        ]
        indexes = [models.Index(fields=["kind", "village"], name="circumstance_kind")]


class Contact(models.Model):
    """Somebody to call: relative, neighbour, friend; in order of priority."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="contacts")
    name = models.CharField(_("姓名"), max_length=40)
    relation = models.CharField(_("关系"), max_length=16, choices=RELATIONS)
    phone_sealed = models.BinaryField(_("电话"), null=True)
    phone_blind = models.BinaryField(null=True, editable=False)
    priority = models.SmallIntegerField(_("顺序"), default=1)
    lives_near = models.BooleanField(_("住在附近"), default=False)

    class Meta:
        verbose_name = _("联系人")
        ordering = ["priority", "pk"]
        indexes = [models.Index(fields=["phone_blind"], name="contact_phone", condition=Q(phone_blind__isnull=False))]


class Benefit(models.Model):
    """An allowance or certificate held from–to (低保、高龄津贴、残疾证 …)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="benefits")
    kind = models.CharField(_("种类"), max_length=40)
    level = models.CharField(_("等级"), max_length=20, blank=True)
    number_sealed = models.BinaryField(null=True)
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("终止日期"), null=True)
    source = models.CharField(_("来源"), max_length=60, blank=True)


class LifeEvent(AreaScoped):
    """Something that happened to a person and what follows from it (duties close, a queue opens)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="events")
    kind = models.CharField(_("事件"), max_length=20, choices=EVENTS)
    on = models.DateField(_("日期"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    detail = models.JSONField(default=dict, help_text=_("迁居前后的村（社区）等，供撤销"))
    source = models.CharField(_("来源"), max_length=60, blank=True)
    by = models.IntegerField(default=0)
    recorded_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("生命事件")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "on"], condition=Q(undone_at=None), name="life_event_once"
            )
        ]
        indexes = [models.Index(fields=["recorded_at"], name="life_event_recorded")]


class Assessment(AreaScoped):
    """An ability assessment: GB/T 42195-2022 in full, or another scale's result recorded beside it (never converted)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="assessments")
    scale = models.CharField(_("量表"), max_length=16)
    version = models.CharField(max_length=40)
    reason = models.CharField(_("评估原因"), max_length=16)
    on = models.DateField(_("评估日期"))
    answers = models.JSONField(default=dict)
    subtotals = models.JSONField(default=dict)
    total = models.SmallIntegerField(_("总分"), null=True)
    initial_level = models.SmallIntegerField(_("初步等级"), null=True)
    adjustments = models.JSONField(default=list)
    level = models.SmallIntegerField(_("最终等级"), null=True)
    result_text = models.CharField(max_length=60, blank=True)
    assessors = ArrayField(models.CharField(max_length=40), verbose_name=_("评估员"), default=list)
    informant = models.CharField(_("信息提供者"), max_length=40, blank=True)
    informant_relation = models.CharField(max_length=16, blank=True)
    agency = models.CharField(_("评估机构"), max_length=80, blank=True)
    valid_to = models.DateField(_("有效期至"), null=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("能力评估")
        constraints = [
            models.CheckConstraint(
                condition=~Q(scale="gbt42195") | Q(assessors__len__gte=2),
                name="assessment_two_assessors",
                violation_error_message=_("能力评估须两名评估员签字（GB/T 42195-2022 表 C）。"),
            )
        ]


class Merge(AreaScoped):
    """Two files found to be one person: what moved, so that it can be undone."""

    kept = models.ForeignKey(Person, models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Person, models.PROTECT, related_name="absorbed_in")
    moved = models.JSONField(default=dict)
    reason = models.CharField(_("理由"), max_length=200)
    by = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("档案合并")
