"""A notice as it was read, and what people decided about its lines.

notice  定州 2023 · 34 items · 1 warning
ruling  i6 accept · i7 correct {"value": 22} · i9 merge into i6 · w1 answered “按字面，9 月底前”
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from songhe.registry.places.models import AreaScoped, Place


class NoticeDraft(AreaScoped):
    """One notice dropped in. `reading` is what `insight.reading.read` gave that day and never changes; rulings stand beside it."""

    STATES = [("open", _("待确认")), ("confirmed", _("已确认")), ("dropped", _("已放弃"))]
    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True)  # the area of whoever dropped it in
    title = models.CharField(_("标题"), max_length=300)
    file_name = models.CharField(_("文件名"), max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200, blank=True)
    reading = models.JSONField(_("识读结果"))
    state = models.CharField(_("状态"), max_length=9, choices=STATES, default="open")
    programme = models.SlugField(_("方案编号"), max_length=60, blank=True)
    definition = models.TextField(_("方案定义"), blank=True)
    made_by = models.IntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    closed_by = models.IntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("通知草稿")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="confirmed", programme__gt="", definition__gt="")
                | ~models.Q(state="confirmed"),
                name="draft_confirmed_has_programme",
                violation_error_message=_("确认的草稿须有方案编号和定义。"),
            )
        ]

    def __str__(self) -> str:
        return self.title


class Ruling(AreaScoped):
    """What a person said about one item or warning. The last one counts; none is ever changed."""

    WHAT = [
        ("accept", _("采纳")),
        ("correct", _("更正")),
        ("merge", _("并入")),
        ("reject", _("不采纳")),
        ("answer", _("答复提醒")),
    ]
    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True)
    draft = models.ForeignKey(NoticeDraft, models.CASCADE, related_name="rulings", verbose_name=_("草稿"))
    about = models.CharField(_("条目"), max_length=12)
    what = models.CharField(_("处理"), max_length=7, choices=WHAT)
    changes = models.JSONField(_("改动"), default=dict, blank=True)
    into = models.CharField(_("并入"), max_length=12, blank=True)
    words = models.TextField(_("说明"), blank=True)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("处理意见")
        indexes = [models.Index(fields=["draft", "about", "id"], name="ruling_last")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(what="merge") | models.Q(into__gt=""),
                name="ruling_merge_has_target",
                violation_error_message=_("并入须指明并到哪一条。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(what="answer") | models.Q(words__gt=""),
                name="ruling_answer_has_words",
                violation_error_message=_("答复提醒须写明怎样认定。"),
            ),
        ]
