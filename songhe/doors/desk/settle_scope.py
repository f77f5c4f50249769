"""What the pages of 核对, 投诉, 合同 and 结算 share: their tabs, words in the reader's language, forms that call one verb."""

from collections.abc import Callable

from django import forms
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from songhe.care.evidence import definitions as checks
from songhe.care.evidence.models import Flag
from songhe.core.refusal import Refusal
from songhe.doors.desk.scope import Scope

TABS: list[tuple[str, str, str]] = [
    ("checks", gettext_noop("凭据核定"), "evidence.view"),
    ("callbacks", gettext_noop("抽样回访"), "callbacks.make"),
    ("complaints", gettext_noop("投诉与事故"), "complaints.view"),
    ("contracts", gettext_noop("合同与结算"), "settlement.view"),
]
"""(name of the address, label, permission)."""


def link(scope: Scope, name: str, *args, **given) -> str:
    """A page of the section with this area."""
    return scope.link(reverse(name, args=args), **({"period": None} | given))


def section(request, here: str) -> list[dict]:
    """The tabs that this post may open."""
    return [
        {"label": _(label), "url": link(request.scope, name), "current": name == here, "count": ""}
        for name, label, permission in TABS
        if request.post.may(permission)
    ]


def language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def item_name(item) -> str:
    return item.name_en if language() == "en" else item.name


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
