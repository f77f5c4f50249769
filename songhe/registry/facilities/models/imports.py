"""A register of facilities that came as a file: previewed, then taken in once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from songhe.registry.places.models import AreaScoped, Place


class ImportSheet(AreaScoped):
    """One file and what it would do or did. The original is kept, sealed. `errors`: [{row, column, reason, reason_en}]."""

    STATES = [("previewed", _("已预览")), ("done", _("已导入"))]

    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True, db_index=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("地区"))
    file_name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200)
    state = models.CharField(_("状态"), max_length=9, choices=STATES, default="previewed")
    rows = models.IntegerField(_("行数"), default=0)
    added = models.IntegerField(_("新增"), default=0)
    unchanged = models.IntegerField(_("已有"), default=0)
    rejected = models.IntegerField(_("有误"), default=0)
    errors = models.JSONField(_("错误"), default=list)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("设施导入批次")
        indexes = [models.Index(fields=["county", "-at"], name="facility_sheet_county")]
