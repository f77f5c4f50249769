"""Who looks in on whom, what was done at the doorstep or on the telephone, and what followed."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from songhe.care.duties.terms import MODES, NEEDS, STEPS
from songhe.registry.accounts.models import User
from songhe.registry.people.models import Person
from songhe.registry.places.models import AreaScoped

OUTCOMES = [
    ("well", _("平安")),
    ("needs", _("有需要")),
    ("unwell", _("身体不适")),
    ("no_answer", _("无人接听或无人应门")),
    ("refused", _("拒绝")),
    ("hospital", _("住院")),
    ("away", _("外出")),
    ("deceased", _("去世")),
    ("void", _("作废（登记有误）")),
]
REACHED = ("well", "needs", "unwell")  # outcomes that count as a contact
CHANNELS = [
    ("desk", _("网页")),
    ("phone", _("手机页")),
    ("paper", _("纸单补录")),
    ("landline", _("电话代录")),
    ("api", _("接口")),
    ("import", _("导入")),
]


class Visit(AreaScoped):
    """One contact that happened: a call, a video call or a home visit. Never edited: amended by a new row (`amends`).

    Partitioned by month of `occurred_on`. `client_uuid` is made where the record is made; the same one never makes a
    second row. Mode and outcome are the whole proof: a position or photograph (`Enclosure`) adds nothing to it.
    """

    pk = models.CompositePrimaryKey("occurred_on", "id")
    id = models.BigIntegerField()
    client_uuid = models.UUIDField(default=uuid.uuid4)
    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="visits", db_constraint=False, db_index=False)
    mode = models.CharField(_("方式"), max_length=12, choices=MODES)
    outcome = models.CharField(_("结果"), max_length=10, choices=OUTCOMES)
    counts = models.BooleanField(_("计次"), help_text=_("联系到本人，且未被更正"))
    occurred_on = models.DateField(_("日期"))
    occurred_at = models.DateTimeField(_("时间"))
    made_by = models.IntegerField(_("探访人"))
    entered_by = models.IntegerField(_("录入人"))
    channel = models.CharField(_("渠道"), max_length=8, choices=CHANNELS)
    needs = ArrayField(models.CharField(max_length=12), default=list, verbose_name=_("发现的需要"))
    note = models.CharField(_("备注"), max_length=500, blank=True)
    late = models.BooleanField(_("补录"))
    client_at = models.DateTimeField(_("设备时间"), null=True)
    recorded_at = models.DateTimeField(_("到达时间"))
    amends = models.BigIntegerField(_("更正的记录"), null=True)
    amend_reason = models.CharField(_("更正理由"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("探访记录")
        db_table = "visits_visit"
        managed = False  # partitioned: made by sql/0001_visits.sql


class Receipt(models.Model):
    """Client UUID → the visit it made, with a digest of what was sent: idempotency across partitions."""

    client_uuid = models.UUIDField(primary_key=True)
    visit_id = models.BigIntegerField()
    occurred_on = models.DateField()
    person_id = models.BigIntegerField()
    digest = models.BinaryField()

    class Meta:
        managed = False
        db_table = "visits_receipt"


class Referral(AreaScoped):
    """A need found on a visit, handed to somebody with a deadline of its own, and what came of it."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="referrals")
    visit_id = models.BigIntegerField(null=True)
    need = models.CharField(_("需要"), max_length=12, choices=NEEDS)
    detail = models.CharField(_("说明"), max_length=300, blank=True)
    to_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="referrals", verbose_name=_("交办给"))
    due_on = models.DateField(_("办结期限"))
    opened_at = models.DateTimeField(auto_now_add=True)
    opened_by = models.IntegerField(default=0)
    closed_at = models.DateTimeField(_("办结时间"), null=True)
    closed_by = models.IntegerField(null=True)
    result = models.CharField(_("办理结果"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("转办")
        indexes = [models.Index(fields=["town", "due_on"], name="referral_open", condition=Q(closed_at=None))]


class Escalation(AreaScoped):
    """Nobody answered: the ladder of steps, each with a deadline, until the person is reached or it is closed."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="escalations")
    visit_id = models.BigIntegerField(null=True)
    step = models.CharField(_("当前步骤"), max_length=10, choices=STEPS)
    due_at = models.DateTimeField(_("限时"))
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.IntegerField(null=True)
    closure = models.CharField(_("结果"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("无应答升级")
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(closed_at=None), name="one_open_escalation")
        ]
        indexes = [models.Index(fields=["town", "due_at"], name="escalation_open", condition=Q(closed_at=None))]


class EscalationStep(models.Model):
    """What was tried at each rung, by whom, with what result."""

    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="steps")
    step = models.CharField(max_length=10, choices=STEPS)
    at = models.DateTimeField()
    by = models.IntegerField()
    result = models.CharField(_("结果"), max_length=200)
    reached = models.BooleanField(_("联系上"), default=False)


class Sheet(AreaScoped):
    """A weekly paper sheet of one helper in one village as it was printed: its rows and its geometry are kept with it.

    `number` stands on the paper and in its square code; the record numbers of everything read or typed from it follow from it.
    """

    number = models.CharField(_("单号"), max_length=9, unique=True)
    helper = models.ForeignKey(User, models.PROTECT, related_name="sheets", verbose_name=_("帮扶人员"))
    period_start = models.DateField(_("周一"))
    layout = models.JSONField(_("版式"), help_text=_("毫米坐标；多年后仍按当时的版式识读"))
    printed_at = models.DateTimeField(_("打印时间"), auto_now_add=True)
    printed_by = models.IntegerField(_("打印人"))

    class Meta:
        verbose_name = _("探访纸单")
        indexes = [
            models.Index(fields=["helper", "period_start"], name="sheet_helper"),
            models.Index(fields=["village", "period_start"], name="sheet_village"),
        ]

    @property
    def namespace(self) -> uuid.UUID:
        """What the numbers of its records follow from (`record_sheet(sheet=…)`)."""
        return uuid.uuid5(uuid.NAMESPACE_OID, f"songhe sheet {self.number}")


class SheetRow(models.Model):
    """A row of a sheet: whom it is about, and the duty it was printed for."""

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="rows")
    row = models.SmallIntegerField(_("行号"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    duty_id = models.BigIntegerField(_("职责编号"), null=True)

    class Meta:
        verbose_name = _("纸单行")
        ordering = ["sheet", "row"]
        constraints = [models.UniqueConstraint(fields=["sheet", "row"], name="sheet_row_once")]


class SheetScan(AreaScoped):
    """A photographed page of a sheet: what was read, box by box, what a person decided, and what came of it.

    `boxes`: {"3 d2.call": [1, 0.97, ""]} ticked, confidence, doubt; `places`: where unsure boxes lie on the flat picture, in mm;
    `decided`: {"3 d2.call": "yes"}. The flat picture is kept sealed (`stored_as`).
    """

    STATES = [("review", _("待核对")), ("recorded", _("已登记")), ("dropped", _("已放弃"))]

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="scans")
    page = models.SmallIntegerField(_("页"))
    stored_as = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("状态"), max_length=8, choices=STATES, default="review")
    boxes = models.JSONField(default=dict)
    places = models.JSONField(default=dict)
    decided = models.JSONField(default=dict)
    taken_in_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    taken_in_by = models.IntegerField(_("上传人"))
    closed_at = models.DateTimeField(null=True)
    closed_by = models.IntegerField(null=True)
    recorded = models.IntegerField(_("登记条数"), default=0)

    class Meta:
        verbose_name = _("纸单照片")
        constraints = [models.UniqueConstraint(fields=["sheet", "sha256"], name="sheet_picture_once")]
        indexes = [models.Index(fields=["village", "state"], name="sheet_scan_state")]


FACTS = [
    ("phone", _("联系电话")),
    ("door_note", _("门牌说明")),
    ("call_time", _("方便接听的时间")),
]
CORRECTION_STATES = [
    ("applied", _("已生效")),
    ("clash", _("待核定")),
    ("chosen", _("核定采用")),
    ("declined", _("核定不采用")),
]


class Correction(AreaScoped):
    """What a helper heard at the doorstep about a person's telephone, door or best time to call, and what it was based on.

    Never edited in its words. It applies at once when the value it was based on still stands; otherwise somebody else
    was quicker, and it waits for the township with both values (`state` clash). Of each person and fact at most one
    row stands; the telephone itself stands in the person's file.
    """

    client_uuid = models.UUIDField(unique=True)
    digest = models.BinaryField()
    person = models.ForeignKey(Person, models.CASCADE, related_name="corrections")
    fact = models.CharField(_("项目"), max_length=12, choices=FACTS)
    value_sealed = models.BinaryField(_("新内容"), null=True)
    based_on_sealed = models.BinaryField(_("修改时看到的内容"), null=True)
    found_sealed = models.BinaryField(_("到达时的内容"), null=True)
    state = models.CharField(_("状态"), max_length=8, choices=CORRECTION_STATES)
    standing = models.BooleanField(default=False)
    made_by = models.IntegerField(_("提出人"))
    client_at = models.DateTimeField(_("设备时间"), null=True)
    recorded_at = models.DateTimeField(_("到达时间"), auto_now_add=True)
    decided_by = models.IntegerField(_("核定人"), null=True)
    decided_at = models.DateTimeField(_("核定时间"), null=True)

    class Meta:
        verbose_name = _("上门更正")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "fact"], condition=Q(standing=True), name="one_standing_correction"
            ),
            models.CheckConstraint(
                condition=Q(standing=False) | Q(state__in=["applied", "chosen"]), name="only_applied_stands"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["applied", "clash"]) | Q(decided_at__isnull=False), name="decision_is_signed"
            ),
        ]
        indexes = [models.Index(fields=["town", "id"], name="correction_clash", condition=Q(state="clash"))]


class Doorstep(AreaScoped):
    """An ability assessment filled in offline: its number from the phone, and the three signatures (sealed strokes)."""

    client_uuid = models.UUIDField(unique=True)
    digest = models.BinaryField()
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    assessment = models.OneToOneField("people.Assessment", models.CASCADE, related_name="doorstep")
    signatures_sealed = models.BinaryField(_("签名笔迹"))
    client_at = models.DateTimeField(_("设备时间"), null=True)
    recorded_at = models.DateTimeField(_("到达时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("上门评估")


class Enclosure(AreaScoped):
    """A position or a photograph that a helper chose to add to a visit, at most once; sealed, and deleted after its days.

    Nothing counts it and no duty asks for it: a visit without one is as good. `visit_id` and `visit_on` name the visit.
    """

    client_uuid = models.UUIDField(unique=True)
    digest = models.BinaryField()
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    visit_id = models.BigIntegerField(unique=True)
    visit_on = models.DateField(_("探访日期"))
    position_sealed = models.BinaryField(_("位置"), null=True, help_text="{lat, lon, accuracy}")
    stored_as = models.CharField(_("照片"), max_length=200, blank=True)
    made_by = models.IntegerField()
    client_at = models.DateTimeField(_("设备时间"), null=True)
    recorded_at = models.DateTimeField(_("到达时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("探访附记")
        indexes = [models.Index(fields=["recorded_at"], name="enclosure_age")]
