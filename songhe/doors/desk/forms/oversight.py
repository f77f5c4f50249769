"""Forms of 台账, 督导, 会议, 数据申请 and 考评: typed here, judged by the actions."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from songhe.core import periods
from songhe.doors.desk.forms.people import Choices, DayField, ManyChoices
from songhe.oversight.awards.models import Objection
from songhe.oversight.ledger.columns import FIELDS
from songhe.oversight.ledger.models import DRIVES, FINDINGS, VERDICTS, Coordination
from songhe.oversight.ledger.rules import split_units
from songhe.oversight.participation.models import KINDS, OUTCOMES, ROLES

TALL = {"rows": 3}


class Units(forms.CharField):
    """Several units in one line, divided as people do: 、 ， ；."""

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", _("几个单位用顿号隔开。"))
        super().__init__(max_length=400, **kwargs)

    def clean(self, value):
        return split_units(super().clean(value))


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class Files(forms.FileField):
    """Any number of files; the value is a list."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("佐证材料"))
        kwargs.setdefault("help_text", _("PDF、图片、Word、Excel，每个不超过 30 MB，可选多个。"))
        super().__init__(required=False, widget=ManyFiles(), **kwargs)

    def clean(self, data, initial=None):
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [super(Files, self).clean(each) for each in given]

    def bound_data(self, data, initial):
        return data


def text(label, **kwargs):
    return forms.CharField(label=label, widget=forms.Textarea(attrs=TALL), max_length=4000, **kwargs)


class ByPlace(forms.Form):
    """A form with a place to choose; `places` are those the reader may choose."""

    def __init__(self, *args, places=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.places = {str(place.pk): place for place in places}
        if "place" in self.fields:
            self.fields["place"].choices = [(key, str(place)) for key, place in self.places.items()]

    def clean_place(self):
        return self.places[self.cleaned_data["place"]]


class ItemForm(ByPlace):
    title = forms.CharField(label=_("事项"), max_length=200)
    detail = text(_("具体内容"), required=False)
    place = forms.ChoiceField(label=_("责任地区"))
    lead_unit = forms.CharField(label=_("牵头单位"), max_length=60)
    cooperating_units = Units(label=_("配合单位"))
    person = forms.CharField(label=_("责任人"), max_length=40, required=False)
    quantity = forms.DecimalField(
        label=_("数量"), required=False, max_digits=12, decimal_places=2, help_text=_("没有数量的任务留空。")
    )
    unit = forms.CharField(label=_("单位"), max_length=12, required=False)
    starts_on = DayField(label=_("开始日期"), required=False)
    due_on = DayField(label=_("完成期限"))
    source_document = forms.CharField(
        label=_("依据文件"), max_length=200, required=False, help_text=_("文件名称和文号。没有依据的任务，审计时会问。")
    )
    programme = forms.CharField(
        label=_("所属工程"), max_length=60, required=False, help_text=_("属于某项工程的，填工程名；临时任务留空。")
    )
    target = forms.CharField(label=_("目标编号"), max_length=60, required=False)
    signers_needed = forms.IntegerField(label=_("销号须签字人数"), min_value=1, max_value=20, initial=1)


class ProgressForm(forms.Form):
    text = text(_("进展"))
    on = DayField(label=_("日期"), initial=timezone.localdate)
    done = forms.DecimalField(
        label=_("累计完成"), required=False, min_value=0, help_text=_("到这一天一共完成多少，不是新增多少。")
    )
    files = Files()


class AmendForm(ProgressForm):
    reason = forms.CharField(label=_("更正理由"), max_length=120)


class ProblemForm(forms.Form):
    text = text(_("问题"))
    owner_unit = forms.CharField(label=_("解决单位"), max_length=60)
    due_on = DayField(label=_("解决期限"))


class CoordinationForm(forms.Form):
    text = text(_("协调结果"))
    with_units = Units(label=_("参加单位"))
    outcome = forms.ChoiceField(label=_("结论"), choices=Coordination.OUTCOMES, widget=Choices, initial="open")


class ChangeForm(forms.Form):
    due_on = DayField(label=_("完成期限"), required=False)
    starts_on = DayField(label=_("开始日期"), required=False)
    quantity = forms.DecimalField(label=_("数量"), required=False, max_digits=12, decimal_places=2)
    unit = forms.CharField(label=_("单位"), max_length=12, required=False)
    title = forms.CharField(label=_("事项"), max_length=200, required=False)
    lead_unit = forms.CharField(label=_("牵头单位"), max_length=60, required=False)
    reason = text(_("变更理由"), help_text=_("提交后由有审批权限的另一人批准才生效；原目标保留在经过里。"))

    def changes(self) -> dict:
        """What was filled in, without the reason; an emptied quantity is not a change."""
        return {
            name: value for name, value in self.cleaned_data.items() if name != "reason" and value not in (None, "")
        }


class WithdrawForm(forms.Form):
    reason = text(_("撤销理由"), help_text=_("例如“与另一事项重复”。须经另一人批准才撤销，记录保留。"))

    def changes(self) -> dict:
        return {"withdrawn_on": timezone.localdate()}


class DecideForm(forms.Form):
    verdict = forms.ChoiceField(
        label=_("审批"), choices=[("approved", _("批准")), ("refused", _("不批准"))], widget=Choices
    )
    opinion = text(_("审批意见"), required=False)


class CloseForm(forms.Form):
    statement = text(_("完成情况"))
    signers = forms.TypedMultipleChoiceField(label=_("签字人"), coerce=int, widget=ManyChoices)
    needed = forms.IntegerField(label=_("须几人签字"), min_value=1, max_value=20)
    files = Files()

    def __init__(self, *args, people=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["signers"].choices = people


class SignForm(forms.Form):
    verdict = forms.ChoiceField(label=_("意见"), choices=VERDICTS, widget=Choices)
    opinion = text(_("说明"), required=False, help_text=_("退回时须写明缺什么。"))


class ReasonForm(forms.Form):
    reason = text(_("理由"))


class RemindForm(forms.Form):
    to_unit = forms.CharField(label=_("催办单位"), max_length=60)
    text = text(_("催办事由"))
    answer_by = DayField(label=_("请于此日前答复"), required=False, help_text=_("留空则按规定的工作日推算。"))


class AnswerForm(forms.Form):
    answer = text(_("答复"))


class LayoutFileForm(forms.Form):
    file = forms.FileField(
        label=_("样表"), help_text=_("贵单位平时用的台账，有表头就行，有没有内容都可以。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )  # fmt: skip


class LayoutForm(forms.Form):
    """One choice for each header of the sample."""

    kept = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("版式名称"), max_length=80)

    def __init__(self, *args, headers=(), **kwargs):
        super().__init__(*args, **kwargs)
        options = [("", _("不用这一列")), *FIELDS]
        for at, header in enumerate(headers):
            label = header["title"] or _("（无表头）")
            self.fields[f"column-{at}"] = forms.ChoiceField(
                label=label, choices=options, required=False, initial=header["field"]
            )

    def columns(self) -> list[str]:
        return [value for name, value in self.cleaned_data.items() if name.startswith("column-")]


class SheetForm(ByPlace):
    layout = forms.ChoiceField(label=_("版式"))
    file = forms.FileField(label=_("台账文件"), widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}))
    place = forms.ChoiceField(label=_("地区"), help_text=_("表里没有写属地的行，归到这个地区。"))
    year = forms.IntegerField(
        label=_("年份"), min_value=2000, max_value=2100, help_text=_("“10月底前”这样没写年份的期限按这一年算。")
    )

    def __init__(self, *args, layouts=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.layouts = {str(layout.pk): layout for layout in layouts}
        self.fields["layout"].choices = [(key, layout.name) for key, layout in self.layouts.items()]

    def clean_layout(self):
        return self.layouts[self.cleaned_data["layout"]]


class DriveForm(ByPlace):
    kind = forms.ChoiceField(label=_("形式"), choices=DRIVES, widget=Choices)
    title = forms.CharField(label=_("名称"), max_length=120)
    place = forms.ChoiceField(label=_("地区"))
    starts_on = DayField(label=_("开始日期"), initial=timezone.localdate)
    ends_on = DayField(label=_("结束日期"))
    source_document = forms.CharField(label=_("依据文件"), max_length=200, required=False)
    reach = forms.ChoiceField(label=_("范围"), widget=Choices, initial="chosen")
    items = forms.TypedMultipleChoiceField(label=_("抽查事项"), coerce=int, widget=ManyChoices, required=False)

    def __init__(self, *args, items=(), total=0, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = items
        self.fields["reach"].choices = [
            ("chosen", _("下面勾选的事项")), ("all", _("符合条件的全部 %(count)s 项") % {"count": total}),
        ]  # fmt: skip


class FindingForm(forms.Form):
    chosen = forms.TypedChoiceField(label=_("事项"), coerce=int)
    verdict = forms.ChoiceField(label=_("结果"), choices=FINDINGS, widget=Choices)
    text = text(_("情况"))

    def __init__(self, *args, chosen=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = chosen


# meetings ------------------------------------------------------------------------------------------------------------


class BodyForm(ByPlace):
    definition = forms.ChoiceField(
        label=_("按公告设立"), required=False, help_text=_("选了公告，名称和成员单位照公告填好，之后可以调整。")
    )
    kind = forms.ChoiceField(label=_("性质"), choices=KINDS, initial="joint_meeting")
    name = forms.CharField(label=_("名称"), max_length=120, required=False)
    place = forms.ChoiceField(label=_("地区"))

    def __init__(self, *args, definitions=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["definition"].choices = [("", _("不按公告，自己填")), *definitions]


class SeatForm(forms.Form):
    unit = forms.CharField(label=_("单位"), max_length=60)
    role = forms.ChoiceField(label=_("身份"), choices=ROLES, initial="member")
    group = forms.ChoiceField(label=_("所在组"), required=False)
    contact = forms.CharField(label=_("联系人"), max_length=40, required=False)
    valid_from = DayField(label=_("开始日期"), initial=timezone.localdate)

    def __init__(self, *args, groups=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = [("", _("不分组")), *((group, group) for group in groups)]


class MeetingForm(forms.Form):
    on = DayField(label=_("会议日期"), initial=timezone.localdate)
    title = forms.CharField(label=_("名称"), max_length=120, required=False, help_text=_("留空则按“第几次会议”命名。"))
    venue = forms.CharField(label=_("地点"), max_length=120, required=False)
    chair = forms.CharField(label=_("主持"), max_length=60, required=False)
    agenda = forms.CharField(
        label=_("议程"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000,
        help_text=_("一行一项。汇报单位写在竖线后面，例如：调度四季度进度｜民政局"),
    )  # fmt: skip

    def clean_agenda(self) -> list[tuple[str, str]]:
        lines = self.cleaned_data["agenda"].replace("|", "｜").splitlines()
        return [(point, unit) for point, _bar, unit in (line.partition("｜") for line in lines)]


class MinutesForm(forms.Form):
    text = forms.CharField(label=_("会议纪要"), widget=forms.Textarea(attrs={"rows": 8}), max_length=40_000)


class DecisionForm(forms.Form):
    text = forms.CharField(label=_("决定"), max_length=200)
    lead_unit = forms.CharField(label=_("牵头单位"), max_length=60)
    cooperating_units = Units(label=_("配合单位"))
    due_on = DayField(label=_("完成期限"))


class DataRequestForm(ByPlace):
    asking_unit = forms.CharField(label=_("申请单位"), max_length=60)
    asked_unit = forms.CharField(label=_("提供单位"), max_length=60)
    subject = forms.CharField(label=_("所需数据"), max_length=200)
    purpose = forms.CharField(label=_("用途"), max_length=200)
    basis = forms.CharField(label=_("依据"), max_length=200, required=False)
    place = forms.ChoiceField(label=_("地区"))
    asked_on = DayField(label=_("申请日期"), initial=timezone.localdate)
    due_on = DayField(label=_("答复期限"), required=False, help_text=_("留空则按规定的工作日推算。"))


class ReplyForm(forms.Form):
    outcome = forms.ChoiceField(label=_("答复"), choices=OUTCOMES, widget=Choices)
    text = forms.CharField(label=_("说明"), max_length=300, required=False, help_text=_("不予提供须写明理由。"))
    on = DayField(label=_("日期"), initial=timezone.localdate)
    until = DayField(label=_("延期至"), required=False)


# awards --------------------------------------------------------------------------------------------------------------


class PeriodField(forms.CharField):
    """A period as in addresses: 2026-11, 2026-H2, 2026."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("周期"))
        kwargs.setdefault("help_text", _("月写 2026-11，半年写 2026-H2，年写 2026。"))
        super().__init__(max_length=10, **kwargs)

    def clean(self, value):
        words = super().clean(value)
        try:
            return periods.parse(words) if words else None
        except periods.BadPeriod as bad:
            raise forms.ValidationError(bad.text()) from bad


class RoundForm(ByPlace):
    award = forms.ChoiceField(label=_("评选"))
    place = forms.ChoiceField(label=_("地区"))
    period = PeriodField(required=False, help_text=_("留空就是现在这一期。月写 2026-11，半年写 2026-H2，年写 2026。"))

    def __init__(self, *args, awards=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["award"].choices = awards


class AppraisalForm(forms.Form):
    definition = forms.ChoiceField(label=_("考核办法"))
    period = PeriodField()
    reason = forms.CharField(
        label=_("重算理由"), max_length=200, required=False, help_text=_("这一期已考核过的，须写明为什么重算。")
    )

    def __init__(self, *args, formulas=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["definition"].choices = formulas


class NominationForm(forms.Form):
    name = forms.CharField(label=_("推荐对象"), max_length=60)
    unit = forms.CharField(label=_("所在单位或村（社区）"), max_length=80, required=False)
    deeds = text(_("事迹"))
    paper = forms.FileField(label=_("附件"), required=False, help_text=_("PDF、Word 或图片，不超过 30 MB。"))


class BallotForm(forms.Form):
    nominations = forms.TypedMultipleChoiceField(label=_("选票"), coerce=int, widget=ManyChoices, required=False)

    def __init__(self, *args, standing=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["nominations"].choices = standing


class ChooseForm(forms.Form):
    where = forms.CharField(label=_("公示渠道"), max_length=120, help_text=_("例如“公众号、村务公开栏”。"))
    tie = forms.TypedMultipleChoiceField(
        label=_("票数相同时选定"), coerce=int, widget=ManyChoices, required=False
    )  # fmt: skip
    reason = forms.CharField(
        label=_("说明"), max_length=200, required=False, help_text=_("票数相同、或少于定数时须写明理由。")
    )

    def __init__(self, *args, standing=(), **kwargs):
        super().__init__(*args, **kwargs)
        if standing:
            self.fields["tie"].choices = standing
        else:
            del self.fields["tie"]


class ObjectionForm(forms.Form):
    nomination = forms.TypedChoiceField(label=_("公示对象"), coerce=int)
    text = text(_("异议"))

    def __init__(self, *args, elected=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["nomination"].choices = elected


class ObjectionAnswerForm(forms.Form):
    objection = forms.IntegerField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(label=_("核实结果"), choices=Objection.VERDICTS, widget=Choices)
    answer = forms.CharField(label=_("核实说明"), max_length=300)


def read_day(value: str, default: date) -> date:
    """?on=2023-10-20; anything else is today."""
    try:
        return date.fromisoformat(value) if value else default
    except ValueError:
        return default
