"""Forms of 台账 and 督导: typed here, judged by the actions."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from songhe.doors.desk.forms.oversight import ByPlace, Files, Units, text
from songhe.doors.desk.forms.people import Choices, DayField, ManyChoices
from songhe.oversight.ledger.columns import FIELDS
from songhe.oversight.ledger.models import DRIVES, FINDINGS, VERDICTS, Coordination


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
