"""Forms of 核对, 投诉, 合同 and 结算: typed here, judged by the actions."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from songhe.care.evidence import terms
from songhe.care.settlement.models import ANSWERS, VERDICTS
from songhe.doors.desk.forms.people import Choices, DayField, ManyChoices

DECISIONS = [("accepted", _("采信")), ("refused", _("不采信"))]
TALL = {"rows": 3}


def _reason(label=_("理由"), **more) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, **more)


class OrderField(forms.CharField):
    """An order's number as it is said on the telephone (20261122-61) or its last part alone; the value is the order's id or None."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("订单编号"))
        super().__init__(max_length=20, **kwargs)

    def clean(self, value) -> int | None:
        number = super().clean(value).strip().rpartition("-")[2]
        if number and not (number.isascii() and number.isdigit() and int(number) < 2**63):
            raise forms.ValidationError(_("看不懂这个订单编号。请写成 20261122-61，或只写“-”后面的数字。"))
        return int(number) if number else None


class DecideForm(forms.Form):
    """One decision over the flags that are ticked."""

    verdict = forms.ChoiceField(label=_("核定"), choices=DECISIONS, widget=Choices)
    reason = _reason(help_text=_("留档备查；会给机构看到。"))


class OverrideForm(forms.Form):
    """A start or finish that no telephone sent."""

    worker = forms.ChoiceField(label=_("护理员"))
    kind = forms.ChoiceField(label=_("环节"), choices=terms.STAMPS, widget=Choices)
    at = forms.DateTimeField(
        label=_("时间"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    reason = _reason()

    def __init__(self, *args, workers=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["worker"].choices = [(w.pk, w.name) for w in workers]


class MonthField(forms.CharField):
    """A month as browsers send it (2026-10); the value is its first day."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("月份"))
        super().__init__(widget=forms.DateInput(attrs={"type": "month"}), **kwargs)

    def clean(self, value) -> date:
        text = super().clean(value)
        try:
            return date.fromisoformat(f"{text[:7]}-01")
        except ValueError:
            raise forms.ValidationError(_("请写成 2026-10 这样的月份。")) from None


class DrawForm(forms.Form):
    """Which provider's month is called back."""

    provider = forms.ChoiceField(label=_("服务机构"))
    month = MonthField()

    def __init__(self, *args, providers=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [(p.pk, str(p)) for p in providers]


class CallForm(forms.Form):
    """What came of a call."""

    outcome = forms.ChoiceField(label=_("结果"), choices=terms.CALL_OUTCOMES, widget=Choices)
    stars = forms.TypedChoiceField(
        label=_("满意程度"), required=False, coerce=int, empty_value=None,
        choices=[("", _("没有评价")), (5, _("5 很满意")), (4, "4"), (3, "3"), (2, "2"), (1, _("1 很不满意"))],
    )  # fmt: skip
    note = forms.CharField(label=_("说明"), required=False, max_length=200)


class ComplaintForm(forms.Form):
    """A complaint as it came."""

    channel = forms.ChoiceField(label=_("渠道"), choices=terms.COMPLAINT_CHANNELS)
    reference = forms.CharField(label=_("来件编号"), required=False, max_length=40)
    received_at = forms.DateTimeField(
        label=_("收到时间"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    order = OrderField(required=False, help_text=_("例如 20261122-61；没有的不填。"))
    provider = forms.ChoiceField(label=_("服务机构"), required=False)
    subject = forms.ChoiceField(label=_("类别"), choices=terms.SUBJECTS)
    text = forms.CharField(label=_("内容"), widget=forms.Textarea(attrs=TALL), max_length=2000)
    contact = forms.CharField(label=_("投诉人及电话"), required=False, max_length=80, help_text=_("加密保存。"))

    def __init__(self, *args, providers=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [("", _("不清楚")), *((p.pk, str(p)) for p in providers)]
        self.initial.setdefault("received_at", timezone.localtime().replace(second=0, microsecond=0))


class StepForm(forms.Form):
    """An answer, an appeal, the end."""

    finding = forms.ChoiceField(label=_("认定"), choices=terms.FINDINGS, widget=Choices)
    text = forms.CharField(label=_("说明"), widget=forms.Textarea(attrs=TALL), max_length=200)

    def __init__(self, *args, to: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        if to != "reply":
            del self.fields["finding"]


class IncidentForm(forms.Form):
    """Something went wrong at a service."""

    order = OrderField(help_text=_("例如 20261122-61。"))
    kind = forms.ChoiceField(label=_("类别"), choices=terms.INCIDENTS)
    severity = forms.ChoiceField(label=_("程度"), choices=terms.SEVERITIES, widget=Choices)
    occurred_at = forms.DateTimeField(
        label=_("发生时间"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    text = forms.CharField(label=_("经过和处置"), widget=forms.Textarea(attrs=TALL), max_length=2000)


class ContractForm(forms.Form):
    """A contract's own facts; lots and prices follow on its page."""

    number = forms.CharField(label=_("合同编号"), max_length=60)
    title = forms.CharField(label=_("合同名称"), max_length=120)
    buyer = forms.CharField(label=_("购买主体"), max_length=80)
    provider = forms.ChoiceField(label=_("承接机构"))
    place = forms.ChoiceField(label=_("合同地区"))
    source = forms.CharField(label=_("依据文件"), required=False, max_length=200)
    starts_on = DayField(label=_("开始日期"))
    ends_on = DayField(label=_("结束日期"), help_text=_("含当天"))
    ceiling = forms.DecimalField(label=_("合同总价（元）"), required=False, max_digits=14, decimal_places=2)
    needed = forms.IntegerField(label=_("结算须签字人数"), min_value=1, max_value=9, initial=2)

    def __init__(self, *args, providers=(), places=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [(p.pk, str(p)) for p in providers]
        self.fields["place"].choices = [(p.pk, str(p)) for p in places]


class LotForm(forms.Form):
    """A lot: its places, and one line a service: code and price."""

    name = forms.CharField(label=_("包件"), max_length=60)
    places = forms.MultipleChoiceField(label=_("覆盖地区"), widget=ManyChoices)
    prices = forms.CharField(
        label=_("单价"), widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("一行一项：目录编号和单价，例如“cleaning 38.00”。"),
    )  # fmt: skip
    named_only = forms.ChoiceField(
        label=_("服务对象"), choices=[("all", _("地区内全部享受对象")), ("listed", _("按名单"))], widget=Choices
    )

    def __init__(self, *args, places=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["places"].choices = [(p.pk, str(p)) for p in places]

    def clean_prices(self) -> dict:
        from decimal import Decimal, InvalidOperation

        out = {}
        for line in self.cleaned_data["prices"].splitlines():
            if not line.strip():
                continue
            code, _space, price = line.strip().replace("，", " ").replace(",", " ").partition(" ")
            try:
                out[code] = Decimal(price.strip())
            except InvalidOperation:
                raise forms.ValidationError(
                    _("这一行读不懂：%(line)s。请写成“cleaning 38.00”。") % {"line": line}
                ) from None
        return out


class PriceForm(forms.Form):
    """Another price of a service from a day on."""

    service = forms.ChoiceField(label=_("服务项目"))
    price = forms.DecimalField(label=_("新单价（元）"), max_digits=10, decimal_places=2, min_value=0)
    valid_from = DayField(label=_("从哪天起"), help_text=_("今天或以后；原单价到前一天为止。"))

    def __init__(self, *args, services=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = services


class ListForm(forms.Form):
    """Somebody for the list of this lot, named as in the search box."""

    who = forms.CharField(
        label=_("老年人"), max_length=40, help_text=_("证件号、电话、姓名或拼音首字母，须只找到一位。")
    )
    valid_from = DayField(label=_("起始日期"))


class UnlistForm(forms.Form):
    """Who is off the list, from which day on."""

    recipient = forms.IntegerField(widget=forms.HiddenInput)
    valid_from = DayField(label=_("从哪天起移出"))


class DrawUpForm(forms.Form):
    """Which month."""

    month = MonthField()


class AppraiseForm(forms.Form):
    """From when to when."""

    first = DayField(label=_("起"))
    last = DayField(label=_("止"))


class AnswerForm(forms.Form):
    """What becomes of an exception."""

    held = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(label=_("处理"), choices=ANSWERS)
    reason = _reason()


class AskForm(forms.Form):
    """Who is to sign."""

    signers = forms.MultipleChoiceField(label=_("签字人"), widget=ManyChoices)

    def __init__(self, *args, people=(), **kwargs):
        super().__init__(*args, **kwargs)
        names = [str(user) for user in people]  # two of one name are told apart by their account
        self.fields["signers"].choices = [
            (user.pk, f"{name}（{user.username}）" if names.count(name) > 1 else name)
            for user, name in zip(people, names, strict=True)
        ]


class SignForm(forms.Form):
    """One's own signature."""

    verdict = forms.ChoiceField(label=_("意见"), choices=VERDICTS, widget=Choices)
    opinion = forms.CharField(label=_("说明"), required=False, max_length=200, help_text=_("退回时必填。"))
