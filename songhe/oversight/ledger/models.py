"""What was taken on, by whom, by when; what was done about it, and how it ended. Facts are added, never edited."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from songhe.registry.accounts.models import User
from songhe.registry.places.models import AreaScoped, Place

KINDS = [
    ("target", _("工程目标")),
    ("task", _("临时任务")),
    ("decision", _("会议决定")),
    ("import", _("台账导入")),
]
VERDICTS = [("agree", _("同意销号")), ("return", _("退回"))]
DRIVES = [("look_back", _("回头看")), ("supervision_month", _("督导月"))]
FINDINGS = [("kept", _("已落实")), ("partly", _("部分落实")), ("slipped", _("未落实或反弹"))]
TARGET_FIELDS = ("title", "lead_unit", "place_id", "quantity", "unit", "starts_on", "due_on", "withdrawn_on")
"""Changed only through an approved `Change`; the database refuses anything else (sql/0001_ledger.sql)."""


class Scoped(AreaScoped):
    """A row of a place at any level: below the place's own level the scope columns are empty."""

    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True, db_index=False)

    class Meta:
        abstract = True


class Layout(Scoped):
    """A bureau's own Excel layout: which column holds what. `columns`: [{"title": "任务名称", "field": "title"}, …]."""

    name = models.CharField(_("名称"), max_length=80)
    sheet = models.CharField(_("工作表"), max_length=31, blank=True)
    header_row = models.IntegerField(_("表头行"), default=1)
    columns = models.JSONField(_("列对应"))
    sample = models.CharField(_("样表"), max_length=200, blank=True, help_text=_("原样表封存，导出时照样填写"))
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("台账版式")
        constraints = [models.UniqueConstraint(fields=["county", "town", "name"], name="layout_name_once")]


class Item(Scoped):
    """One line of the ledger (台账): a target or task with who answers for it and until when.

    `programme` and `target` are names in a programme's definition, as plain text. State is never typed: `rules.state`
    derives it. `closed_on` is the tally of the close-outs, `asked_on` of the request that waits for signatures.
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("责任地区"))
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="sub_items", verbose_name=_("上级事项"))
    kind = models.CharField(_("来源类型"), max_length=8, choices=KINDS, default="task")
    title = models.CharField(_("事项"), max_length=200)
    detail = models.TextField(_("具体内容"), blank=True)
    programme = models.CharField(_("所属工程"), max_length=60, blank=True)
    target = models.CharField(_("目标编号"), max_length=60, blank=True)
    commitment = models.CharField(_("承诺编号"), max_length=8, blank=True)
    source_document = models.CharField(_("依据文件"), max_length=200, blank=True)
    lead_unit = models.CharField(_("牵头单位"), max_length=60)
    cooperating_units = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("配合单位"))
    person = models.CharField(_("责任人"), max_length=40, blank=True)
    quantity = models.DecimalField(_("数量"), max_digits=12, decimal_places=2, null=True)
    unit = models.CharField(_("单位"), max_length=12, blank=True)
    starts_on = models.DateField(_("开始日期"))
    due_on = models.DateField(_("完成期限"))
    due_literal = models.CharField(_("期限原文"), max_length=40, blank=True)
    signers_needed = models.PositiveSmallIntegerField(_("销号须签字人数"), default=1)
    layout = models.ForeignKey(Layout, models.PROTECT, null=True, related_name="items")
    layout_number = models.CharField(_("原台账编号"), max_length=40, blank=True)
    asked_on = models.DateField(_("申请销号日期"), null=True)
    closed_on = models.DateField(_("办结日期"), null=True)
    withdrawn_on = models.DateField(_("撤销日期"), null=True)
    origin = models.CharField(max_length=7, default="entered", choices=[("entered", _("录入")), ("demo", _("演示"))])
    opened_by = models.IntegerField(default=0)
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("台账事项")
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__gte=F("starts_on")),
                name="item_dates_in_order",
                violation_error_message=_("完成期限不能早于开始日期。"),
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gt=0),
                name="item_quantity_positive",
                violation_error_message=_("数量须大于 0。"),
            ),
            models.CheckConstraint(
                condition=Q(signers_needed__gte=1),
                name="item_signed_by_somebody",
                violation_error_message=_("销号至少要一人签字。"),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="item_not_under_itself",
                violation_error_message=_("事项不能是自己的子项。"),
            ),
            models.UniqueConstraint(
                fields=["layout", "layout_number"],
                condition=~Q(layout_number=""),
                name="item_once_a_layout",
                violation_error_message=_("同一版式的台账里，编号不能重复。"),
            ),
        ]
        indexes = [
            models.Index(fields=["county", "due_on"], name="item_county_due"),
            models.Index(fields=["town", "due_on"], name="item_town_due"),
            models.Index(fields=["programme", "target"], name="item_target"),
        ]

    def __str__(self):
        return self.title

    @property
    def number(self) -> str:
        """2026-00012: what is printed on paper and said on the telephone."""
        return f"{self.opened_at:%Y}-{self.pk:05d}"


class Progress(models.Model):
    """What was done by a day, in words and, where the item counts something, in number (`done`: all so far, not added).

    A mistaken entry is `amended` by a new one that says why.
    """

    item = models.ForeignKey(Item, models.CASCADE, related_name="progress")
    on = models.DateField(_("日期"))
    text = models.TextField(_("进展"))
    done = models.DecimalField(_("累计完成"), max_digits=12, decimal_places=2, null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    amend_reason = models.CharField(_("更正理由"), max_length=120, blank=True)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("进展")
        constraints = [
            models.CheckConstraint(
                condition=Q(amends__isnull=True) | ~Q(amend_reason=""),
                name="progress_amended_with_reason",
                violation_error_message=_("更正进展须写明理由。"),
            )
        ]


class Evidence(models.Model):
    """A file that proves something about an item, kept sealed as it came. The same file elsewhere has the same digest."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="evidence")
    progress = models.ForeignKey(Progress, models.CASCADE, null=True, related_name="evidence")
    name = models.CharField(_("文件名"), max_length=200)
    size = models.BigIntegerField(_("大小"))
    sha256 = models.CharField(max_length=64, db_index=True)
    stored_as = models.CharField(max_length=200)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("佐证材料")


class Problem(models.Model):
    """What stands in the way (问题清单), which unit is to remove it, and until when. `settled_on` is the tally of its steps."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="problems")
    text = models.TextField(_("问题"))
    owner_unit = models.CharField(_("解决单位"), max_length=60)
    due_on = models.DateField(_("解决期限"))
    raised_on = models.DateField(_("提出日期"))
    settled_on = models.DateField(_("解决日期"), null=True)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("问题")


class Coordination(models.Model):
    """One step of coordination on a problem: with whom, what came of it, whether it settles the problem."""

    OUTCOMES = [("open", _("继续协调")), ("settled", _("已解决"))]
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="steps")
    on = models.DateField(_("日期"))
    with_units = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("参加单位"))
    text = models.TextField(_("协调结果"))
    outcome = models.CharField(_("结论"), max_length=8, choices=OUTCOMES)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("协调记录")


class Change(models.Model):
    """A change of target: proposed with a reason, decided by somebody else. `before`/`after`: {field: value as text}."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="changes")
    before = models.JSONField(_("原为"))
    after = models.JSONField(_("改为"))
    reason = models.CharField(_("理由"), max_length=300)
    by = models.IntegerField(_("提出人"), default=0)
    at = models.DateTimeField(auto_now_add=True)
    verdict = models.CharField(
        _("审批"), max_length=8, blank=True, choices=[("approved", _("批准")), ("refused", _("不批准"))]
    )
    opinion = models.CharField(_("审批意见"), max_length=300, blank=True)
    decided_by = models.IntegerField(_("审批人"), null=True)
    decided_at = models.DateTimeField(_("审批时间"), null=True)

    class Meta:
        verbose_name = _("目标变更")
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""), name="change_with_reason", violation_error_message=_("变更须写明理由。")
            ),
            models.CheckConstraint(
                condition=Q(verdict="", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(verdict="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="change_decided_by_somebody",
                violation_error_message=_("审批须有审批人和时间。"),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(decided_by=0) | ~Q(decided_by=F("by")),
                name="change_not_approved_by_proposer",
                violation_error_message=_("提出变更的人不能自己审批。"),
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(verdict=""),
                name="change_one_at_a_time",
                violation_error_message=_("已有一项变更等待审批。"),
            ),
        ]


class CloseOut(models.Model):
    """A request to close an item (销号): what was achieved, signed by `needed` of the `Signer`s named. One waits at a time."""

    STATES = [("waiting", _("待签字")), ("closed", _("已销号")), ("returned", _("已退回")), ("reopened", _("重新打开"))]
    item = models.ForeignKey(Item, models.CASCADE, related_name="close_outs")
    statement = models.TextField(_("完成情况"))
    needed = models.PositiveSmallIntegerField(_("须签字人数"))
    asked_on = models.DateField(_("申请日期"))
    asked_by = models.IntegerField(default=0)
    state = models.CharField(_("状态"), max_length=8, choices=STATES, default="waiting")
    ended_on = models.DateField(_("签满或退回日期"), null=True)
    reopened_on = models.DateField(_("重新打开日期"), null=True)
    reopened_by = models.IntegerField(null=True)
    reopen_reason = models.CharField(_("重新打开理由"), max_length=300, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("销号申请")
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(state__in=["waiting", "closed"]),
                name="close_out_one_at_a_time",
                violation_error_message=_("这个事项已有销号申请。"),
            ),
            models.CheckConstraint(
                condition=~Q(state="reopened") | ~Q(reopen_reason=""),
                name="close_out_reopened_with_reason",
                violation_error_message=_("重新打开须写明理由。"),
            ),
        ]


class Signer(models.Model):
    """One of the M who may sign a close-out, and what they said."""

    close_out = models.ForeignKey(CloseOut, models.CASCADE, related_name="signers")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("签字人"))
    verdict = models.CharField(_("意见"), max_length=8, choices=VERDICTS, blank=True)
    opinion = models.CharField(_("说明"), max_length=300, blank=True)
    at = models.DateTimeField(_("签字时间"), null=True)

    class Meta:
        verbose_name = _("签字")
        constraints = [
            models.UniqueConstraint(fields=["close_out", "user"], name="signer_once"),
            models.CheckConstraint(
                condition=~Q(verdict="return") | ~Q(opinion=""),
                name="signer_returns_with_reason",
                violation_error_message=_("退回须写明理由。"),
            ),
        ]


class Reminder(models.Model):
    """催办: what is asked of whom until when, as printed; and the answer, if one came. Sent on paper for now."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="reminders")
    to_unit = models.CharField(_("催办单位"), max_length=60)
    text = models.TextField(_("催办事由"))
    answer_by = models.DateField(_("请于此日前答复"))
    level = models.CharField(_("发出时状态"), max_length=12)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)
    answer = models.TextField(_("答复"), blank=True)
    answered_on = models.DateField(_("答复日期"), null=True)

    class Meta:
        verbose_name = _("催办")


class Drive(Scoped):
    """回头看 or 督导月: a round of looking again at chosen items, each with a result."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("地区"))
    kind = models.CharField(_("形式"), max_length=20, choices=DRIVES)
    title = models.CharField(_("名称"), max_length=120)
    source_document = models.CharField(_("依据文件"), max_length=200, blank=True)
    starts_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("结束日期"))
    items = models.ManyToManyField(Item, through="DriveItem", related_name="drives")
    origin = models.CharField(max_length=7, default="entered", choices=[("entered", _("录入")), ("demo", _("演示"))])
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("督导轮次")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="drive_dates_in_order",
                violation_error_message=_("结束日期不能早于开始日期。"),
            )
        ]


class DriveItem(models.Model):
    """An item looked at in a round; `verdict` is the tally of its findings (the newest)."""

    drive = models.ForeignKey(Drive, models.CASCADE, related_name="chosen")
    item = models.ForeignKey(Item, models.CASCADE, related_name="looked_at")
    verdict = models.CharField(_("结果"), max_length=8, choices=FINDINGS, blank=True)

    class Meta:
        verbose_name = _("督导事项")
        constraints = [models.UniqueConstraint(fields=["drive", "item"], name="drive_item_once")]


class Finding(models.Model):
    """What a round found about an item on a day."""

    chosen = models.ForeignKey(DriveItem, models.CASCADE, related_name="findings")
    on = models.DateField(_("日期"))
    verdict = models.CharField(_("结果"), max_length=8, choices=FINDINGS)
    text = models.TextField(_("情况"))
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("督导结果")


class Sheet(Scoped):
    """A ledger file brought in by a layout: previewed, then carried out once. The original is kept, sealed."""

    STATES = [("previewed", _("已预览")), ("done", _("已导入"))]
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("地区"))
    layout = models.ForeignKey(Layout, models.PROTECT, related_name="sheets")
    file_name = models.CharField(_("文件名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200)
    state = models.CharField(_("状态"), max_length=10, choices=STATES, default="previewed")
    year = models.IntegerField(_("年份"), help_text=_("表中日期没有写年份时用"))
    added = models.IntegerField(_("新增"), default=0)
    reported = models.IntegerField(_("新进展"), default=0)
    unchanged = models.IntegerField(_("无变化"), default=0)
    rejected = models.IntegerField(_("有误"), default=0)
    errors = models.JSONField(_("错误"), default=list, help_text="[{row, column, reason, reason_en}]")
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("台账导入批次")
