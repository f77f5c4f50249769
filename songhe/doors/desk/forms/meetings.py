"""Forms of 会议 and 数据申请: typed here, judged by the actions."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from songhe.doors.desk.forms.oversight import ByPlace, Units
from songhe.doors.desk.forms.people import Choices, DayField
from songhe.oversight.participation.models import KINDS, OUTCOMES, ROLES


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
