"""Forms of a person's file: typed here, read and judged by the actions (`registry.people.entry` keeps the readers)."""

from django import forms
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from songhe.core import identity
from songhe.registry.people import rules, terms
from songhe.registry.people.models import Person

SEX = {"male": "m", "female": "f"}
EMPTY = [("", _("未填"))]
MARITAL = [  # stored as rosters write it (registry.people.roster.columns.MARITAL)
    ("未婚", _("未婚")),
    ("已婚", _("已婚")),
    ("丧偶", _("丧偶")),
    ("离婚", _("离婚")),
    ("再婚", _("再婚")),
    ("不详", _("不详")),
]
SOURCES = (_("村（社区）上门登记"), _("本人申报"), _("民政救助系统"), _("残联"), _("公安户籍"), _("卫健"), _("医保"))


class Day(forms.DateInput):
    """A date field of the browser; it wants ISO whatever the language."""

    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class DayField(forms.DateField):
    widget = Day


def today():
    return timezone.localdate()


class Choices(forms.RadioSelect):
    """Radio buttons as big targets (`desk/parts/choices.html`)."""

    laid_out = "choices"


class ManyChoices(forms.CheckboxSelectMultiple):
    laid_out = "choices"


class SourceField(forms.CharField):
    """Where a fact comes from: free text with the usual answers offered."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("来源"))
        kwargs.setdefault("help_text", _("谁提供的，例如“村（社区）上门登记”“残联”。"))
        kwargs.setdefault("initial", _("村（社区）上门登记"))
        super().__init__(max_length=60, **kwargs)
        self.widget.attrs |= {"list": "sources", "autocomplete": "off"}


class IdentityForm(forms.Form):
    """What the ID number fills: birth date and sex."""

    id_number = forms.CharField(
        label=_("身份证号码"),
        max_length=30,
        required=False,
        help_text=_("填了号码，出生日期、性别和年龄自动得出。没有号码的填下面两项。"),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off", "spellcheck": "false", "hx-post": reverse_lazy("person-id"), "hx-target": "#born",
                "hx-swap": "outerHTML", "hx-trigger": "change", "hx-include": "closest form",
            }
        ),
    )  # fmt: skip
    birth = DayField(label=_("出生日期"), required=False)
    sex = forms.ChoiceField(
        label=_("性别"), required=False, choices=Person._meta.get_field("sex").choices, widget=Choices
    )

    def read_id(self) -> identity.IdReading | None:
        """The number as read, or None when nothing was typed."""
        typed = (self.data.get("id_number") or "").strip()
        return identity.read_id(typed, today()) if typed else None

    def said(self) -> dict:
        """What the number says: `age`, or `problem`."""
        reading = self.read_id()
        if reading is None:
            return {}
        if not reading.ok:
            return {"problem": next((p for p in reading.problems if p.level == "error"), None)}
        return {"age": rules.age_on(reading.birth, today()), "notes": reading.problems}

    def clean(self):
        """The number rules: birth and sex follow it; a different birth date stays only where the number says nothing."""
        data = super().clean()
        reading = self.read_id()
        if reading and reading.ok:
            data["birth"] = data.get("birth") or reading.birth
            data["sex"] = data.get("sex") or SEX[reading.sex]
        return data


class PersonForm(IdentityForm):
    """A new file: what is known at the door, nothing asked twice."""

    name = forms.CharField(label=_("姓名"), max_length=40, help_text=_("与身份证一致，不写备注。"))
    village = forms.ChoiceField(label=_("村（社区）"), help_text=_("居住地，不是户籍地。"))
    phone = forms.CharField(
        label=_("联系电话"), max_length=30, required=False, help_text=_("手机，或带区号的固定电话。")
    )
    address = forms.CharField(
        label=_("居住地址"), max_length=120, required=False, help_text=_("门牌或村内位置，加密保存。")
    )
    living = forms.ChoiceField(label=_("居住方式"), required=False, choices=[*EMPTY, *terms.LIVING])
    circumstances = forms.MultipleChoiceField(
        label=_("困难情形"),
        required=False,
        choices=[(kind.code, kind.label) for kind in terms.CIRCUMSTANCES],
        widget=ManyChoices,
        help_text=_("可多选；从今天起算，起止日期以后可在档案里改。"),
    )
    hukou_text = forms.CharField(label=_("户籍地"), max_length=120, required=False, help_text=_("人户分离时填写。"))
    marital = forms.ChoiceField(label=_("婚姻"), required=False, choices=[*EMPTY, *MARITAL])
    ethnicity = forms.CharField(label=_("民族"), max_length=20, required=False)
    source = SourceField()
    field_order = ["id_number", "birth", "sex", "name", "village", "phone", "address", "living", "circumstances"]

    def __init__(self, *args, villages, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["village"].choices = grouped(villages)


class EditForm(IdentityForm):
    """Changes to a file. Sealed fields stay as they are unless something new is typed."""

    name = forms.CharField(label=_("姓名"), max_length=40)
    former_name = forms.CharField(label=_("曾用名"), max_length=40, required=False)
    phone = forms.CharField(label=_("联系电话"), max_length=30, required=False, help_text=_("留空表示不改。"))
    no_phone = forms.BooleanField(label=_("没有电话，清空"), required=False)
    address = forms.CharField(label=_("居住地址"), max_length=120, required=False, help_text=_("留空表示不改。"))
    living = forms.ChoiceField(label=_("居住方式"), required=False, choices=[*EMPTY, *terms.LIVING])
    hukou_text = forms.CharField(label=_("户籍地"), max_length=120, required=False, help_text=_("人户分离时填写。"))
    marital = forms.ChoiceField(label=_("婚姻"), required=False, choices=[*EMPTY, *MARITAL])
    ethnicity = forms.CharField(label=_("民族"), max_length=20, required=False)
    case_file_on = DayField(label=_("建档日期"), required=False)
    source = SourceField()
    field_order = ["name", "former_name", "id_number"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["id_number"].help_text = _("留空表示不改；填了新号码，出生日期和性别跟着改。")
        self.fields["birth"].required = self.fields["sex"].required = True

    def changes(self, seen: dict[str, str]) -> dict:
        """The fields that differ from what the page showed (`seen`), as `actions.edit` takes them."""
        data, out = self.cleaned_data, {}
        for field in (*PLAIN, "birth", "sex"):
            value = data.get(field)
            if ("" if value is None else str(value)) != seen.get(field, ""):
                out[field] = value
        for field in ("id_number", "phone", "address"):
            if data.get(field):
                out[field] = data[field]
        if data.get("no_phone") and not data.get("phone"):
            out["phone"] = ""
        reading = self.read_id()
        if reading and reading.ok:
            out |= {"birth": reading.birth, "sex": SEX[reading.sex]}
        return out


PLAIN = ("name", "former_name", "living", "hukou_text", "marital", "ethnicity", "case_file_on")
SHOWN = (*PLAIN, "birth", "sex", "id_number", "phone", "address")


def grouped(villages) -> list:
    """Villages as choices, township by township; the value is the code."""
    towns: dict[str, list] = {}
    for village in villages:
        towns.setdefault(str(village.parent or ""), []).append((village.code, str(village)))
    if len(towns) == 1:
        only = next(iter(towns.values()))
        return only if len(only) == 1 else [("", _("请选择")), *only]
    return [("", _("请选择")), *towns.items()]


class UnmaskForm(forms.Form):
    reason = forms.CharField(
        label=_("事由"),
        max_length=120,
        help_text=_("写明为什么要看，例如“电话探访”“核对证件”。事由会记入审计。"),
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off"}),
    )


class CircumstanceForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("困难情形"), choices=[(kind.code, kind.label) for kind in terms.CIRCUMSTANCES], widget=Choices
    )
    valid_from = DayField(label=_("起始日期"), initial=today)
    valid_to = DayField(label=_("终止日期"), required=False, help_text=_("从这一天起不再是；仍在的留空。"))
    source = SourceField()


class EndForm(forms.Form):
    valid_to = DayField(
        label=_("终止日期"), initial=today, help_text=_("从这一天起不再是。填起始日期本身表示登记有误，整条取消。")
    )
    reason = forms.CharField(label=_("理由"), max_length=120)


class EventForm(forms.Form):
    """A life event; which fields it has depends on the kind."""

    on = DayField(label=_("日期"), initial=today)
    village = forms.ChoiceField(label=_("迁入的村（社区）"))
    note = forms.CharField(label=_("说明"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    source = SourceField(required=False)
    sure = forms.BooleanField()

    def __init__(self, *args, kind: str, name: str, villages=(), **kwargs):
        super().__init__(*args, **kwargs)
        if kind in ("move_within", "move_in"):
            self.fields["village"].choices = grouped(villages)
        else:
            del self.fields["village"]
        if kind in FINAL:
            self.fields["note"].required = True
            self.fields["note"].label = _("依据或理由")
            self.fields["note"].help_text = _("例如“家属报告，殡葬证明编号……”。")
            self.fields["sure"].label = FINAL[kind] % {"name": name}
        else:
            del self.fields["sure"]


FINAL = {
    "death": _("我已核对：去世的是 %(name)s"),
    "move_out": _("我已核对：迁出辖区的是 %(name)s"),
}


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("理由"), max_length=120)


class ContactForm(forms.Form):
    name = forms.CharField(label=_("姓名"), max_length=40)
    relation = forms.ChoiceField(label=_("与本人关系"), choices=terms.RELATIONS)
    phone = forms.CharField(label=_("电话"), max_length=30, required=False)
    lives_near = forms.BooleanField(label=_("住在附近，可以上门察看"), required=False)


class ConsentForm(forms.Form):
    purpose = forms.CharField(label=_("同意事项"), max_length=40, help_text=_("例如“个人信息用于探访关爱”。"))
    given_by = forms.CharField(label=_("同意人"), max_length=40, help_text=_("本人，或监护人姓名。"))
    given_on = DayField(label=_("同意日期"), initial=today)
    paper = forms.CharField(
        label=_("凭据"), max_length=120, required=False, help_text=_("例如“纸质同意书，存村委会档案柜”。")
    )


class FamilyLinkForm(forms.Form):
    """Who gets a link, and what the person agreed that they may see."""

    contact = forms.TypedChoiceField(label=_("家属"), coerce=int)
    scopes = forms.MultipleChoiceField(
        label=_("除“探访过，平安”外，老人还同意他看"),
        choices=[pair for pair in terms.FAMILY_SCOPES if pair[0] != "family_page"],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    given_by = forms.CharField(label=_("同意人"), max_length=40, help_text=_("本人，或监护人姓名。"))
    given_on = DayField(label=_("同意日期"), initial=today)
    paper = forms.CharField(
        label=_("凭据"), max_length=120, required=False, help_text=_("例如“纸质同意书，存村委会档案柜”。")
    )

    def __init__(self, *args, contacts=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["contact"].choices = [(c.pk, f"{c.name} · {c.get_relation_display()}") for c in contacts]


class BenefitForm(forms.Form):
    kind = forms.CharField(label=_("种类"), max_length=40, help_text=_("例如高龄津贴、低保、残疾证。"))
    level = forms.CharField(label=_("等级"), max_length=20, required=False)
    number = forms.CharField(label=_("证号"), max_length=60, required=False, help_text=_("加密保存。"))
    valid_from = DayField(label=_("起始日期"), initial=today)
    valid_to = DayField(label=_("终止日期"), required=False)
    source = SourceField(required=False)


class HouseholdForm(forms.Form):
    other = forms.CharField(label=_("同住人的身份证号码"), max_length=30, help_text=_("须在本村已建档。"))
    number = forms.CharField(label=_("户号"), max_length=40, required=False, help_text=_("户口簿户号，加密保存。"))


class MergeForm(forms.Form):
    kept = forms.ChoiceField(label=_("保留哪一份"), widget=Choices)
    reason = forms.CharField(label=_("理由"), max_length=200, help_text=_("例如“同一人登记两次，已上门核对”。"))

    def __init__(self, *args, pair, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kept"].choices = [
            (str(person.uid), _("%(name)s：%(value)s") % {"name": side, "value": person.name})
            for side, person in zip((_("左边"), _("右边")), pair, strict=True)
        ]


class ExportForm(forms.Form):
    fmt = forms.ChoiceField(
        label=_("文件格式"), choices=[("xlsx", "Excel（.xlsx）"), ("csv", "CSV")], initial="xlsx", widget=Choices
    )
    reason = forms.CharField(
        label=_("用途"), max_length=120, help_text=_("写明给谁、做什么用。用途、筛选条件和行数会记入审计，文件带水印。")
    )
    clear = forms.BooleanField(
        label=_("证件号、电话、住址不遮盖"),
        required=False,
        help_text=_("只在确有需要时勾选；文件请妥善保管，用完删除。"),
    )

    def __init__(self, *args, may_unmask, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_unmask:
            del self.fields["clear"]

    def choices(self) -> dict:
        """As `exports.export` takes them."""
        return {"clear": False} | self.cleaned_data


class OtherScaleForm(forms.Form):
    """Another scale's result, kept as it was given."""

    scale = forms.ChoiceField(
        label=_("量表"),
        choices=[
            ("barthel", _("Barthel 指数（MZ/T 039）")),
            ("ltci", _("长期护理失能等级评估标准")),
            ("other", _("其他")),
        ],
    )
    on = DayField(label=_("评估日期"), initial=today)
    result = forms.CharField(label=_("结果"), max_length=60, help_text=_("照原结论填写，不换算成国标等级。"))
    total = forms.IntegerField(label=_("总分"), required=False, min_value=0, max_value=1000)
    agency = forms.CharField(label=_("评估机构"), max_length=80, required=False)
    valid_to = DayField(label=_("有效期至"), required=False)
