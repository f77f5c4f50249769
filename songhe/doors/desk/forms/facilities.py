"""Forms of facilities: typed here, judged by the actions. Field names are the names that the actions take."""

from django import forms
from django.utils.translation import gettext_lazy as _

from songhe.doors.desk.forms.visits import Day
from songhe.registry.facilities import terms

WEEKDAYS = [
    (1, _("周一")),
    (2, _("周二")),
    (3, _("周三")),
    (4, _("周四")),
    (5, _("周五")),
    (6, _("周六")),
    (7, _("周日")),
]
NO_CODE = "none"


def _day(label, **more) -> forms.DateField:
    return forms.DateField(label=label, widget=Day, **more)


def _text(label, size, *, required=False, **more) -> forms.CharField:
    return forms.CharField(label=label, max_length=size, required=required, **more)


class PlaceForm(forms.Form):
    """A form that offers the villages (and townships) of the post; `choices` come from the view."""

    def __init__(self, *args, places=(), **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("place", "village"):
            if name in self.fields:
                self.fields[name].choices = places


class NewForm(PlaceForm):
    name = _text(_("名称"), 100, required=True)
    kind = forms.ChoiceField(label=_("类型"), choices=terms.KINDS)
    place = forms.ChoiceField(label=_("地点"), help_text=_("选到村（社区）；还没有选址的，选乡镇（街道）。"))
    status = forms.ChoiceField(
        label=_("现在的状态"), choices=terms.STATUSES[:4], help_text=_("验收和投用要另行办理：投用以活动记录为准。")
    )
    on = _day(_("从哪天起是这个状态"))
    location = _text(_("位置"), 200, help_text=_("例如“东亭社区服务中心一层”。"))
    venue = forms.ChoiceField(label=_("场所"), choices=terms.VENUES, required=False, help_text=_("助老服务点填写。"))
    project = _text(_("所属工程"), 60)
    paper = _text(_("依据"), 120)


class SiteForm(PlaceForm):
    village = forms.ChoiceField(label=_("选定的村（社区）"))
    on = _day(_("选定日期"))
    location = _text(_("位置"), 200)
    paper = _text(_("依据"), 120)


class StatusForm(forms.Form):
    status = forms.ChoiceField(label=_("新状态"), choices=terms.STATUSES, widget=forms.RadioSelect)
    on = _day(_("日期"))
    reason = _text(_("原因"), 200, help_text=_("退回、关停、重新启用必须写明。"))
    paper = _text(_("依据"), 120, help_text=_("以前验收的，写验收文件号。"))


class BedsForm(forms.Form):
    kind = forms.ChoiceField(label=_("床位类型"), choices=terms.BEDS)
    origin = forms.ChoiceField(
        label=_("来源"), choices=terms.BED_ORIGINS, help_text=_("改造的床位单独统计，不与新增的相加。")
    )
    from_kind = forms.ChoiceField(label=_("改造前类型"), choices=[("", _("不是改造")), *terms.BEDS], required=False)
    count = forms.IntegerField(label=_("张数"), min_value=1, max_value=5000)
    on = _day(_("日期"))
    evidence = _text(_("依据"), 200)


class RoomsForm(forms.Form):
    codes = forms.MultipleChoiceField(label=_("房间"), choices=terms.ROOMS, widget=forms.CheckboxSelectMultiple)
    on = _day(_("从哪天起"))
    detail = _text(_("说明"), 120)


class ServicesForm(forms.Form):
    codes = forms.MultipleChoiceField(label=_("服务"), choices=terms.SERVICES, widget=forms.CheckboxSelectMultiple)
    on = _day(_("从哪天起"))
    detail = _text(_("说明"), 120)


class StaffForm(forms.Form):
    name = _text(_("姓名"), 40, required=True)
    role = forms.ChoiceField(label=_("岗位"), choices=terms.ROLES)
    dedicated = forms.ChoiceField(
        label=_("专职或兼职"), choices=[("dedicated", _("专职")), ("shared", _("兼职"))], widget=forms.RadioSelect
    )
    certificate = _text(_("持证"), 60)
    on = _day(_("到岗日期"))


class HoursForm(forms.Form):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("开放日"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    opens = forms.TimeField(label=_("开门"), widget=forms.TimeInput(attrs={"type": "time"}))
    closes = forms.TimeField(label=_("关门"), widget=forms.TimeInput(attrs={"type": "time"}))
    on = _day(_("从哪天起"))


class MeasureForm(forms.Form):
    what = forms.ChoiceField(label=_("项目"), choices=terms.MEASURES)
    value = forms.DecimalField(label=_("数值"), min_value=0, max_digits=10, decimal_places=2)
    on = _day(_("测量日期"))
    source = _text(_("来源"), 120, help_text=_("例如“房产证”“现场测量”。"))


class LicenceForm(forms.Form):
    kind = forms.ChoiceField(label=_("证照"), choices=terms.LICENCES)
    number = _text(_("证号"), 60)
    issuer = _text(_("发证机关"), 80)
    valid_from = _day(_("发证日期"))
    valid_to = _day(_("有效期至"), required=False, help_text=_("含当天；长期有效的不填。"))
    absent_reason = _text(_("没有办理的原因"), 120, help_text=_("没有证号时必须写明。"))


class OperatorForm(forms.Form):
    organisation = forms.TypedChoiceField(label=_("运营机构"), coerce=int)
    selection = forms.ChoiceField(label=_("选取方式"), choices=terms.SELECTIONS)
    contract = _text(_("合同或批复号"), 80)
    contract_on = _day(_("签约日期"))
    valid_from = _day(_("开始运营"))
    exception = _text(_("例外理由"), 200, help_text=_("不按“原则上”的要求选取时必须写明。"))

    def __init__(self, *args, organisations=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = organisations


class PremisesForm(forms.Form):
    sourcing = forms.ChoiceField(label=_("用房来源"), choices=terms.SOURCINGS)
    owner = forms.ChoiceField(label=_("产权"), choices=terms.OWNERS)
    leased = forms.ChoiceField(
        label=_("是否租赁"), choices=[("not", _("不租赁")), ("leased", _("租赁"))], widget=forms.RadioSelect
    )
    valid_from = _day(_("开始"))
    detail = _text(_("说明"), 200)


class SyncForm(forms.Form):
    estate = _text(_("小区"), 80, required=True)
    step = forms.ChoiceField(label=_("步骤"), choices=terms.SYNC_STEPS)
    result = forms.ChoiceField(
        label=_("结果"), choices=[("met", _("同步")), ("not_met", _("未同步"))], widget=forms.RadioSelect
    )
    on = _day(_("日期"))
    evidence = _text(_("依据"), 200)


class ActivityForm(forms.Form):
    on = _day(_("日期"))
    kind = forms.ChoiceField(label=_("活动"), choices=terms.ACTIVITIES)
    count = forms.IntegerField(label=_("参加人次"), min_value=1, max_value=100000)
    evidence = _text(_("凭据"), 200, required=True, help_text=_("签到表、就餐记录、台账页码、照片编号等。"))


class AppraisalForm(forms.Form):
    scheme = _text(_("评价办法"), 80, required=True)
    on = _day(_("日期"))
    score = forms.DecimalField(label=_("得分"), required=False, max_digits=7, decimal_places=2)
    grade = _text(_("等级"), 30)
    valid_to = _day(_("有效期至"), required=False)


class DesignationForm(forms.Form):
    number = _text(_("定点编号"), 60)
    agency = _text(_("经办机构"), 80)
    valid_from = _day(_("开始"))
    valid_to = _day(_("结束（含当天）"), required=False)


class OrganisationForm(forms.Form):
    name = _text(_("名称"), 120, required=True)
    credit_code = _text(_("统一社会信用代码"), 24, required=True, help_text=_("18 位，按校验码核对。"))
    kind = forms.ChoiceField(label=_("性质"), choices=terms.ORGANISATIONS)


class RenameForm(forms.Form):
    name = _text(_("名称"), 100, required=True)
    location = _text(_("位置"), 200)
    project = _text(_("所属工程"), 60)
    longitude = forms.FloatField(label=_("经度"), required=False, min_value=73, max_value=136, help_text="CGCS2000")
    latitude = forms.FloatField(label=_("纬度"), required=False, min_value=3, max_value=54, help_text="CGCS2000")


class EndForm(forms.Form):
    on = _day(_("日期"))


class VoidActivityForm(forms.Form):
    reason = _text(_("作废理由"), 120, required=True)


class InspectForm(forms.Form):
    kind = forms.ChoiceField(label=_("检查类型"), choices=terms.INSPECTIONS, widget=forms.RadioSelect)
    on = _day(_("检查日期"))
    team = forms.CharField(
        label=_("检查组成员"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("每行一人，至少两人。")
    )

    def clean_team(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["team"].splitlines() if line.strip()]


class AgainForm(InspectForm):
    kind = None


class ConcludeForm(forms.Form):
    opinion = forms.CharField(
        label=_("检查意见"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    due_on = _day(_("整改期限"), required=False, help_text=_("有不达标项时使用；不填按默认期限。"))
    addressed_to = _text(_("整改单位"), 120)


class RepairForm(forms.Form):
    on = _day(_("整改日期"))
    done = forms.CharField(label=_("整改情况"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class DrawForm(forms.Form):
    kinds = forms.MultipleChoiceField(label=_("设施类型"), choices=terms.KINDS, widget=forms.CheckboxSelectMultiple)
    size = forms.IntegerField(label=_("抽取数"), min_value=1, max_value=500)
    seed = _text(_("随机种子"), 64, help_text=_("不填由系统生成；同一种子、同一范围，谁来抽结果都一样。"))


class LinesForm(forms.Form):
    """Every line of a checklist: what was measured, a remark, a photograph. Empty means not looked at."""

    def __init__(self, *args, lines, english=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            definition = line.definition
            self.fields[f"measured_{line.pk}"] = _measured(definition, line.measured, "en" if english else "zh")
            self.fields[f"remark_{line.pk}"] = _text(_("说明"), 200, initial=line.remark)
            if definition["photo"]:
                self.fields[f"photo_{line.pk}"] = forms.FileField(
                    label=_("现场照片"), required=False, widget=forms.FileInput(attrs={"accept": "image/*"})
                )

    def rows(self) -> list[dict]:
        """[{line, measured, remark, photo}] with the fields of each line, for the page."""
        return [
            {
                "line": line,
                "measured": self[f"measured_{line.pk}"],
                "remark": self[f"remark_{line.pk}"],
                "photo": self[f"photo_{line.pk}"] if f"photo_{line.pk}" in self.fields else None,
            }
            for line in self.lines
        ]

    def said(self, line) -> dict | None:
        """What was filled in for a line, as `actions.record_line` takes it."""
        given = self.cleaned_data[f"measured_{line.pk}"]
        if given in (None, "", []):
            return None
        if isinstance(given, list):
            return {"codes": [code for code in given if code != NO_CODE]}
        return {"value": given}


WORDS = dict([*terms.ROOMS, *terms.SERVICES, *terms.LICENCES, *terms.SYNC_STEPS])


def _measured(definition: dict, measured: dict | None, language: str) -> forms.Field:
    label = definition["title"][language]
    if definition["measure"] in ("services", "rooms", "licence", "four_sync"):
        choices = [(code, WORDS.get(code, code)) for code in definition["codes"]] + [(NO_CODE, _("看过，都没有"))]
        initial = (measured["codes"] or [NO_CODE]) if measured else []
        return forms.MultipleChoiceField(
            label=label, choices=choices, required=False, initial=initial, widget=forms.CheckboxSelectMultiple
        )
    if definition["measure"] == "ltci_designated":
        return forms.ChoiceField(
            label=label, choices=[("", _("未查明")), ("1", _("是")), ("0", _("否"))], required=False,
            initial=f"{measured['value']:g}" if measured else "",
        )  # fmt: skip
    return forms.DecimalField(
        label=f"{label}（{definition['unit']}）", required=False, min_value=0, max_value=10**7, decimal_places=2,
        initial=f"{measured['value']:g}" if measured else None,
    )  # fmt: skip


class SheetForm(forms.Form):
    """A register of facilities to bring in."""

    file = forms.FileField(
        label=_("设施名单"),
        help_text=_(".xlsx、.xls 或 .csv。列名照模板；自己的表也可以，只要有类型、名称、状态、状态日期和地点。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )
