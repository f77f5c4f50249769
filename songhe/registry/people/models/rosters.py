"""Rosters brought in, and what each changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from songhe.registry.places.models import AreaScoped, Place


class ImportBatch(AreaScoped):
    """One roster brought in: previewed, confirmed, undone; the original file is kept, sealed."""

    STATES = [
        ("previewed", _("已预览")),
        ("running", _("导入中")),
        ("done", _("已导入")),
        ("refused", _("未导入")),
        ("undone", _("已撤销")),
    ]
    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True)  # the area of whoever imports
    file_name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default="previewed")
    source = models.CharField(_("数据来源"), max_length=120, blank=True)
    mapping = models.JSONField(_("列对应"), default=dict)
    progress = models.IntegerField(_("已处理行"), default=0)
    rows = models.IntegerField(_("总行数"), default=0)
    added = models.IntegerField(_("新增"), default=0)
    updated = models.IntegerField(_("更新"), default=0)
    unchanged = models.IntegerField(_("无变化"), default=0)
    rejected = models.IntegerField(_("有误"), default=0)
    errors = models.JSONField(_("错误"), default=list, help_text="[{row, column, reason, reason_en}]")
    warnings = models.JSONField(_("提醒"), default=list, help_text="[{row, column, reason, reason_en}]")
    origin = models.CharField(max_length=7, default="import")
    made_by = models.IntegerField(default=0)
    post_id_made = models.IntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("导入批次")


class ImportChange(models.Model):
    """What one import changed in a file that existed before, so that the batch can be undone."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="changes")
    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+")
    before = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "person"], name="import_change_once")]
