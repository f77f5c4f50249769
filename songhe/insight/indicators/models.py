"""Figures frozen at month-end; live figures are never stored, they are counted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from songhe.registry.places.models import Place


class Frozen(models.Model):
    """One indicator's figure for a place and a period as it stood when the month was closed.

    A revision is a new row with `revises` and a reason: it stands beside the frozen figure, never in its place.
    """

    indicator = models.CharField(_("指标"), max_length=60)
    version = models.CharField(max_length=16)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    period = models.CharField(_("周期"), max_length=12, help_text="2026-W46, 2026-11, 2026-H2")
    numerator = models.IntegerField(_("分子"))
    denominator = models.IntegerField(_("分母"))
    frozen_at = models.DateTimeField(_("封存时间"))
    frozen_by = models.IntegerField(default=0)
    revises = models.ForeignKey("self", models.PROTECT, null=True, related_name="revisions")
    reason = models.CharField(_("修订理由"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("封存指标")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "place", "period"],
                condition=models.Q(revises=None),
                name="frozen_once",
            )
        ]
