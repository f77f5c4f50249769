"""What a planner asks of a week's plan: somebody cannot come, an urgent need, one person to one helper, apart, swapped."""

import re

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from songhe.insight.planning.weekly.model import Forbid, Pin, Urgent
from songhe.insight.rounds.wishes import Wishes

_NUMBER = re.compile(r"[(（](\d+)[)）]\s*$")


class PersonField(forms.CharField):
    """A person of the plan, typed or chosen from the page's one list: "王秀英 · 某村 (12)", or a name that only one has."""

    def __init__(self, **kwargs):
        super().__init__(
            max_length=120, widget=forms.TextInput(attrs={"list": "plan-people", "autocomplete": "off"}), **kwargs
        )
        self.people: dict[str, str] = {}

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return ""
        if (found := _NUMBER.search(text)) and found[1] in self.people:
            return found[1]
        named = [pk for pk, name in self.people.items() if name.split(" · ")[0] == text.strip()]
        if len(named) == 1:
            return named[0]
        raise forms.ValidationError(
            _("有 %(n)s 位同名，请从列表里选。") % {"n": len(named)}
            if named
            else _("本周名单里没有这位老人，请从列表里选。")
        )


class _Wish(forms.Form):
    """A wish; `people` {id: name · village}, `helpers` and `days` as choices of the plan it is about."""

    def __init__(self, *args, people: dict[str, str], helpers: list, days: list, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, PersonField):
                field.people = people
            elif name == "helper":
                field.choices = [("", _("请选择")), *helpers]
            elif name == "days":
                field.choices = days
            elif name == "day":
                field.choices = [("", _("不限") if not field.required else _("请选择")), *days]

    def _day(self) -> int | None:
        day = self.cleaned_data.get("day")
        return int(day) if day else None


class IllForm(_Wish):
    helper = forms.ChoiceField(label=_("谁来不了"))
    days = forms.MultipleChoiceField(label=_("哪几天"), widget=forms.CheckboxSelectMultiple)

    def wishes(self) -> Wishes:
        return Wishes(ill={self.cleaned_data["helper"]: tuple(int(day) for day in self.cleaned_data["days"])})


class UrgentForm(_Wish):
    person = PersonField(label=_("老人"))
    day = forms.ChoiceField(label=_("哪一天"))
    why = forms.CharField(label=_("事由"), max_length=60)

    def wishes(self) -> Wishes:
        return Wishes(
            urgent=(Urgent(self.cleaned_data["person"], int(self.cleaned_data["day"]), self.cleaned_data["why"]),)
        )


class PinForm(_Wish):
    person = PersonField(label=_("老人"))
    helper = forms.ChoiceField(label=_("由谁去"))
    day = forms.ChoiceField(label=_("哪一天"), required=False)

    def wishes(self) -> Wishes:
        return Wishes(pins=(Pin(self.cleaned_data["person"], self.cleaned_data["helper"], self._day()),))


class ForbidForm(_Wish):
    person = PersonField(label=_("老人"))
    helper = forms.ChoiceField(label=_("不由谁去"))

    def wishes(self) -> Wishes:
        return Wishes(forbids=(Forbid(self.cleaned_data["person"], self.cleaned_data["helper"]),))


class SwapForm(_Wish):
    person = PersonField(label=_("一位老人"))
    other = PersonField(label=_("另一位老人"))

    def wishes(self) -> Wishes:
        return Wishes()

    def swap(self) -> tuple[str, str]:
        return self.cleaned_data["person"], self.cleaned_data["other"]


WISHES = {
    "ill": (_("有人来不了"), IllForm),
    "urgent": (_("紧急探访"), UrgentForm),
    "pin": (_("指定由谁去"), PinForm),
    "forbid": (_("回避"), ForbidForm),
    "swap": (_("两人对调"), SwapForm),
}


def day_choices(days) -> list[tuple[str, str]]:
    """[(0..6, 周一 11-23)] for [(number, date)]."""
    return [(str(number), f"{date_format(day, 'D')} {date_format(day, 'm-d')}") for number, day in days]
