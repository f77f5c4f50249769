"""What a planner asks about new sites. Field names are those of siting.asked.Asked and of the address."""

from django import forms
from django.utils.translation import gettext_lazy as _

from songhe.insight.siting.asked import REACH, RIDE, SHORTEST, TOWN, URBAN, WALK, Asked
from songhe.insight.siting.definitions import siting_terms
from songhe.registry.facilities import terms
from songhe.registry.people.terms import CIRCUMSTANCES

# Firms and offices are no places that people go to.
KINDS = [kind for kind in terms.KINDS if kind[0] not in ("meal_delivery", "housekeeping_firm", "volunteer_base")]


class SitingForm(forms.Form):
    kind = forms.ChoiceField(label=_("建哪类设施"), choices=KINDS)
    count = forms.IntegerField(label=_("新建几处"), max_value=500)
    goal = forms.ChoiceField(
        label=_("按什么选"),
        choices=[(REACH, _("规定时间内覆盖的老人最多")), (SHORTEST, _("大家的路程合起来最短"))],
    )
    minutes = forms.IntegerField(label=_("多少分钟内算覆盖"), min_value=1, max_value=180)
    how = forms.ChoiceField(label=_("怎么去"), choices=[(RIDE, _("乘车")), (WALK, _("步行"))])
    whom = forms.ChoiceField(
        label=_("为哪些老人"),
        required=False,
        choices=[("", _("全部在世老人")), *((c.code, c.label) for c in CIRCUMSTANCES)],
    )
    fair = forms.ChoiceField(
        label=_("先照顾最差的"),
        required=False,
        choices=[("", _("不要求")), (TOWN, _("先照顾覆盖最差的乡镇（街道）")), (URBAN, _("城镇和乡村，先照顾较差的"))],
        help_text=_("只用于“覆盖最多”：先让最差的尽量高，再求总数最多。"),
    )
    built = forms.BooleanField(label=_("已选址、在建的也算已有"), required=False)

    def clean(self):
        found = super().clean()
        if found.get("goal") == SHORTEST and found.get("fair"):
            self.add_error("fair", _("“路程最短”不能再按最差的先照顾。请改选“覆盖的老人最多”，或选“不要求”。"))
        return found

    def asked(self, must: frozenset[str], never: frozenset[str]) -> Asked:
        return Asked(**self.cleaned_data, must=must, never=never)


def begin() -> dict:
    """What an untouched form shows."""
    return {"kind": "day_care_station", "count": 3, "goal": REACH, "minutes": siting_terms().minutes, "how": RIDE}
