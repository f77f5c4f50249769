"""Forms of 考评与评选: typed here, judged by the actions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from songhe.core import periods
from songhe.doors.desk.forms.oversight import ByPlace, text
from songhe.doors.desk.forms.people import Choices, ManyChoices
from songhe.oversight.awards.models import Objection


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
