"""Forms of 通报, 函件 and 上级报表: typed here, judged by the actions."""

from django import forms
from django.utils.translation import gettext_lazy as _

from songhe.doors.desk.forms.visits import Day

MOST_BYTES = 10 * 1024 * 1024


class Month(forms.TextInput):
    """The browser's month field; 2026-10 where it has none."""

    input_type = "month"


class DraftForm(forms.Form):
    programme = forms.ChoiceField(label=_("工程"))
    month = forms.CharField(label=_("月份"), max_length=7, widget=Month, help_text=_("写成 2026-10"))

    def __init__(self, *args, programmes=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = programmes


def _long(label, rows: int, **more) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": rows}), **more
    )


class WordsForm(forms.Form):
    """The staff's words around the figures; an empty title or addressee means the usual one."""

    title = forms.CharField(
        label=_("标题"), required=False, max_length=120, help_text=_("不写就用“关于……进展情况的通报”。")
    )
    to = forms.CharField(label=_("主送"), required=False, max_length=200)
    opening = _long(_("开头"), 3)
    problems = _long(_("存在的问题"), 4, help_text=_("一行一段。"))
    next = _long(_("下一步要求"), 4, help_text=_("一行一段。"))
    copies = forms.CharField(label=_("抄送"), required=False, max_length=200)


class IssueForm(forms.Form):
    on = forms.DateField(label=_("成文日期"), widget=Day, help_text=_("签发后自动编号，内容不能再改。"))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("理由"), max_length=200, help_text=_("例如“纸单补录”。会印在修订说明里。"))


class TemplateForm(forms.Form):
    """A letter's text with 【fields】."""

    title = forms.CharField(label=_("标题"), max_length=120)
    body = forms.CharField(
        label=_("正文"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("第一行是主送单位，其余一行一段。"),
    )
    note = forms.CharField(label=_("改了什么"), max_length=200, required=False)


class LetterForm(forms.Form):
    """One input for each field of the template, made when the template is known."""

    subject = forms.CharField(
        label=_("关于哪项任务"), max_length=120, required=False, help_text=_("例如 dingzhou-2023/R54，便于查找。")
    )
    answer_by = forms.DateField(label=_("回复期限（提醒用）"), required=False, widget=Day)

    def __init__(self, *args, names=(), meanings=(), **kwargs):
        super().__init__(*args, **kwargs)
        meanings = dict(meanings)
        made = {
            f"field-{at}": forms.CharField(label=name, max_length=300, help_text=meanings.get(name, ""))
            for at, name in enumerate(names)
        }
        self.names = dict(zip(made, names, strict=True))
        self.fields = made | self.fields

    def filled(self) -> dict:
        """{the field's name in the template: what was typed}."""
        return {name: self.cleaned_data[key] for key, name in self.names.items()}


class SuperiorForm(forms.Form):
    name = forms.CharField(label=_("报表名称"), max_length=120)
    asked_by = forms.CharField(label=_("哪个单位要的"), max_length=120)
    file = forms.FileField(
        label=_("空白报表"),
        help_text=_("上级发的 .xlsx 或 .docx。要填数的单元格请定义名称，或写上【名称】。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.docx"}),
    )

    def clean_file(self):
        if self.cleaned_data["file"].size > MOST_BYTES:
            raise forms.ValidationError(_("文件超过 10 MB。请删去图片再上传。"))
        return self.cleaned_data["file"]


class FillForm(forms.Form):
    """The month, and one input for each place that no figure is mapped to."""

    month = forms.CharField(label=_("月份"), max_length=7, widget=Month, help_text=_("写成 2026-10"))

    def __init__(self, *args, names=(), **kwargs):
        super().__init__(*args, **kwargs)
        made = {f"typed-{at}": forms.CharField(label=name, max_length=200, required=False, help_text=_("手填，会注明不是取自指标。"))
                for at, name in enumerate(names)}  # fmt: skip
        self.names = dict(zip(made, names, strict=True))
        self.fields |= made

    def typed(self) -> dict:
        return {name: self.cleaned_data[key] for key, name in self.names.items() if self.cleaned_data[key]}
