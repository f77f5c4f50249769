"""What government buys from whom, and what each month comes to: contracts, lots, prices, recipients; lines and signatures."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from songhe.care.services.models import Order, OwnQuerySet, Provider
from songhe.registry.accounts.models import User
from songhe.registry.people.models import Person
from songhe.registry.places.models import AreaScoped, Place

ORIGINS = [("entered", _("录入")), ("demo", _("演示"))]
STATES = [("draft", _("编制中")), ("signing", _("待签字")), ("signed", _("已签字封存"))]
VERDICTS = [("agree", _("同意支付")), ("return", _("退回"))]
HELD = [
    ("waiting", _("核对提示待核定")),
    ("refused", _("凭据不采信")),
    ("unchecked", _("还没有核对")),
    ("unfinished", _("没有完成登记")),
    ("no_price", _("合同没有这项服务的单价")),
    ("not_recipient", _("不在服务对象名单内")),
    ("outside_lot", _("不在合同包件地区内")),
]
ANSWERS = [("carry", _("转下月")), ("exclude", _("不予结算"))]


class Scoped(AreaScoped):
    """A row of a place at any level: below the place's own level the scope columns are empty."""

    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True, db_index=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("地区"))

    objects = OwnQuerySet.as_manager()

    class Meta:
        abstract = True


class Contract(Scoped):
    """A purchase contract with one provider, from–to; `needed` of those named sign each month.

    >>> contract.number, contract.lots.count(), contract.ends_on
    ('DZ-2026-03', 2, datetime.date(2026, 12, 31))
    """

    number = models.CharField(_("合同编号"), max_length=60)
    title = models.CharField(_("合同名称"), max_length=120)
    buyer = models.CharField(_("购买主体"), max_length=80)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="contracts", verbose_name=_("承接机构"))
    source = models.CharField(_("依据文件"), max_length=200, blank=True)
    starts_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("结束日期"), help_text=_("含当天"))
    ceiling = models.DecimalField(_("合同总价（元）"), max_digits=14, decimal_places=2, null=True)
    needed = models.PositiveSmallIntegerField(_("结算须签字人数"), default=2)
    origin = models.CharField(max_length=7, choices=ORIGINS, default="entered")
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("购买合同")
        constraints = [
            models.UniqueConstraint(
                fields=["place", "number"], name="contract_once", violation_error_message=_("这个合同编号已登记。")
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="contract_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期。"),
            ),
            models.CheckConstraint(
                condition=Q(needed__gte=1),
                name="contract_signed_by_somebody",
                violation_error_message=_("结算至少要一人签字。"),
            ),
        ]

    def __str__(self):
        return self.title


class Lot(models.Model):
    """A part of a contract (包件): the places it covers. `named_only`: only for the people on its list."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="lots")
    name = models.CharField(_("包件"), max_length=60)
    places = models.ManyToManyField(Place, related_name="+", verbose_name=_("覆盖地区"))
    named_only = models.CharField(
        _("服务对象"), max_length=6, default="all", choices=[("all", _("地区内全部享受对象")), ("listed", _("按名单"))]
    )

    class Meta:
        verbose_name = _("包件")
        constraints = [models.UniqueConstraint(fields=["contract", "name"], name="lot_once")]

    def __str__(self):
        return self.name


class Price(models.Model):
    """What one unit of a service costs in a lot, from–to (`valid_to` not included). Replaced, never changed."""

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="prices")
    service = models.CharField(_("服务项目"), max_length=40, help_text=_("服务目录中的编号"))
    unit = models.CharField(_("单位"), max_length=12)
    price = models.DecimalField(_("单价（元）"), max_digits=10, decimal_places=2)
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("终止日期"), null=True)

    class Meta:
        verbose_name = _("合同单价")
        constraints = [
            models.UniqueConstraint(fields=["lot", "service", "valid_from"], name="price_once"),
            models.CheckConstraint(
                condition=Q(price__gte=0) & (Q(valid_to=None) | Q(valid_to__gt=F("valid_from"))),
                name="price_in_order",
            ),
        ]


class Recipient(models.Model):
    """A person served under a lot, from–to, with the circumstances and the ability level of the day they were listed."""

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="recipients")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("老年人"))
    tags = models.IntegerField(_("困难情形"), default=0)
    ability_level = models.SmallIntegerField(_("能力等级"), null=True)
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("终止日期"), null=True)
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("服务对象")
        constraints = [models.UniqueConstraint(fields=["lot", "person", "valid_from"], name="recipient_once")]


class Settlement(Scoped):
    """One month of a contract: its lines are accepted orders, its sum is theirs. Signed by N of M it is frozen for good.

    `gross`, `deducted`, `net`, `orders` (人次) and `persons` (人) are tallies of the lines and deductions, never typed.
    """

    provider_at = "contract__provider"

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="settlements", verbose_name=_("合同"))
    month = models.DateField(_("月份"), help_text=_("当月第一天"))
    state = models.CharField(_("状态"), max_length=8, choices=STATES, default="draft")
    orders = models.PositiveIntegerField(_("人次"), default=0)
    persons = models.PositiveIntegerField(_("人数"), default=0)
    gross = models.DecimalField(_("应结（元）"), max_digits=14, decimal_places=2, default=0)
    deducted = models.DecimalField(_("扣减（元）"), max_digits=14, decimal_places=2, default=0)
    net = models.DecimalField(_("实付（元）"), max_digits=14, decimal_places=2, default=0)
    drawn_up_at = models.DateTimeField(_("编制时间"))
    drawn_up_by = models.IntegerField(default=0)
    needed = models.PositiveSmallIntegerField(_("须签字人数"), default=2)
    asked_at = models.DateTimeField(_("送签时间"), null=True)
    asked_by = models.IntegerField(null=True)
    signed_at = models.DateTimeField(_("封存时间"), null=True)
    digest = models.CharField(_("内容摘要"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("月度结算")
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "month"],
                name="settlement_once_a_month",
                violation_error_message=_("这个月已有结算。"),
            ),
            models.CheckConstraint(condition=Q(net=F("gross") - F("deducted")), name="settlement_adds_up"),
            models.CheckConstraint(condition=Q(month__day=1), name="settlement_from_the_first"),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(signed_at__isnull=False) & ~Q(digest=""),
                name="settlement_signed_whole",
            ),
        ]
        indexes = [models.Index(fields=["county", "month"], name="settlement_county_month")]


class Line(models.Model):
    """One accepted order: units at the lot's price, the part the government pays. An order is settled once."""

    settlement = models.ForeignKey(Settlement, models.CASCADE, related_name="lines")
    order = models.OneToOneField(Order, models.PROTECT, related_name="settled_in", verbose_name=_("订单"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", verbose_name=_("包件"))
    service = models.CharField(_("服务项目"), max_length=40)
    units = models.DecimalField(_("数量"), max_digits=8, decimal_places=2)
    price = models.DecimalField(_("单价"), max_digits=10, decimal_places=2)
    share = models.DecimalField(_("政府承担（%）"), max_digits=5, decimal_places=2)
    amount = models.DecimalField(_("金额"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("结算明细")


class Held(models.Model):
    """An order of the month that cannot be settled as it stands, why, and what was decided: next month, or not paid."""

    settlement = models.ForeignKey(Settlement, models.CASCADE, related_name="held")
    order = models.ForeignKey(Order, models.PROTECT, related_name="+", verbose_name=_("订单"))
    why = models.CharField(_("例外"), max_length=13, choices=HELD)
    answer = models.CharField(_("处理"), max_length=7, choices=ANSWERS, blank=True, default="")
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    by = models.IntegerField(null=True)
    at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("结算例外")
        constraints = [
            models.UniqueConstraint(fields=["settlement", "order"], name="held_once"),
            models.CheckConstraint(
                condition=Q(answer="") | ~Q(reason=""),
                name="held_answered_with_reason",
                violation_error_message=_("处理例外须写明理由。"),
            ),
        ]


class Deduction(models.Model):
    """What a rule takes off a month, with the arithmetic in words."""

    settlement = models.ForeignKey(Settlement, models.CASCADE, related_name="deductions")
    rule = models.CharField(_("规则"), max_length=20)
    amount = models.DecimalField(_("金额"), max_digits=12, decimal_places=2)
    words = models.CharField(_("算式"), max_length=200)
    orders = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        verbose_name = _("扣减")
        constraints = [models.UniqueConstraint(fields=["settlement", "rule"], name="deduction_once")]


class Signer(models.Model):
    """One of the M who may sign a month, and what they said. After a return a new round is asked (`round`)."""

    settlement = models.ForeignKey(Settlement, models.CASCADE, related_name="signers")
    round = models.PositiveSmallIntegerField(default=1)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("签字人"))
    verdict = models.CharField(_("意见"), max_length=6, choices=VERDICTS, blank=True, default="")
    opinion = models.CharField(_("说明"), max_length=200, blank=True)
    at = models.DateTimeField(_("签字时间"), null=True)

    class Meta:
        verbose_name = _("结算签字")
        constraints = [
            models.UniqueConstraint(fields=["settlement", "round", "user"], name="settlement_signer_once"),
            models.CheckConstraint(
                condition=~Q(verdict="return") | ~Q(opinion=""),
                name="settlement_returned_with_reason",
                violation_error_message=_("退回须写明理由。"),
            ),
        ]


class OperatorScore(Scoped):
    """An appraisal of a provider over a stretch of months: parts, score, band. Never edited; a new one stands beside it."""

    provider_at = "contract__provider"

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="appraisals", verbose_name=_("合同"))
    first = models.DateField(_("起"))
    last = models.DateField(_("止"))
    parts = models.JSONField(_("各项"), help_text="[{id, value, points, of, words}]")
    score = models.DecimalField(_("得分"), max_digits=4, decimal_places=1)
    grade = models.JSONField(_("等次"), help_text='{"zh", "en"}')
    renew = models.CharField(_("续约"), max_length=3, choices=[("yes", _("可以续约")), ("no", _("不再续约"))])
    percent = models.DecimalField(_("扣减（%）"), max_digits=5, decimal_places=2)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("运营机构考核")
        ordering = ["-pk"]
