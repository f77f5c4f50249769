"""Nouns that carry no field word: the audit chain, the calendar of working days, kept files."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One thing that somebody did or read; written only by the SQL function `audit_add`, never changed.

    `hash` = sha256(previous hash of the same chain ‖ canonical text of the row); see `core.audit.verify`.
    """

    at = models.DateTimeField(_("时间"))
    user_id = models.IntegerField(_("账号"))
    post_id = models.IntegerField(_("岗位"))
    verb = models.TextField(_("动作"))
    subject = models.TextField(_("对象"))
    subject_id = models.BigIntegerField(_("对象编号"), null=True)
    area_id = models.IntegerField(_("辖区"), null=True)
    detail = models.JSONField(_("内容"), default=dict)
    chain = models.SmallIntegerField()
    prev = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        verbose_name = _("审计记录")
        db_table = "core_audit"
        indexes = [
            models.Index(fields=["subject", "subject_id", "at"], name="core_audit_subject"),
            models.Index(fields=["user_id", "at"], name="core_audit_user"),
            models.Index(fields=["chain", "id"], name="core_audit_chain"),
        ]


class AuditHead(models.Model):
    """The last hash of each chain; a chain belongs to the database backends whose process id maps on it."""

    chain = models.SmallIntegerField(primary_key=True)
    last_id = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    hash = models.BinaryField()

    class Meta:
        verbose_name = _("审计链")
        db_table = "core_audit_head"


class CalendarDay(models.Model):
    """A day and whether offices work: seeded from published State Council notices, corrected by staff each year."""

    day = models.DateField(_("日期"), primary_key=True)
    is_working = models.BooleanField(_("工作日"))
    note = models.CharField(_("说明"), max_length=40, blank=True)
    source = models.CharField(_("来源"), max_length=80)

    class Meta:
        verbose_name = _("工作日历")
        db_table = "core_calendar_day"


class OutgoingMessage(models.Model):
    """A short message that waits for the city's own machine; number and text sealed, the text wiped once fetched."""

    to_sealed = models.BinaryField(_("号码"))
    text_sealed = models.BinaryField(_("内容"))
    state = models.CharField(max_length=8, choices=[("waiting", _("待发")), ("sent", _("已取走"))], default="waiting")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("待发短信")
        db_table = "core_outgoing"
