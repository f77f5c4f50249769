"""How well each unit did, by a formula that is shown; and who is chosen as an example, within what the papers allow."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from songhe.registry.accounts.models import User
from songhe.registry.places.models import AreaScoped, Place

STAGES = [
    ("naming", _("推荐中")),
    ("voting", _("投票中")),
    ("publicity", _("公示中")),
    ("confirmed", _("已确认")),
]
OPERATORS = [("<=", "≤"), ("=", "＝")]
COUNTS = [("named", _("推荐即计入名额")), ("elected", _("选出才计入名额"))]


class Scoped(AreaScoped):
    """A row of a place at any level: below the place's own level the scope columns are empty."""

    village = models.ForeignKey(Place, models.PROTECT, related_name="+", null=True, db_index=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False, verbose_name=_("地区"))

    class Meta:
        abstract = True


class Appraisal(Scoped):
    """Scores of the units of a place for a period, by one version of a formula. Done again it is a new revision with a reason."""

    definition = models.CharField(_("办法"), max_length=60)
    version = models.CharField(max_length=16)
    formula = models.JSONField(_("公式"), help_text=_("当时的办法全文，封存"))
    period = models.CharField(_("周期"), max_length=10)
    revision = models.PositiveSmallIntegerField(_("版次"), default=1)
    reason = models.CharField(_("重算理由"), max_length=200, blank=True)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("考核")
        constraints = [
            models.UniqueConstraint(
                fields=["place", "definition", "period", "revision"], name="appraisal_revision_once"
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(reason=""),
                name="appraisal_again_with_reason",
                violation_error_message=_("重新计算须写明理由。"),
            ),
        ]


class Score(models.Model):
    """One unit's score. `parts`: [{id, title, value, numerator, denominator, points, score, shown}], as counted then."""

    appraisal = models.ForeignKey(Appraisal, models.CASCADE, related_name="scores")
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", db_index=False)
    score = models.DecimalField(_("得分"), max_digits=5, decimal_places=1, null=True)
    grade = models.CharField(_("等次"), max_length=20, blank=True)
    parts = models.JSONField(_("各项"))

    class Meta:
        verbose_name = _("得分")
        constraints = [models.UniqueConstraint(fields=["appraisal", "place"], name="score_once")]


class Round(Scoped):
    """One round of an award for a place and period, with the limit as its paper said when the round was opened."""

    award = models.CharField(_("评选"), max_length=60)
    version = models.CharField(max_length=16)
    commitment = models.CharField(_("承诺编号"), max_length=8, blank=True)
    title = models.CharField(_("名称"), max_length=120)
    title_en = models.CharField(max_length=160)
    source = models.JSONField(_("依据"), help_text="{title, number?, issuer, date, clause: {zh, en}}")
    period = models.CharField(_("周期"), max_length=10)
    operator = models.CharField(_("名额要求"), max_length=2, choices=OPERATORS)
    limit = models.PositiveSmallIntegerField(_("名额"))
    counts = models.CharField(_("计名额方式"), max_length=8, choices=COUNTS)
    publicity_days = models.PositiveSmallIntegerField(_("公示工作日"))
    stage = models.CharField(_("阶段"), max_length=10, choices=STAGES, default="naming")
    publicity_from = models.DateField(_("公示开始"), null=True)
    publicity_to = models.DateField(_("公示结束"), null=True)
    publicity_calendar = models.CharField(
        max_length=8, blank=True, choices=[("known", _("放假安排已公布")), ("assumed", _("暂按周一至周五推算"))]
    )
    publicity_where = models.CharField(_("公示渠道"), max_length=120, blank=True)
    choice_reason = models.CharField(_("确定人选的说明"), max_length=200, blank=True)
    confirmed_on = models.DateField(_("确认日期"), null=True)
    origin = models.CharField(max_length=7, default="entered", choices=[("entered", _("录入")), ("demo", _("演示"))])
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("评选轮次")
        constraints = [
            models.UniqueConstraint(
                fields=["award", "place", "period"],
                name="round_once_a_period",
                violation_error_message=_("这个地区这一期的评选已经开始。"),
            ),
            models.CheckConstraint(
                condition=Q(publicity_to__isnull=True) | Q(publicity_to__gte=F("publicity_from")),
                name="publicity_dates_in_order",
            ),
        ]

    def __str__(self):
        return self.title

    def said(self) -> str:
        """The title in the reader's language."""
        from django.utils.translation import get_language

        return self.title_en if (get_language() or "").startswith("en") else self.title


class Nomination(models.Model):
    """Who or what is put forward, for what deeds. `result` after the choice: elected, not elected, struck (objection upheld)."""

    RESULTS = [("elected", _("当选")), ("unelected", _("未当选")), ("struck", _("异议成立，取消"))]
    round = models.ForeignKey(Round, models.CASCADE, related_name="nominations")
    name = models.CharField(_("推荐对象"), max_length=60)
    unit = models.CharField(_("所在单位或村（社区）"), max_length=80, blank=True)
    deeds = models.TextField(_("事迹"))
    paper_name = models.CharField(_("附件"), max_length=200, blank=True)
    paper_stored = models.CharField(max_length=200, blank=True)
    on = models.DateField(_("推荐日期"))
    withdrawn_on = models.DateField(_("撤回日期"), null=True)
    withdraw_reason = models.CharField(_("撤回理由"), max_length=200, blank=True)
    result = models.CharField(_("结果"), max_length=10, choices=RESULTS, blank=True)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("推荐")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "name", "unit"],
                condition=Q(withdrawn_on=None),
                name="nomination_once",
                violation_error_message=_("已经推荐过。"),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | ~Q(withdraw_reason=""),
                name="nomination_withdrawn_with_reason",
                violation_error_message=_("撤回须写明理由。"),
            ),
        ]


class Ballot(models.Model):
    """One voter's ballot in a round: cast once."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="ballots")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("选票")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "user"], name="ballot_once", violation_error_message=_("一人只能投一次票。")
            )
        ]


class Vote(models.Model):
    """A nomination chosen on a ballot."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="votes")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="votes")

    class Meta:
        verbose_name = _("得票")
        constraints = [models.UniqueConstraint(fields=["ballot", "nomination"], name="vote_once")]


class Objection(models.Model):
    """What was said against a choice during publicity, and how it was answered."""

    VERDICTS = [("upheld", _("成立")), ("dismissed", _("不成立"))]
    round = models.ForeignKey(Round, models.CASCADE, related_name="objections")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="objections")
    text = models.TextField(_("异议"))
    on = models.DateField(_("收到日期"))
    verdict = models.CharField(_("核实结果"), max_length=10, choices=VERDICTS, blank=True)
    answer = models.CharField(_("核实说明"), max_length=300, blank=True)
    answered_on = models.DateField(_("答复日期"), null=True)
    by = models.IntegerField(default=0)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("异议")
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="") | ~Q(answer=""),
                name="objection_answered_with_words",
                violation_error_message=_("核实异议须写明情况。"),
            )
        ]
