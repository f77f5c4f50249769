"""Forms of services: typed here, judged by the actions."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from songhe.care.services import terms
from songhe.doors.desk.forms.visits import Day

MORNING = (time(9, 0), time(11, 0))  # what the form means by "tomorrow morning" where no time is typed


class Clock(forms.TimeInput):
    input_type = "time"

    def __init__(self, **kwargs):
        super().__init__(format="%H:%M", **kwargs)


class RequestForm(forms.Form):
    """A request in two keystrokes: the number of the service and Enter. What is left empty follows from the service."""

    item = forms.CharField(
        label=_("服务项目"),
        max_length=60,
        help_text=_("写编号（如 2）或名称，按回车。"),
        widget=forms.TextInput(attrs={"list": "items", "autocomplete": "off", "autofocus": True}),
    )
    day = forms.DateField(label=_("哪一天"), widget=Day, required=False)
    starts = forms.TimeField(label=_("最早"), widget=Clock, required=False)
    ends = forms.TimeField(label=_("最晚"), widget=Clock, required=False)
    quantity = forms.IntegerField(label=_("数量"), min_value=1, max_value=31, initial=1)
    funding = forms.ChoiceField(label=_("付费"), choices=[("", _("先用额度")), *terms.FUNDING], required=False)
    urgency = forms.ChoiceField(label=_("缓急"), choices=[("", _("按项目")), *terms.URGENCIES], required=False)
    channel = forms.ChoiceField(label=_("谁提出的"), choices=terms.CHANNELS, initial="phone")
    caller = forms.CharField(label=_("来电人"), max_length=40, required=False)
    note = forms.CharField(label=_("要求"), max_length=300, required=False)

    def __init__(self, *args, items=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.items = list(items)

    def clean_item(self):
        """The service by its number in the list, its code, or the beginning of its name."""
        text = self.cleaned_data["item"].strip().split(" ")[0]
        if text.isdigit():
            if 1 <= int(text) <= len(self.items):
                return self.items[int(text) - 1]
        else:
            found = [item for item in self.items if text in (item.code, item.name, item.name_en)]
            found = found or [item for item in self.items if text.lower() in f"{item.name} {item.name_en}".lower()]
            if len(found) == 1:
                return found[0]
        raise forms.ValidationError(_("没有这个编号或名称。请照右边的目录写编号。"))

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        """The window wanted: as typed; else at once for urgent services, tomorrow morning for booked ones."""
        data, zone = self.cleaned_data, timezone.get_current_timezone()
        urgency = data["urgency"] or data["item"].urgency
        today = timezone.localdate(now)
        if not (data["day"] or data["starts"] or data["ends"]) and urgency != "planned":
            return now, now + timedelta(hours=4)
        day = data["day"] or (today if data["starts"] else today + timedelta(days=1))
        starts = data["starts"] or MORNING[0]
        start = datetime.combine(day, starts, zone)
        if data["ends"]:
            return start, datetime.combine(day, data["ends"], zone)
        return start, start + timedelta(hours=2)


class ReasonForm(forms.Form):
    """A reason from a list and a few words."""

    reason = forms.ChoiceField(label=_("原因"))
    note = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(self, *args, reasons=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", _("请选择")), *reasons]


class DispatchForm(forms.Form):
    """One of the crews offered, or a provider that names its own."""

    choice = forms.ChoiceField(label=_("派给谁"), widget=forms.RadioSelect, required=False)
    provider = forms.ChoiceField(label=_("或只派机构，由它定人"), required=False)

    def __init__(self, *args, choices=(), providers=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = choices
        self.fields["provider"].choices = [("", _("不用")), *providers]

    def clean(self):
        data = super().clean()
        if not data.get("choice") and not data.get("provider"):
            raise forms.ValidationError(_("请选择派给谁。"))
        return data


class AcceptForm(forms.Form):
    """Who goes: the crew proposed unless others are chosen."""

    workers = forms.MultipleChoiceField(label=_("谁去"), widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *args, workers=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["workers"].choices = workers


class WorkerForm(forms.Form):
    provider = forms.ChoiceField(label=_("服务机构"))
    name = forms.CharField(label=_("姓名"), max_length=40)
    sex = forms.ChoiceField(label=_("性别"), choices=[("f", _("女")), ("m", _("男"))])
    phone = forms.CharField(label=_("电话"), max_length=20, required=False)
    place = forms.CharField(label=_("驻地（区划代码）"), max_length=12)
    daily_minutes = forms.IntegerField(label=_("每日最多服务分钟"), min_value=1, max_value=1440)
    valid_from = forms.DateField(label=_("入职日期"), widget=Day)

    def __init__(self, *args, providers=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [("", _("请选择")), *providers]


class CertificateForm(forms.Form):
    kind = forms.ChoiceField(label=_("证书"), choices=[("", _("请选择")), *terms.QUALIFICATIONS])
    number = forms.CharField(label=_("证号"), max_length=60, required=False)
    issuer = forms.CharField(label=_("发证机构"), max_length=80, required=False)
    valid_from = forms.DateField(label=_("发证日期"), widget=Day)
    valid_to = forms.DateField(label=_("有效期至"), widget=Day, required=False, help_text=_("含当天；长期有效的不填。"))


class ShiftForm(forms.Form):
    """The weekdays on duty and one time for all of them."""

    days = forms.MultipleChoiceField(
        label=_("上班日"),
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("0", _("周一")), ("1", _("周二")), ("2", _("周三")), ("3", _("周四")), ("4", _("周五")), ("5", _("周六")),
            ("6", _("周日")),
        ],
    )  # fmt: skip
    starts = forms.TimeField(label=_("上班"), widget=Clock)
    ends = forms.TimeField(label=_("下班"), widget=Clock)
    valid_from = forms.DateField(label=_("从哪天起"), widget=Day)

    def week(self) -> dict[int, tuple[time, time]]:
        data = self.cleaned_data
        return {int(day): (data["starts"], data["ends"]) for day in data["days"]}


class AbsenceForm(forms.Form):
    starts_on = forms.DateField(label=_("开始"), widget=Day)
    ends_on = forms.DateField(label=_("结束（含当天）"), widget=Day)
    reason = forms.CharField(label=_("事由"), max_length=60, required=False)


class TrainingForm(forms.Form):
    on = forms.DateField(label=_("日期"), widget=Day)
    title = forms.CharField(label=_("内容"), max_length=80)
    hours = forms.DecimalField(label=_("学时"), min_value=0, max_digits=5, decimal_places=1)
    passed = forms.ChoiceField(label=_("结果"), choices=[("passed", _("合格")), ("failed", _("不合格"))])


class LeaveForm(forms.Form):
    on = forms.DateField(label=_("从哪天起不在"), widget=Day)


class ProviderForm(forms.Form):
    organisation = forms.ChoiceField(label=_("运营机构"), help_text=_("先在“机构设施 › 运营机构”登记。"))
    kinds = forms.MultipleChoiceField(label=_("服务类别"), widget=forms.CheckboxSelectMultiple, choices=terms.KINDS)
    daily_capacity = forms.IntegerField(label=_("每日最多单数"), min_value=1, max_value=9999)
    phone = forms.CharField(label=_("派单电话"), max_length=20, required=False)
    valid_from = forms.DateField(label=_("起始日期"), widget=Day)

    def __init__(self, *args, organisations=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [("", _("请选择")), *organisations]
