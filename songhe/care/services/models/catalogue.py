"""What can be ordered, at what price, by whom, and what is owed to whom: versions of a city's catalogue, from–to."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from songhe.care.services import terms


class CatalogueQuerySet(models.QuerySet):
    def in_force(self, on):
        """Versions in force on a day (`valid_to` not included)."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=on), valid_from__lte=on)


class Catalogue(models.Model):
    """One version of a city's catalogue (definitions/services/catalogues). A new price is a new version, never an edit.

    >>> Catalogue.objects.in_force(date(2026, 11, 1)).get(name="dingzhou").urgencies["emergency"]
    {'dispatch_minutes': 5, 'arrive_minutes': 60}
    """

    name = models.CharField(_("目录"), max_length=40)
    version = models.CharField(_("内容摘要"), max_length=16)
    title = models.CharField(_("名称"), max_length=120)
    title_en = models.CharField(max_length=160)
    places = ArrayField(models.CharField(max_length=12), verbose_name=_("适用地区代码"))
    source = models.JSONField(_("依据"), help_text=_("文件、文号、机关、日期、是否核对过原件"))
    urgencies = models.JSONField(_("时限"), help_text="{urgency: {dispatch_minutes, arrive_minutes}}")
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("终止日期"), null=True, help_text=_("不含当天"))

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("服务目录")
        constraints = [
            models.UniqueConstraint(fields=["name", "valid_from"], name="catalogue_once"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="catalogue_dates_in_order"
            ),
        ]

    def __str__(self):
        return self.title


class Item(models.Model):
    """One service of a catalogue version: unit, price, least minutes, who may give it, how many carers, which proof."""

    catalogue = models.ForeignKey(Catalogue, models.CASCADE, related_name="items")
    code = models.CharField(_("编号"), max_length=40)
    kind = models.CharField(_("类别"), max_length=16, choices=terms.KINDS)
    name = models.CharField(_("服务"), max_length=60)
    name_en = models.CharField(max_length=80)
    unit = models.CharField(_("单位"), max_length=12)
    price = models.DecimalField(_("单价（元）"), max_digits=10, decimal_places=2)
    minutes = models.PositiveSmallIntegerField(_("最短时长（分钟）"))
    carers = models.PositiveSmallIntegerField(_("护理员人数"), default=1)
    qualifications = ArrayField(models.CharField(max_length=16), default=list, verbose_name=_("须持证书"))
    proofs = ArrayField(models.CharField(max_length=16), default=list, verbose_name=_("凭据"))
    may_order = ArrayField(models.CharField(max_length=12), default=list, verbose_name=_("受理渠道"))
    urgency = models.CharField(_("缓急"), max_length=10, choices=terms.URGENCIES, default="planned")
    needs = ArrayField(models.CharField(max_length=12), default=list, verbose_name=_("对应探访发现的需要"))
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("服务项目")
        ordering = ["catalogue", "position"]
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "code"], name="item_once_a_catalogue"),
            models.CheckConstraint(condition=Q(carers__in=[1, 2]), name="item_one_or_two_carers"),
            models.CheckConstraint(condition=Q(price__gte=0, minutes__gt=0), name="item_price_and_minutes"),
        ]

    def __str__(self):
        return self.name


class Entitlement(models.Model):
    """What a catalogue version owes to people of certain circumstances and ability levels: so many units a month.

    All given conditions must hold: any of `any_of` (bits of Person.tags), all of `all_of`, a level in `ability_levels`,
    the age. The first by `position` that covers an item applies. `government_share` is the part in percent paid for them.
    """

    catalogue = models.ForeignKey(Catalogue, models.CASCADE, related_name="entitlements")
    code = models.CharField(_("编号"), max_length=40)
    title = models.CharField(_("名称"), max_length=80)
    title_en = models.CharField(max_length=120)
    clause = models.JSONField(_("条款"), help_text='{"zh", "en", "where"}')
    any_of = models.IntegerField(default=0)
    all_of = models.IntegerField(default=0)
    ability_levels = ArrayField(models.SmallIntegerField(), default=list)
    age_from = models.SmallIntegerField(default=0)
    items = ArrayField(models.CharField(max_length=40), verbose_name=_("项目"))
    quota = models.PositiveSmallIntegerField(_("每月额度"))
    government_share = models.PositiveSmallIntegerField(_("政府承担（%）"), default=100)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("服务额度规则")
        ordering = ["catalogue", "position"]
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "code"], name="entitlement_once_a_catalogue"),
            models.CheckConstraint(condition=Q(government_share__lte=100), name="entitlement_share_in_percent"),
        ]

    def __str__(self):
        return self.title
