"""Forms of beds, devices, meals, volunteers and merchants. Field names are the names that the actions take."""

from django import forms
from django.utils.translation import gettext_lazy as _

from songhe.care.agreements import terms as beds
from songhe.care.meals import terms as meals
from songhe.care.volunteering import terms as volunteering
from songhe.doors.desk.forms.visits import Day
from songhe.registry.facilities.terms import SERVICES


def _day(label, **more) -> forms.DateField:
    return forms.DateField(label=label, widget=Day, **more)


def _text(label, size, *, required=False, **more) -> forms.CharField:
    return forms.CharField(label=label, max_length=size, required=required, **more)


def _pick(label, choices=(), **more) -> forms.TypedChoiceField:
    """One row of a table by its id; the choices come from the view."""
    return forms.TypedChoiceField(label=label, choices=choices, coerce=int, **more)


class Offered(forms.Form):
    """A form whose choices the view knows: `offered={"facility": [(id, name)]}`."""

    def __init__(self, *args, offered=None, **kwargs):
        super().__init__(*args, **kwargs)
        for name, choices in (offered or {}).items():
            if name in self.fields:
                self.fields[name].choices = choices


class SurveyForm(Offered):
    facility = _pick(_("服务机构"), help_text=_("由哪个服务中心或服务站负责。"))
    on = _day(_("调查日期"))
    note = _text(_("家中情况"), 300, help_text=_("例如“无扶手，卫生间有高差”。"))


class AssessForm(Offered):
    on = _day(_("日期"))
    assessment = _pick(_("依据的能力评估"))


class PlanForm(Offered):
    on = _day(_("日期"))
    services = forms.MultipleChoiceField(label=_("服务项目"), choices=SERVICES, widget=forms.CheckboxSelectMultiple)
    minutes = forms.IntegerField(label=_("每月服务分钟"), min_value=1, max_value=44640)
    items = forms.MultipleChoiceField(
        label=_("要做的改造"), choices=beds.ITEMS, required=False, widget=forms.CheckboxSelectMultiple
    )
    note = _text(_("说明"), 300)


class SignForm(Offered):
    number = _text(_("协议编号"), 60, required=True)
    on = _day(_("签订日期"))
    starts_on = _day(_("开始"))
    ends_on = _day(_("到期（含当天）"))
    signer = forms.ChoiceField(label=_("甲方签字人"), choices=beds.SIGNERS)
    signer_name = _text(_("签字人姓名"), 40, required=True)
    organisation = _pick(_("运营机构（乙方）"))
    government = _text(_("政府方（丙方）"), 80, required=True)
    minutes = forms.IntegerField(
        label=_("每月服务分钟"), min_value=1, max_value=44640, required=False, help_text=_("不填则按照护计划。")
    )


class RetrofitForm(forms.Form):
    item = forms.ChoiceField(label=_("改造项目"), choices=beds.ITEMS)
    on = _day(_("完成日期"))
    cost = forms.DecimalField(label=_("费用（元）"), min_value=0, max_digits=9, decimal_places=2)
    evidence = _text(_("凭据"), 120, help_text=_("发票号、照片编号。"))


class DeviceForm(forms.Form):
    kind = forms.ChoiceField(label=_("设备"), choices=beds.DEVICES)
    serial = _text(_("序列号"), 64, required=True)
    on = _day(_("安装日期"))
    spot = _text(_("安装位置"), 40, help_text=_("例如“卧室床头”。"))


class DownForm(forms.Form):
    on = _day(_("拆除日期"))
    why = _text(_("拆除原因"), 120, required=True)


class FitForm(forms.Form):
    on = _day(_("改造和设备全部完成的日期"))
    note = _text(_("说明"), 300)


class AcceptForm(forms.Form):
    on = _day(_("验收日期"))
    paper = _text(_("验收表编号"), 60, required=True)
    note = _text(_("意见"), 300)


class CareForm(forms.Form):
    on = _day(_("日期"))
    service = forms.ChoiceField(label=_("服务"), choices=SERVICES)
    minutes = forms.IntegerField(label=_("分钟"), min_value=1, max_value=1440)
    evidence = _text(_("凭据"), 120)


class BedEndForm(forms.Form):
    on = _day(_("终止日期"))
    reason = forms.ChoiceField(label=_("终止原因"), choices=beds.END_REASONS)
    note = _text(_("说明"), 300)


class ReasonForm(forms.Form):
    reason = _text(_("理由"), 120, required=True)


class DinerForm(Offered):
    person = _text(_("老人姓名或证件号后四位"), 40, required=True, help_text=_("找到一位以上的，请输入更完整的内容。"))
    on = _day(_("从哪天起"))
    way = forms.ChoiceField(label=_("方式"), choices=meals.WAYS)
    card = _text(_("卡号"), 32, help_text=_("有就餐卡的填写。"))


class ServeForm(Offered):
    village = forms.ChoiceField(label=_("供餐到哪个村（社区）"))
    on = _day(_("从哪天起"))


class BookForm(forms.Form):
    month = _day(_("哪个月（填当月任意一天）"))
    costs_yuan = forms.DecimalField(label=_("成本（元）"), min_value=0, max_digits=9, decimal_places=2)
    other_yuan = forms.DecimalField(label=_("其他收入（元）"), min_value=0, max_digits=9, decimal_places=2, initial=0)
    evidence = _text(_("依据"), 120, required=True)


class VehicleForm(forms.Form):
    plate = _text(_("车牌"), 16, required=True)
    kind = forms.ChoiceField(label=_("车型"), choices=meals.VEHICLES)
    on = _day(_("启用日期"))
    inspected_to = _day(_("年检至"), required=False)


class EndForm(forms.Form):
    on = _day(_("到哪天"))


class GroupForm(Offered):
    village = forms.ChoiceField(label=_("村（社区）"))
    kind = forms.ChoiceField(label=_("类别"), choices=volunteering.GROUPS)
    name = _text(_("名称"), 60, required=True)
    leader = _text(_("负责人"), 40, required=True)
    members = forms.IntegerField(label=_("成员（人）"), min_value=1, max_value=100000)
    on = _day(_("成立日期"))
    paper = _text(_("备案依据"), 120)


class GroupActivityForm(forms.Form):
    on = _day(_("日期"))
    kind = forms.ChoiceField(label=_("活动"), choices=volunteering.ACTIVITIES)
    volunteers = forms.IntegerField(label=_("志愿者（人）"), min_value=1, max_value=100000)
    hours = forms.DecimalField(label=_("服务时长（小时，合计）"), min_value=0, max_digits=7, decimal_places=1)
    recipients = forms.IntegerField(label=_("受益老人（人）"), min_value=0, max_value=100000, initial=0)
    evidence = _text(_("凭据"), 200, required=True)


class OfferForm(forms.Form):
    kind = forms.ChoiceField(label=_("优惠"), choices=volunteering.OFFERS)
    text = _text(_("内容"), 200, required=True)
    valid_from = _day(_("开始"))
    valid_to = _day(_("到期（含当天）"))
