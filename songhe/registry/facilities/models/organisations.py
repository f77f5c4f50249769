"""Who operates facilities and on what papers; on which premises. Everything from–to."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from songhe.registry.facilities import terms
from songhe.registry.facilities.models.facilities import ORIGINS, Facility, Fact
from songhe.registry.places.models import Place


class Organisation(Fact):
    """An operator. The unified social credit code (GB 32100-2015) is public and says who it is; it stands once."""

    name = models.CharField(_("名称"), max_length=120)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    kind = models.CharField(_("性质"), max_length=8, choices=terms.ORGANISATIONS)
    place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+", verbose_name=_("登记地"))
    origin = models.CharField(max_length=7, choices=ORIGINS, default="entered")

    class Meta:
        verbose_name = _("运营机构")
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name


def _of_one() -> models.CheckConstraint:
    """A paper belongs to an organisation or to a facility, never to both."""
    return models.CheckConstraint(
        condition=Q(organisation__isnull=True, facility__isnull=False)
        | Q(organisation__isnull=False, facility__isnull=True),
        name="%(class)s_of_one",
    )


class Licence(Fact):
    """A licence of an organisation or of a facility; or, with `absent_reason`, why there is none."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="licences")
    facility = models.ForeignKey(Facility, models.CASCADE, null=True, related_name="licences")
    kind = models.CharField(_("证照"), max_length=12, choices=terms.LICENCES)
    number = models.CharField(_("证号"), max_length=60, blank=True)
    issuer = models.CharField(_("发证机关"), max_length=80, blank=True)
    valid_from = models.DateField(_("发证日期"))
    valid_to = models.DateField(_("有效期至"), null=True, blank=True, help_text=_("含当天；长期有效的不填"))
    absent_reason = models.CharField(_("未办理的原因"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("证照")
        constraints = [
            _of_one(),
            models.CheckConstraint(
                condition=Q(number__gt="", absent_reason="") | Q(number="", absent_reason__gt=""),
                name="licence_number_or_reason",
                violation_error_message=_("请填证号；没有办理的，写明原因。两者只填一项。"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="licence_dates_in_order",
                violation_error_message=_("有效期不能早于发证日期。"),
            ),
        ]
        indexes = [models.Index(fields=["valid_to"], name="licence_expiry", condition=Q(valid_to__isnull=False))]


class Designation(Fact):
    """Designated by long-term care insurance (长护险定点), from–to: what counts is whether it holds on the contract date."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="designations")
    number = models.CharField(_("定点编号"), max_length=60, blank=True)
    agency = models.CharField(_("经办机构"), max_length=80, blank=True)
    valid_from = models.DateField(_("开始"))
    valid_to = models.DateField(_("结束"), null=True, blank=True, help_text=_("含当天"))

    class Meta:
        verbose_name = _("长护险定点")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="designation_dates_in_order"
            )
        ]


class Appraisal(Fact):
    """A score or grade that somebody gave an organisation or a facility, on a day, under a named scheme."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="appraisals")
    facility = models.ForeignKey(Facility, models.CASCADE, null=True, related_name="appraisals")
    on = models.DateField(_("日期"))
    scheme = models.CharField(_("评价办法"), max_length=80)
    score = models.DecimalField(_("得分"), max_digits=7, decimal_places=2, null=True, blank=True)
    grade = models.CharField(_("等级"), max_length=30, blank=True)
    valid_to = models.DateField(_("有效期至"), null=True, blank=True)

    class Meta:
        verbose_name = _("评价")
        constraints = [_of_one()]


def _half_open() -> Func:
    return Func("valid_from", "valid_to", function="daterange", output_field=DateRangeField())


class Operation(Fact):
    """Who operates a facility from–to (`valid_to` not included), how chosen, under which contract."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="operations")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="operations")
    selection = models.CharField(_("选取方式"), max_length=24, choices=terms.SELECTIONS)
    contract = models.CharField(_("合同或批复号"), max_length=80, blank=True)
    contract_on = models.DateField(_("签约日期"))
    exception = models.CharField(
        _("例外理由"), max_length=200, blank=True, help_text=_("不按“原则上”的要求选取时必须写明")
    )
    valid_from = models.DateField(_("开始"))
    valid_to = models.DateField(_("结束"), null=True, blank=True)

    class Meta:
        verbose_name = _("运营关系")
        constraints = [
            ExclusionConstraint(
                name="one_operator_at_a_time",
                expressions=[("facility", RangeOperators.EQUAL), (_half_open(), RangeOperators.OVERLAPS)],
                violation_error_message=_("同一设施同一时间只能有一家运营机构。"),
            )
        ]


class Premises(Fact):
    """Where the rooms come from, from–to, and on what basis rent is subsidised (derived from owner and lease)."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="premises")
    sourcing = models.CharField(_("用房来源"), max_length=18, choices=terms.SOURCINGS)
    owner = models.CharField(_("产权"), max_length=10, choices=terms.OWNERS)
    leased = models.CharField(_("是否租赁"), max_length=6, choices=[("leased", _("租赁")), ("not", _("不租赁"))])
    detail = models.CharField(_("说明"), max_length=200, blank=True)
    valid_from = models.DateField(_("开始"))
    valid_to = models.DateField(_("结束"), null=True, blank=True)

    class Meta:
        verbose_name = _("用房")
        constraints = [
            ExclusionConstraint(
                name="one_premises_at_a_time",
                expressions=[("facility", RangeOperators.EQUAL), (_half_open(), RangeOperators.OVERLAPS)],
                violation_error_message=_("同一设施的用房日期不能重叠。"),
            )
        ]
