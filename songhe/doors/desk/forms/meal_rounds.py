"""What a planner asks of a day's meal rounds."""

from django import forms
from django.utils.translation import gettext_lazy as _

from songhe.insight.rounds.meal_rounds import MealTerms


class RoundsForm(forms.Form):
    """Couriers of each kitchen, meals a courier carries, minutes until the last handover, and whose kitchen cooks for whom."""

    couriers = forms.IntegerField(label=_("每处送餐员（人）"), min_value=1, max_value=50)
    boxes = forms.IntegerField(label=_("每人一趟带（份）"), min_value=1, max_value=500)
    warm = forms.IntegerField(
        label=_("最迟送达（出门后分钟）"),
        min_value=5,
        max_value=240,
        help_text=_("餐食还热的时候送到；超过的不排，说明原因。"),
    )
    shared = forms.ChoiceField(
        label=_("由谁送"), choices=[("", _("各送各的")), ("1", _("就近的助餐点送"))], required=False
    )

    def asked(self, terms: MealTerms) -> MealTerms:
        data = self.cleaned_data
        return terms.asked(
            couriers=data["couriers"], boxes=data["boxes"], warm=float(data["warm"]), shared=bool(data["shared"])
        )
