"""Forms for rosters and places coming in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from songhe.doors.desk.forms.people import Choices, DayField, SourceField

MOST_BYTES = 200 * 1024 * 1024


class RosterForm(forms.Form):
    file = forms.FileField(
        label=_("名单文件"),
        help_text=_("Excel（.xlsx、.xls）或 CSV，多少行都可以。列名不必和模板一样，常见写法都认得。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt"}),
    )
    source = SourceField(initial="", help_text=_("这份名单由谁提供，例如“残联 2026 年底册”。会记在每个人的档案上。"))

    def clean_file(self):
        return small_enough(self.cleaned_data["file"])


class PlacesForm(forms.Form):
    what = forms.ChoiceField(
        label=_("导入什么"),
        choices=[("divisions", _("区划名单（CSV）")), ("outlines", _("边界（GeoJSON）"))],
        initial="divisions",
        widget=Choices,
    )
    file = forms.FileField(
        label=_("文件"),
        help_text=_(
            "名单须有 code、name 两列，可有 level、parent、longitude、latitude、urban_rural；边界须在属性里带 code。"
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.json,.geojson"}),
    )
    source = forms.CharField(label=_("来源"), max_length=200, help_text=_("例如“民政厅区划名单”。会显示在地图下方。"))
    source_date = DayField(label=_("来源日期"), required=False)
    approval = forms.CharField(
        label=_("审图号"), max_length=60, required=False, help_text=_("边界正式使用须有审图号。")
    )

    def clean_file(self):
        return small_enough(self.cleaned_data["file"])


class PlaceChangeForm(forms.Form):
    """Merge or split: old codes on one side, new code and name on the other, a line each."""

    kind = forms.ChoiceField(
        label=_("变更"),
        choices=[("merge", _("合并：几个并为一个")), ("split", _("拆分：一个拆成几个"))],
        widget=Choices,
    )
    before = forms.CharField(
        label=_("原地点的区划代码"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("每行一个代码。")
    )
    after = forms.CharField(
        label=_("新地点"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("每行一个：代码，空格，名称。例如 130682001300 新东关社区居民委员会。"),
    )
    on = DayField(label=_("生效日期"))
    document = forms.CharField(label=_("依据文件"), max_length=200, help_text=_("文件名称和文号。"))

    def clean_before(self):
        return self.cleaned_data["before"].split()

    def clean_after(self):
        rows = [line.split(maxsplit=1) for line in self.cleaned_data["after"].splitlines() if line.strip()]
        if any(len(row) != 2 for row in rows):
            raise forms.ValidationError(_("每行须写代码和名称，中间空一格。"))
        return [{"code": code, "name": name.strip()} for code, name in rows]


def small_enough(file):
    if file.size > MOST_BYTES:
        raise forms.ValidationError(_("文件超过 200 MB。请分乡镇导入，或请系统管理员用命令行导入。"))
    return file
