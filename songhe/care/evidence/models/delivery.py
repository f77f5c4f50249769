"""What proves that an order was served: start and finish of each carer, pictures and signatures, what was asked about it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from songhe.care.evidence import terms
from songhe.care.services.models import Order, Worker
from songhe.registry.places.models import AreaScoped, ScopedQuerySet


class ByOrder(ScopedQuerySet):
    def visible_to(self, post):
        """Rows of the area; for a provider's manager and a care worker those of the orders they may see."""
        seen = super().visible_to(post)
        if post is not None and post.role in ("operator", "care_worker"):
            return seen.filter(order__in=Order.objects.visible_to(post))
        return seen


class Stamp(AreaScoped):
    """A carer began or ended an order: one fact, sent by a telephone (or entered by a supervisor, with the reason).

    Never edited. `at` is when it happened, `received_at` when the server had it. A missing position is unknown, not wrong.

    >>> stamp.kind, stamp.worker_id, stamp.longitude, stamp.accuracy
    ('start', 12, 115.02, 18.0)
    """

    client_uuid = models.UUIDField(unique=True)
    digest = models.BinaryField()
    order = models.ForeignKey(Order, models.PROTECT, related_name="stamps", verbose_name=_("订单"))
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="stamps", verbose_name=_("护理员"))
    kind = models.CharField(_("环节"), max_length=6, choices=terms.STAMPS)
    at = models.DateTimeField(_("时间"))
    client_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(_("收到时间"))
    longitude = models.FloatField(_("经度"), null=True, help_text="CGCS2000")
    latitude = models.FloatField(_("纬度"), null=True, help_text="CGCS2000")
    accuracy = models.FloatField(_("精度（米）"), null=True)
    device = models.CharField(_("手机"), max_length=36, blank=True)
    channel = models.CharField(_("来源"), max_length=6, choices=terms.CHANNELS, default="phone")
    reason = models.CharField(_("补录理由"), max_length=200, blank=True)
    by = models.IntegerField(default=0)

    objects = ByOrder.as_manager()

    class Meta:
        verbose_name = _("服务起止")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "worker", "kind"], name="stamp_once",
                violation_error_message=_("这名护理员的这个环节已登记。"),
            ),
            models.CheckConstraint(
                condition=~Q(channel="desk") | ~Q(reason=""),
                name="stamp_entered_with_reason",
                violation_error_message=_("主管补录须写明理由。"),
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__isnull=False, latitude__isnull=False),
                name="stamp_position_whole",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["worker", "at"], name="stamp_worker")]


class Proof(models.Model):
    """A picture (two fingerprints, kept sealed), a signature (strokes, sealed) or the person's own code, with a stamp."""

    stamp = models.ForeignKey(Stamp, models.CASCADE, related_name="proofs")
    kind = models.CharField(_("凭据"), max_length=9, choices=terms.PROOFS)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    dhash = models.BigIntegerField(null=True)
    phash = models.BigIntegerField(null=True)
    stored_as = models.CharField(max_length=200, blank=True)
    sealed = models.BinaryField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("服务凭据")
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="photo") | Q(dhash__isnull=False, phash__isnull=False), name="proof_photo_printed"
            ),
        ]
        indexes = [models.Index(fields=["dhash"], name="proof_dhash", condition=Q(dhash__isnull=False))]


class Check(AreaScoped):
    """Where an order's evidence stands: open, accepted (may be settled) or refused. One row an order.

    Opened when the order is done; accepted by itself only when no flag waits; `by` 0: nothing was in doubt.
    """

    order = models.OneToOneField(Order, models.PROTECT, related_name="check_of", verbose_name=_("订单"))
    state = models.CharField(_("核定"), max_length=8, choices=terms.CHECK_STATES, default="open")
    looked_at = models.DateTimeField(_("核对时间"), null=True)
    decided_at = models.DateTimeField(_("核定时间"), null=True)
    by = models.IntegerField(default=0)
    settled_at = models.DateTimeField(_("结算送签时间"), null=True, help_text=_("有此时间的，核定不再改变"))

    objects = ByOrder.as_manager()

    class Meta:
        verbose_name = _("凭据核定")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True) | Q(decided_at__isnull=False) & ~Q(state="open"),
                name="check_decided_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["county", "state"], name="check_county_state")]


class Flag(AreaScoped):
    """A rule asks for a look at one carer's part of an order. Somebody answers it, with a reason; nobody is accused by it.

    `waits`: must be answered before the order can be settled. `facts` fill the rule's sentence.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="flags", verbose_name=_("订单"))
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="flags", verbose_name=_("护理员"))
    rule = models.CharField(_("规则"), max_length=16)
    on = models.DateField(_("服务日期"))
    others = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("对照订单"))
    facts = models.JSONField(_("事实"), default=dict)
    waits = models.BooleanField(_("须核定"))
    verdict = models.CharField(_("核定"), max_length=8, choices=terms.FLAG_VERDICTS, blank=True, default="")
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    decided_by = models.IntegerField(null=True)
    decided_at = models.DateTimeField(_("核定时间"), null=True)
    raised_at = models.DateTimeField(auto_now_add=True)

    objects = ByOrder.as_manager()

    class Meta:
        verbose_name = _("核对提示")
        constraints = [
            models.UniqueConstraint(fields=["order", "worker", "rule"], name="flag_once"),
            models.CheckConstraint(
                condition=Q(verdict="", decided_at__isnull=True) | ~Q(verdict="") & Q(decided_at__isnull=False),
                name="flag_decided_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(verdict="") | ~Q(reason=""),
                name="flag_decided_with_reason",
                violation_error_message=_("核定须写明理由。"),
            ),
        ]
        indexes = [
            models.Index(fields=["county", "on"], name="flag_county_waits", condition=Q(waits=True, verdict="")),
            models.Index(fields=["rule", "on"], name="flag_rule"),
        ]
