"""Forms of duties and visits: typed here, judged by the actions."""

import uuid
from datetime import datetime

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from songhe.care.duties.terms import MODES, NEEDS, OFFERED_EXCUSES
from songhe.care.visits.models import OUTCOMES
from songhe.care.visits.rules import REACHED

OFFERED_OUTCOMES = [pair for pair in OUTCOMES if pair[0] != "void"]


class Day(forms.DateInput):
    """The browser's date field; it wants ISO whatever the language."""

    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class VisitForm(forms.Form):
    """One contact in few taps: mode and outcome are all that is asked; the rest stands folded below.

    `uuid` and `at` are made when the form is shown, so that the same form sent twice is the same record.
    """

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    at = forms.CharField(widget=forms.HiddenInput)
    mode = forms.ChoiceField(label=_("方式"), choices=MODES, widget=forms.RadioSelect)
    outcome = forms.ChoiceField(label=_("结果"), choices=OFFERED_OUTCOMES, widget=forms.RadioSelect)
    needs = forms.MultipleChoiceField(
        label=_("发现的需要"), choices=NEEDS, required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label=_("备注"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    occurred_on = forms.DateField(
        label=_("哪一天"), widget=Day, help_text=_("补记以前的，请改成当天的日期；过了那一周会标为“补录”。")
    )
    made_by = forms.ChoiceField(label=_("谁探访的"), required=False)

    def __init__(self, *args, makers=(), **kwargs):
        super().__init__(*args, **kwargs)
        if makers:
            self.fields["made_by"].choices = makers
        else:
            del self.fields["made_by"]

    @staticmethod
    def fresh(mode: str = "") -> dict:
        """Initial values of an empty form."""
        now = timezone.now()
        return {"uuid": uuid.uuid4(), "at": now.isoformat(), "occurred_on": timezone.localdate(now), "mode": mode}

    def clean_at(self) -> datetime:
        at = parse_datetime(self.cleaned_data["at"])
        if at is None or timezone.is_naive(at):
            raise forms.ValidationError(_("页面时间丢失，请重新打开页面再填。"))
        return at

    def row(self, person: int) -> dict:
        """The row `visits.actions.record` reads. A found need turns 平安 into 有需要."""
        data = self.cleaned_data
        outcome = "needs" if data["needs"] and data["outcome"] == "well" else data["outcome"]
        row = {
            "uuid": data["uuid"],
            "person": person,
            "mode": data["mode"],
            "outcome": outcome,
            "needs": data["needs"] if outcome in REACHED else [],
            "note": data["note"],
        }
        if data["occurred_on"] == timezone.localdate(data["at"]):
            return row | {"occurred_at": data["at"]}
        return row | {"occurred_on": data["occurred_on"]}


class AmendForm(forms.Form):
    """A correction: the new values and why."""

    mode = forms.ChoiceField(label=_("方式"), choices=MODES, widget=forms.RadioSelect)
    outcome = forms.ChoiceField(label=_("结果"), choices=OFFERED_OUTCOMES, widget=forms.RadioSelect)
    occurred_on = forms.DateField(label=_("哪一天"), widget=Day)
    needs = forms.MultipleChoiceField(
        label=_("发现的需要"), choices=NEEDS, required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label=_("备注"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    reason = forms.CharField(
        label=_("更正理由"), max_length=120, help_text=_("例如“记错了日期”“应为视频”。原记录保留，不会被改写。")
    )

    def changes(self, visit) -> dict:
        """Only what differs from the record."""
        data = self.cleaned_data
        new = {name: data[name] for name in ("mode", "outcome", "note") if data[name] != getattr(visit, name)}
        if set(data["needs"]) != set(visit.needs):
            new["needs"] = data["needs"]
        if data["occurred_on"] != visit.occurred_on:
            new["occurred_on"] = data["occurred_on"]
        return new


class VoidForm(forms.Form):
    reason = forms.CharField(label=_("作废理由"), max_length=120, help_text=_("例如“登记到别人名下”。"))


class ExcuseForm(forms.Form):
    reason = forms.ChoiceField(label=_("事由"), choices=OFFERED_EXCUSES, widget=forms.RadioSelect)
    starts_on = forms.DateField(label=_("开始"), widget=Day)
    ends_on = forms.DateField(
        label=_("结束（含当天）"), widget=Day, required=False, help_text=_("外出和拒绝必须写明；到期再问一次。")
    )
    note = forms.CharField(
        label=_("说明"), max_length=200, required=False, help_text=_("补登过去的日期时必须写明谁证实的。")
    )


class StepForm(forms.Form):
    reached = forms.ChoiceField(
        label=_("这一步联系上了吗"), choices=[("yes", _("联系上了")), ("no", _("没有联系上"))], widget=forms.RadioSelect
    )
    result = forms.CharField(label=_("这一步的结果"), max_length=200)


class ClosureForm(forms.Form):
    closure = forms.CharField(label=_("最后的情况"), max_length=200, help_text=_("例如“已送医院”“在女儿家”。"))


class ResultForm(forms.Form):
    result = forms.CharField(label=_("办理结果"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class HandForm(forms.Form):
    to_user = forms.TypedChoiceField(label=_("交办给"), coerce=int)
    due_on = forms.DateField(label=_("办结期限"), widget=Day)

    def __init__(self, *args, people=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to_user"].choices = people


class ReferralForm(forms.Form):
    need = forms.ChoiceField(label=_("需要"), choices=NEEDS, widget=forms.RadioSelect)
    detail = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class EmergencyForm(forms.Form):
    reason = forms.CharField(label=_("事由"), max_length=200, help_text=_("例如“暴雨红色预警”“寒潮”。"))
    starts_on = forms.DateField(label=_("开始"), widget=Day)
    ends_on = forms.DateField(label=_("结束（含当天）"), widget=Day)
    calls = forms.IntegerField(label=_("每周通话或视频不少于（次）"), min_value=0, max_value=99)
    visits = forms.IntegerField(label=_("每周上门不少于（次）"), min_value=0, max_value=99)


class HandOverForm(forms.Form):
    to_helper = forms.TypedChoiceField(label=_("交给谁"), coerce=int)
    on = forms.DateField(label=_("从哪天起"), widget=Day)
    reason = forms.CharField(label=_("说明"), max_length=120, required=False)

    def __init__(self, *args, people=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to_helper"].choices = people


class ExportForm(forms.Form):
    reason = forms.CharField(label=_("导出用途"), min_length=2, max_length=120, help_text=_("写进水印和审计记录。"))


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once: a list."""

    widget = ManyFiles

    def clean(self, data, initial=None):
        files = data if isinstance(data, list | tuple) and data else [None if isinstance(data, list | tuple) else data]
        return [super(FilesField, self).clean(file, initial) for file in files[:MOST_FILES]]


MOST_FILES = 40


class SheetPhotoForm(forms.Form):
    files = FilesField(
        label=_("照片或扫描件"),
        help_text=_("可一次选多张（JPG、PNG、PDF）。整张拍进去，四角的黑块都要看得见。"),
        widget=ManyFiles(attrs={"accept": "image/*,.pdf", "multiple": True}),
    )
    number = forms.CharField(
        label=_("单号"),
        max_length=16,
        required=False,
        help_text=_("平时不用填；提示读不出方码时，照纸单填九位单号（第 2 页在后面加“/2”）。"),
    )


class LandlineForm(forms.Form):
    """One call reported by telephone: `3` or `3 没接 代购`."""

    line = forms.CharField(
        label=_("行号和结果"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-focus": True}),
    )
    call = forms.UUIDField(widget=forms.HiddenInput)
