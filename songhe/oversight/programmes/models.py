"""What is told about a programme where nothing else can know it: evidenced entries, never edited, corrected by a new row."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from songhe.registry.places.models import AreaScoped, Place

ORIGINS = [("entered", _("录入")), ("demo", _("演示"))]


class Entry(AreaScoped):
    """A figure as of a day, with its evidence, for one goal and one place (city, township or village).

    `base` is the denominator of a rate. The latest entry that no later one corrects is the figure.

    >>> Entry(programme="dingzhou-2023", goal="school_events", value=96, base=98, as_of=date(2023, 9, 20))
    <Entry: dingzhou-2023 school_events 96/98 2023-09-20>
    """

    programme = models.CharField(_("工程"), max_length=40)
    goal = models.CharField(_("目标"), max_length=48)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地区"))
    village = models.ForeignKey(
        Place, models.PROTECT, related_name="+", null=True, db_index=False, verbose_name=_("村（社区）")
    )
    value = models.DecimalField(_("数值"), max_digits=14, decimal_places=2)
    base = models.DecimalField(_("分母"), max_digits=14, decimal_places=2, null=True)
    as_of = models.DateField(_("截至"))
    evidence = models.CharField(_("依据"), max_length=200, help_text=_("文件名称和文号、照片批次、会议纪要等"))
    file = models.FileField(_("依据附件"), upload_to="evidence/%Y/%m/", max_length=200, blank=True)
    file_hash = models.CharField(max_length=64, blank=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    by = models.IntegerField(_("填报账号"))
    at = models.DateTimeField(_("填报时间"), auto_now_add=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    reason = models.CharField(_("更正理由"), max_length=200, blank=True)
    origin = models.CharField(max_length=7, choices=ORIGINS, default="entered")

    class Meta:
        verbose_name = _("有据填报")
        indexes = [models.Index(fields=["programme", "goal", "place", "as_of"], name="programmes_entry_goal")]
        constraints = [
            models.CheckConstraint(
                condition=Q(value__gte=0), name="entry_not_negative", violation_error_message=_("数值不能为负。")
            ),
            models.CheckConstraint(
                condition=Q(base=None) | Q(base__gt=0, value__lte=F("base")),
                name="entry_within_base",
                violation_error_message=_("分母须大于零，分子不能大于分母。"),
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(reason=""),
                name="entry_correction_says_why",
                violation_error_message=_("更正须写明理由。"),
            ),
            models.UniqueConstraint(fields=["corrects"], name="entry_corrected_once"),
        ]

    def __str__(self):
        base = f"/{self.base.normalize():f}" if self.base else ""
        return f"{self.programme} {self.goal} {self.value.normalize():f}{base} {self.as_of}"


class Adopted(AreaScoped):
    """A programme confirmed here from a notice, beside those the house ships. Its text was checked and never changes."""

    village = models.ForeignKey(
        Place, models.PROTECT, related_name="+", null=True, db_index=False, verbose_name=_("村（社区）")
    )
    name = models.SlugField(_("方案编号"), max_length=40, unique=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地区"))
    text = models.TextField(_("方案定义"))
    hash = models.CharField(max_length=64)
    by = models.IntegerField(_("经办账号"))
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("本地确认的工程")

    def __str__(self):
        return self.name
