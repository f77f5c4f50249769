"""Forms of programmes: a figure with its evidence, and its correction."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from songhe.doors.desk.forms.visits import Day


class EntryForm(forms.Form):
    """One figure of one place as of a day."""

    place = forms.ChoiceField(label=_("地区"))
    value = forms.DecimalField(label=_("数值"), min_value=0, max_digits=12, decimal_places=2)
    base = forms.DecimalField(
        label=_("分母"),
        min_value=0,
        max_digits=12,
        decimal_places=2,
        required=False,
        help_text=_("比率必须填，例如 98 所学校。"),
    )
    as_of = forms.DateField(label=_("截至"), widget=Day)
    evidence = forms.CharField(
        label=_("依据"), max_length=200, help_text=_("文件名称和文号、会议纪要、照片批次等，别人能据此查到原件。")
    )
    file = forms.FileField(
        label=_("附件"), required=False, help_text=_("PDF、图片、Word 或 Excel，不超过 5 MB；可以不传。")
    )
    note = forms.CharField(label=_("说明"), max_length=300, required=False)

    def __init__(self, *args, places=(), rate: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [(place.code, str(place)) for place in places]
        self.fields["as_of"].initial = timezone.localdate()
        if not rate:
            del self.fields["base"]


class CorrectionForm(forms.Form):
    """What the figure should have been, and why."""

    value = forms.DecimalField(label=_("正确的数值"), min_value=0, max_digits=12, decimal_places=2)
    base = forms.DecimalField(label=_("正确的分母"), min_value=0, max_digits=12, decimal_places=2, required=False)
    reason = forms.CharField(label=_("更正理由"), max_length=200)
