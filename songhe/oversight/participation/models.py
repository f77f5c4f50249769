"""Who sits together, what they decided and what became of it; what one department asked of another, and the answer."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from songhe.oversight.ledger.models import Item
from songhe.registry.places.models import AreaScoped, Place

KINDS = [("joint_meeting", _("联席会议")), ("leading_group", _("领导小组")), ("task_force", _("工作专班"))]
ROLES = [("convener", _("召集人（组长）")), ("office", _("办公室")), ("member", _("成员单位"))]
MARKS = [("present", _("出席")), ("deputy", _("派员代会")), ("leave", _("请假")), ("absent", _("缺席"))]
OUTCOMES = [
    ("provided", _("已提供")),
    ("partly", _("部分提供")),
    ("refused", _("不予提供")),
    ("postponed", _("申请延期")),
]


class Scoped(AreaScoped):
    """A row of a place at any level: below the place's own level the scope columns are empty."""

    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True, db_index=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("地区"))

    class Meta:
        abstract = True


class Body(Scoped):
    """A joint meeting, leading group or task force of a place, from–to. `groups`: offices and groups below it (一办三组)."""

    kind = models.CharField(_("性质"), max_length=16, choices=KINDS)
    name = models.CharField(_("名称"), max_length=120)
    definition = models.CharField(_("定义"), max_length=60, blank=True)
    groups = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("下设"))
    source = models.JSONField(_("依据"), default=dict)
    valid_from = models.DateField(_("成立日期"))
    valid_to = models.DateField(_("撤销日期"), null=True)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("议事协调机构")
        constraints = [
            models.UniqueConstraint(fields=["place", "name", "valid_from"], name="body_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="body_dates_in_order"
            ),
        ]

    def __str__(self):
        return self.name


class Membership(models.Model):
    """A unit's seat in a body, from–to. Units, not persons: `contact` names who answers the telephone, if given."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="memberships")
    unit = models.CharField(_("单位"), max_length=60)
    role = models.CharField(_("身份"), max_length=10, choices=ROLES, default="member")
    group = models.CharField(_("所在组"), max_length=60, blank=True)
    contact = models.CharField(_("联系人"), max_length=40, blank=True)
    certainty = models.CharField(
        _("名单来源"),
        max_length=10,
        choices=[("published", _("公告列明")), ("presumed", _("公告未列名，按惯例暂列"))],
        default="published",
    )
    valid_from = models.DateField(_("开始日期"))
    valid_to = models.DateField(_("结束日期"), null=True, help_text=_("到这一天为止，不含当天"))
    by = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("成员单位")
        constraints = [
            ExclusionConstraint(
                name="membership_not_twice",
                expressions=[
                    ("body", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    (
                        Func("valid_from", "valid_to", function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("这个单位在这段时间已经是成员。"),
            )
        ]

    def __str__(self):
        return self.unit


class Meeting(Scoped):
    """A meeting of a body: planned, then held when its minutes are kept, or called off with a reason."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings")
    number = models.PositiveIntegerField(_("第几次"))
    title = models.CharField(_("名称"), max_length=120)
    on = models.DateField(_("会议日期"))
    venue = models.CharField(_("地点"), max_length=120, blank=True)
    chair = models.CharField(_("主持"), max_length=60, blank=True, help_text=_("职务，不写姓名也可"))
    called_off = models.CharField(_("取消理由"), max_length=200, blank=True)
    origin = models.CharField(max_length=7, default="entered", choices=[("entered", _("录入")), ("demo", _("演示"))])
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("会议")
        constraints = [
            models.UniqueConstraint(
                fields=["body", "number"], name="meeting_number_once",
                violation_error_message=_("这个机构已有第几次会议用了此编号。"),
            )
        ]  # fmt: skip

    def __str__(self):
        return self.title


class AgendaItem(models.Model):
    """A point of the agenda, in order, with the unit that reports on it."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda")
    order = models.PositiveSmallIntegerField(_("序号"))
    title = models.CharField(_("议题"), max_length=200)
    reporter_unit = models.CharField(_("汇报单位"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("议程")
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["meeting", "order"], name="agenda_order_once")]


class Attendance(models.Model):
    """How a member was present. The newest mark counts; earlier ones stay."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendance")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="attendance")
    mark = models.CharField(_("到会"), max_length=8, choices=MARKS)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("到会记录")


class Minutes(models.Model):
    """The minutes as kept; a correction is a new version, the old one stays."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="minutes")
    version = models.PositiveSmallIntegerField(_("版本"))
    text = models.TextField(_("纪要"))
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("会议纪要")
        constraints = [models.UniqueConstraint(fields=["meeting", "version"], name="minutes_version_once")]


class Decision(models.Model):
    """What a meeting decided, who carries it out and until when; `item` is the line of the ledger it became."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="decisions")
    order = models.PositiveSmallIntegerField(_("序号"))
    text = models.CharField(_("决定"), max_length=200)
    lead_unit = models.CharField(_("牵头单位"), max_length=60)
    cooperating_units = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("配合单位"))
    due_on = models.DateField(_("完成期限"))
    item = models.OneToOneField(Item, models.PROTECT, null=True, related_name="decision")
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("会议决定")
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["meeting", "order"], name="decision_order_once")]


class DataRequest(Scoped):
    """One department asks another for data: what, what for, on what basis, and until when it must be answered."""

    asking_unit = models.CharField(_("申请单位"), max_length=60)
    asked_unit = models.CharField(_("提供单位"), max_length=60)
    subject = models.CharField(_("所需数据"), max_length=200)
    purpose = models.CharField(_("用途"), max_length=200)
    basis = models.CharField(_("依据"), max_length=200, blank=True)
    asked_on = models.DateField(_("申请日期"))
    due_on = models.DateField(_("答复期限"))
    calendar = models.CharField(
        _("期限依据"), max_length=8, choices=[("known", _("放假安排已公布")), ("assumed", _("暂按周一至周五推算"))]
    )
    answered_on = models.DateField(_("答复日期"), null=True)
    origin = models.CharField(max_length=7, default="entered", choices=[("entered", _("录入")), ("demo", _("演示"))])
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("数据申请")
        constraints = [
            models.CheckConstraint(
                condition=~Q(asking_unit=F("asked_unit")),
                name="request_between_two",
                violation_error_message=_("申请单位和提供单位不能相同。"),
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("asked_on")),
                name="request_dates_in_order",
                violation_error_message=_("答复期限不能早于申请日期。"),
            ),
        ]


class DataReply(models.Model):
    """An answer to a request; a refusal says why, a postponement until when."""

    request = models.ForeignKey(DataRequest, models.CASCADE, related_name="replies")
    on = models.DateField(_("日期"))
    outcome = models.CharField(_("答复"), max_length=10, choices=OUTCOMES)
    text = models.CharField(_("说明"), max_length=300, blank=True)
    until = models.DateField(_("延期至"), null=True)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("数据答复")
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="refused") | ~Q(text=""),
                name="reply_refused_with_reason",
                violation_error_message=_("不予提供须写明理由。"),
            ),
            models.CheckConstraint(
                condition=~Q(outcome="postponed") | Q(until__isnull=False),
                name="reply_postponed_until",
                violation_error_message=_("申请延期须写明延到哪一天。"),
            ),
        ]
