"""The form of GB/T 42195-2022, laid out from the scale's own definition: an item added there appears here."""

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from songhe.doors.desk.forms.people import DayField
from songhe.registry.people.assessment import Findings, Scale
from songhe.registry.people.terms import RELATIONS

TIMES = [(0, _("没有")), (1, _("1 次")), (2, _("2 次")), (3, _("3 次及以上"))]


class AssessmentForm(forms.Form):
    """Head and signatures; the 26 items and the findings are read from the scale by `answers` and `findings`."""

    on = DayField(label=_("评估日期"), initial=timezone.localdate)
    reason = forms.ChoiceField(label=_("评估原因"))
    agency = forms.CharField(label=_("评估机构"), max_length=80, required=False)
    assessor_1 = forms.CharField(label=_("评估员一"), max_length=40)
    medical_1 = forms.BooleanField(label=_("评估员一有医学背景"), required=False)
    assessor_2 = forms.CharField(label=_("评估员二"), max_length=40)
    medical_2 = forms.BooleanField(label=_("评估员二有医学背景"), required=False)
    informant = forms.CharField(
        label=_("信息提供者"), max_length=40, help_text=_("本人、亲属或照护者，与评估员一起签字。")
    )
    informant_relation = forms.ChoiceField(
        label=_("信息提供者与本人关系"), choices=[("self", _("本人")), *RELATIONS], required=False
    )

    def __init__(self, *args, scale: Scale, **kwargs):
        super().__init__(*args, **kwargs)
        self.scale = scale
        self.fields["reason"].choices = [(r.id, self._said(r)) for r in scale.reasons]

    def _said(self, term) -> str:
        return term.en if (get_language() or "").startswith("en") else term.zh

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("评估日期在今天之后。请核对。"))
        return day

    def clean(self):
        data = super().clean()
        first, second = ((data.get(f"assessor_{n}") or "").strip() for n in (1, 2))
        if first and first == second:
            self.add_error("assessor_2", _("需要两名不同的评估员。"))
        return data

    def _typed(self, name: str) -> int | None:
        text = self.data.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 3 else None

    def answers(self) -> dict[str, int | None]:
        """Item → score, None where nothing was chosen."""
        return {item.id: self._typed(item.id) for item in self.scale.items}

    def findings(self) -> Findings:
        """What form A adds; a question left open is None and blocks."""
        yes = {"yes": True, "no": False}
        risks = {risk.id: self._typed(f"risk_{risk.id}") for risk in self.scale.risk_types}
        return Findings(
            coma=yes.get(self.data.get("coma", "")),
            mental_diagnosis=yes.get(self.data.get("mental_diagnosis", "")),
            risk_events=None if None in risks.values() else risks,
        )

    def laid_out(self) -> list[dict]:
        """Domains with their items and answers as the page shows them."""
        return [
            {
                "id": domain.id,
                "label": self._said(domain),
                "clause": domain.clause,
                "most": domain.max,
                "count": len(domain.items),
                "items": [
                    {
                        "id": item.id,
                        "label": self._said(item),
                        "note": item.note,
                        "most": item.max,
                        "open": self.is_bound and self._typed(item.id) is None,
                        "answers": [
                            {"score": a.score, "label": self._said(a), "on": self._typed(item.id) == a.score}
                            for a in item.answers
                        ],
                    }
                    for item in domain.items
                ],
            }
            for domain in self.scale.domains
        ]

    def laid_out_findings(self) -> list[dict]:
        """The yes-or-no questions of form A."""
        return [
            {
                "id": finding.id,
                "label": self._said(finding),
                "clause": finding.clause,
                "value": self.data.get(finding.id, ""),
                "open": self.is_bound and self.data.get(finding.id) not in ("yes", "no"),
            }
            for finding in self.scale.findings
            if finding.id != "risk_events"
        ]

    def laid_out_risks(self) -> dict:
        """How often each care-risk event happened in 30 days."""
        finding = next(f for f in self.scale.findings if f.id == "risk_events")
        rows = [
            {
                "id": f"risk_{risk.id}",
                "label": self._said(risk),
                "open": self.is_bound and self._typed(f"risk_{risk.id}") is None,
                "answers": [
                    {"value": n, "label": words, "on": self._typed(f"risk_{risk.id}") == n} for n, words in TIMES
                ],
            }
            for risk in self.scale.risk_types
        ]
        return {"id": finding.id, "label": self._said(finding), "clause": finding.clause, "rows": rows}
