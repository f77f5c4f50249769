"""Looking at a site: the kit made from the standards, what was found, what has to be put right, who signed."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from songhe.registry.facilities import terms
from songhe.registry.facilities.models.facilities import Facility, Fact
from songhe.registry.places.models import AreaScoped, Place


class Draw(AreaScoped, Fact):
    """A random draw for spot checks. Anybody can repeat it: the order is sha256(seed + uid) over the listed population.

    >>> draw.seed, draw.size, draw.drawn
    ('7f3a…', 3, [14, 9, 27])
    """

    village = models.ForeignKey(
        Place, models.PROTECT, related_name="+", null=True, db_index=False, verbose_name=_("村（社区）")
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("范围"))
    on = models.DateField(_("抽查日期"))
    kinds = ArrayField(models.CharField(max_length=20), verbose_name=_("设施类型"))
    seed = models.CharField(_("随机种子"), max_length=64)
    size = models.PositiveIntegerField(_("抽取数"))
    population = ArrayField(models.UUIDField(), verbose_name=_("抽取范围"))
    drawn = ArrayField(models.BigIntegerField(), verbose_name=_("抽中"))

    class Meta:
        verbose_name = _("随机抽查")


class Inspection(Fact):
    """One visit of a team to a site with a checklist frozen from the standards of that day.

    A re-inspection is a row of its own (`again_of`) over the lines that failed; a verdict is never overwritten.
    """

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="inspections")
    kind = models.CharField(_("检查类型"), max_length=12, choices=terms.INSPECTIONS)
    on = models.DateField(_("检查日期"))
    team = ArrayField(models.CharField(max_length=40), verbose_name=_("检查组成员"))
    again_of = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="again", verbose_name=_("复查的检查")
    )
    draw = models.ForeignKey(Draw, models.PROTECT, null=True, related_name="inspections", verbose_name=_("抽查批次"))
    verdict = models.CharField(_("结论"), max_length=4, choices=terms.VERDICTS, blank=True)
    opinion = models.CharField(_("意见"), max_length=400, blank=True)
    concluded_at = models.DateTimeField(null=True)
    concluded_by = models.IntegerField(null=True)
    signed_on = models.DateField(_("签字日期"), null=True)
    signed_by = models.IntegerField(null=True)

    class Meta:
        verbose_name = _("检查")
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_on=None) | Q(verdict="pass"),
                name="inspection_signed_if_passed",
                violation_error_message=_("结论为合格后才能签字。"),
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | Q(signed_by=0) | ~Q(signed_by=F("concluded_by")),
                name="inspection_signed_by_another",
                violation_error_message=_("下结论的人不能给自己签字。"),
            ),
            models.UniqueConstraint(
                fields=["facility", "kind"],
                condition=Q(verdict=""),
                name="inspection_one_open",
                violation_error_message=_("这处设施还有一次未下结论的同类检查。"),
            ),
        ]


class Line(models.Model):
    """One clause of the checklist, frozen when the inspection began: what is asked, what the register says, what was measured.

    `definition` {id, standard, title, operator, value, unit, measure, codes, hard, photo, source…}; `measured` {"value": 203.5}
    or {"codes": ["kitchen"]}, None until somebody looked.
    """

    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    clause = models.CharField(max_length=60)
    definition = models.JSONField()
    registered = models.JSONField(_("登记值"), null=True)
    measured = models.JSONField(_("实测值"), null=True)
    result = models.CharField(_("结果"), max_length=14, choices=terms.RESULTS, default="unknown")
    remark = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("检查项")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["inspection", "clause"], name="line_once")]


class Photo(Fact):
    """A photograph of a checklist line. One photograph cannot pass two sites: the database refuses its hash at another one."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="photos")
    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="photos")
    line = models.ForeignKey(Line, models.CASCADE, null=True, related_name="photos")
    stored_as = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    dhash = models.BigIntegerField(help_text=_("亮度差哈希，64 位"))
    phash = models.BigIntegerField(help_text=_("频域哈希，64 位"))
    caption = models.CharField(_("说明"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("照片")
        constraints = [
            ExclusionConstraint(
                name="photo_one_site",
                expressions=[("dhash", "="), ("phash", "="), ("facility", "<>")],
                violation_error_message=_("这张照片已用于另一处设施，不能再用。请到现场重新拍摄。"),
            )
        ]


class Rectification(Fact):
    """整改单: what failed has to be put right by a day; closed by a re-inspection that passes, not by a word."""

    inspection = models.OneToOneField(Inspection, models.CASCADE, related_name="rectification")
    number = models.CharField(_("整改单号"), max_length=30, unique=True)
    issued_on = models.DateField(_("下发日期"))
    due_on = models.DateField(_("整改期限"))
    addressed_to = models.CharField(_("整改单位"), max_length=120)

    class Meta:
        verbose_name = _("整改单")
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__gte=F("issued_on")),
                name="rectification_due_later",
                violation_error_message=_("整改期限不能早于下发日期。"),
            )
        ]


class Repair(Fact):
    """What was done about one failed line, by whom; it still has to be looked at again."""

    line = models.ForeignKey(Line, models.CASCADE, related_name="repairs")
    on = models.DateField(_("整改日期"))
    done = models.CharField(_("整改情况"), max_length=300)

    class Meta:
        verbose_name = _("整改记录")
