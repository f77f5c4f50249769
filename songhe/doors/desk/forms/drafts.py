"""Forms for a notice coming in and for becoming a programme."""

from django import forms
from django.utils.translation import gettext_lazy as _

from songhe.doors.desk.forms.people import DayField

MOST_BYTES = 60 * 1024 * 1024


class NoticeForm(forms.Form):
    file = forms.FileField(
        label=_("通知文件"),
        required=False,
        help_text=_("网页（.html）、Word（.docx）、PDF 或文本（.txt）。扫描的图片不能识读。"),
        widget=forms.FileInput(attrs={"accept": ".txt,.html,.htm,.docx,.pdf"}),
    )
    text = forms.CharField(
        label=_("或者粘贴正文"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("从网页上全选、复制、粘贴即可；菜单、广告和页码会自动剔除，并列出剔除了什么。"),
    )
    on = DayField(label=_("印发日期"), required=False, help_text=_("文中没有写明印发日期时填写。"))

    def clean_file(self):
        sent = self.cleaned_data.get("file")
        if sent and sent.size > MOST_BYTES:
            raise forms.ValidationError(_("文件超过 60 MB，没有读取。请只留正文和附表，或粘贴正文。"))
        return sent

    def clean(self):
        data = super().clean()
        if not self.errors and not data.get("file") and not data.get("text", "").strip():
            self.add_error("file", _("请选择一个文件，或粘贴通知正文。"))
        return data

    def content(self) -> tuple[bytes, str]:
        """The bytes to read and the name they came under."""
        sent = self.cleaned_data["file"]
        return (sent.read(), sent.name) if sent else (self.cleaned_data["text"].encode(), "")


class ConfirmForm(forms.Form):
    programme = forms.CharField(
        label=_("方案编号"), max_length=60, help_text=_("小写字母、数字和短横，例如 dingzhou-2023。确认后不能改。")
    )
