"""Bulletins, letters and superiors' forms: what was said on paper, kept as the data it was printed from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from songhe.care.duties.access import SYSTEM
from songhe.registry.places.models import Place


class PaperQuerySet(models.QuerySet):
    """Rows that belong to a place of any level."""

    def visible_to(self, post):
        """Papers of the post's area, and issued ones from above: a notice is for those it is sent to."""
        if post is None:
            return self.none()
        if post is SYSTEM:
            return self.all()
        within = post.place.whole_q("place__")
        return self.filter(within | Q(state="issued", place__in=above(post.place)))

    def within(self, post):
        """Papers of the post's own area."""
        return self.filter(post.place.whole_q("place__")) if post else self.none()


class HouseQuerySet(models.QuerySet):
    """Templates and forms: those of the area, and those of the places above, which their area may use."""

    def visible_to(self, post):
        if post is None:
            return self.none()
        if post is SYSTEM:
            return self.all()
        return self.filter(post.place.whole_q("place__") | Q(place__in=above(post.place)))


def above(place: Place) -> list[int]:
    """Ids of the places over a place."""
    return [pk for pk in (place.town_id, place.county_id, place.city_id, place.province_id) if pk and pk != place.pk]


STATES = [("draft", _("草稿")), ("issued", _("已印发"))]


class Paper(models.Model):
    """What bulletins and letters share: a place, a content to print, a number once issued. Issued rows never change."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地区"))
    state = models.CharField(_("状态"), max_length=6, choices=STATES, default="draft")
    title = models.CharField(_("标题"), max_length=120)
    word = models.CharField(_("发文字"), max_length=20)
    year = models.SmallIntegerField(_("年份"), null=True)
    serial = models.IntegerField(_("序号"), null=True)
    issued_on = models.DateField(_("成文日期"), null=True)
    issued_by = models.IntegerField(_("签发"), default=0)
    content = models.JSONField(_("内容"), default=dict)
    digest = models.CharField(_("内容摘要"), max_length=64, blank=True)
    made_at = models.DateTimeField(_("起草时间"))
    made_by = models.IntegerField(_("起草"), default=0)

    objects = PaperQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return self.number or self.title

    @property
    def number(self) -> str:
        """发文字号, empty while it is a draft."""
        from songhe.oversight.bulletins.rules import document_number

        return document_number(self.word, self.year, self.serial) if self.serial else ""


def _paper_rules(prefix: str) -> list:
    return [
        models.UniqueConstraint(
            fields=["place", "word", "year", "serial"], condition=~Q(serial=None), name=f"{prefix}_number_once",
            violation_error_message=_("这个发文字号已经用过。"),
        ),
        models.CheckConstraint(
            condition=Q(state="draft", serial=None, issued_on=None)
            | Q(state="issued", serial__gte=1, year__isnull=False, issued_on__isnull=False),
            name=f"{prefix}_issued_is_numbered",
            violation_error_message=_("印发的须有发文字号和成文日期，草稿没有。"),
        ),
    ]  # fmt: skip


class Bulletin(Paper):
    """通报 on one programme and month: the frozen figures and the words around them, numbered and dated when issued.

    `figures` are frozen with the month and hashed apart: drafted again, revisions may join the content, the figures stay.
    A mistake is put right by a new bulletin that names the old one (`corrects`).

    >>> bulletin.number, bulletin.period
    ('定民通报〔2023〕5号', '2023-10')
    """

    programme = models.CharField(_("工程"), max_length=60)
    period = models.CharField(_("月份"), max_length=7, help_text="2023-10")
    words = models.JSONField(_("文字"), default=dict)
    figures = models.JSONField(_("封存数"), default=list)
    figures_digest = models.CharField(_("数字摘要"), max_length=64, blank=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections", verbose_name=_("更正"))
    reason = models.CharField(_("更正理由"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("通报")
        constraints = [
            *_paper_rules("bulletin"),
            models.UniqueConstraint(
                fields=["programme", "place", "period"], condition=Q(corrects=None), name="bulletin_once",
                violation_error_message=_("这项工程这个月已有通报。"),
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=Q(state="draft"), name="bulletin_one_correction_at_a_time",
                violation_error_message=_("这份通报已有一份更正在起草。"),
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(reason=""), name="bulletin_correction_says_why",
                violation_error_message=_("更正须写明理由。"),
            ),
        ]  # fmt: skip


class FrozenTarget(models.Model):
    """Where one target of a programme stood at a month's end, as the bulletin says it; a revision is a new row with a reason.

    `row` is what `programmes.queries.Line.row()` gave that day: target, actual, base, state, light, deadline.
    """

    programme = models.CharField(_("工程"), max_length=60)
    goal = models.CharField(_("目标"), max_length=60)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地区"))
    period = models.CharField(_("月份"), max_length=7)
    version = models.CharField(max_length=16)
    row = models.JSONField(_("封存数"))
    frozen_at = models.DateTimeField(_("封存时间"))
    frozen_by = models.IntegerField(default=0)
    revises = models.ForeignKey("self", models.PROTECT, null=True, related_name="revisions")
    reason = models.CharField(_("修订理由"), max_length=200, blank=True)

    objects = HouseQuerySet.as_manager()

    class Meta:
        verbose_name = _("封存目标")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "goal", "place", "period"], condition=Q(revises=None), name="target_frozen_once"
            ),
            models.CheckConstraint(
                condition=Q(revises=None) | ~Q(reason=""), name="target_revision_says_why",
                violation_error_message=_("修订须写明理由。"),
            ),
        ]  # fmt: skip


KINDS = [("supervision", _("督办单")), ("reminder", _("提醒函"))]


class LetterTemplate(models.Model):
    """The text of a letter with named fields, 【单位】; changed by a new version, the old ones stay.

    >>> template.body
    '【单位】：\\n你单位【事项】应于【期限】前完成……'
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地区"))
    kind = models.CharField(_("种类"), max_length=12, choices=KINDS)
    version = models.IntegerField(_("版本"))
    title = models.CharField(_("标题"), max_length=120)
    body = models.TextField(_("正文"), max_length=4000)
    note = models.CharField(_("改了什么"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("时间"))
    made_by = models.IntegerField(_("修改"), default=0)

    objects = HouseQuerySet.as_manager()

    class Meta:
        verbose_name = _("函件模板")
        constraints = [
            models.UniqueConstraint(fields=["place", "kind", "version"], name="letter_template_version_once")
        ]

    def __str__(self):
        return f"{self.get_kind_display()} v{self.version}"


class Letter(Paper):
    """督办单 or 提醒函 written from a template's version with its fields filled in."""

    kind = models.CharField(_("种类"), max_length=12, choices=KINDS)
    template = models.ForeignKey(
        LetterTemplate, models.PROTECT, null=True, related_name="letters", verbose_name=_("模板")
    )
    fields = models.JSONField(_("填写的内容"), default=dict)
    subject = models.CharField(_("关于"), max_length=120, blank=True, help_text="dingzhou-2023/R54")
    answer_by = models.DateField(_("回复期限"), null=True)

    class Meta:
        verbose_name = _("函件")
        constraints = _paper_rules("letter")


class Form(models.Model):
    """A superior's form: their own Excel or Word file, and which of our figures goes where.

    `cells`: [{"cell": "探访率", "caption": "月探访率", "indicator": "weekly_visiting", "side": "value", "place": "", "basis": "frozen"}]
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地区"))
    name = models.CharField(_("名称"), max_length=120)
    asked_by = models.CharField(_("要表的单位"), max_length=120)
    file_name = models.CharField(_("文件名"), max_length=160)
    file = models.BinaryField(_("文件"))
    cells = models.JSONField(_("对应关系"), default=list)
    made_at = models.DateTimeField(_("登记时间"))
    made_by = models.IntegerField(_("登记"), default=0)
    retired_at = models.DateTimeField(_("停用时间"), null=True)

    objects = HouseQuerySet.as_manager()

    class Meta:
        verbose_name = _("上级报表")
        constraints = [models.UniqueConstraint(fields=["place", "name"], condition=Q(retired_at=None), name="form_name_once",
                                               violation_error_message=_("已有同名的报表。"))]  # fmt: skip

    def __str__(self):
        return self.name

    @property
    def kind(self) -> str:
        """ "xlsx" or "docx"."""
        return self.file_name.rpartition(".")[2].lower()


class Filling(models.Model):
    """A form filled for one month: each value with where it came from, as it was sent. Never changed; fill again for a new one.

    `values`: [{"cell", "caption", "value", "indicator", "version", "side", "place", "period", "basis", "as_of", "url", "typed"}]
    """

    form = models.ForeignKey(Form, models.PROTECT, related_name="fillings", verbose_name=_("报表"))
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地区"))
    period = models.CharField(_("月份"), max_length=7)
    values = models.JSONField(_("填的数"), default=list)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("填报时间"))
    made_by = models.IntegerField(_("填报"), default=0)

    objects = HouseQuerySet.as_manager()

    class Meta:
        verbose_name = _("填报")
