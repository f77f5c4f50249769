"""What the pages of 核对, 投诉, 合同 and 结算 share: flags in the reader's language, forms that call one verb."""

from collections.abc import Callable

from django import forms
from django.utils.translation import get_language

from songhe.care.evidence import definitions as checks
from songhe.care.evidence.models import Flag
from songhe.core.refusal import Refusal


def language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def flag_row(flag: Flag) -> dict:
    """A flag for templates: what is asked, why, and what was found."""
    found = checks.on(flag.on)
    text = found.rules.get(flag.rule)
    lang = language()
    if text is None:
        return {"flag": flag, "title": flag.rule, "why": "", "said": ""}
    return {
        "flag": flag,
        "title": text["title"][lang],
        "why": text["why"][lang],
        "said": found.explained(flag.rule, flag.facts, lang),
    }


def rule_titles() -> dict[str, str]:
    """{rule: its title}, in the order of the definition."""
    from django.utils import timezone

    lang = language()
    return {name: rule["title"][lang] for name, rule in checks.on(timezone.localdate()).rules.items()}


def done(form: forms.Form, verb: Callable[[], object]) -> bool:
    """Call a verb for a valid form; a refusal becomes the form's error, at its field where it names one."""
    try:
        verb()
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True
