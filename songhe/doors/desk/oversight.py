"""What pages of 台账, 督导, 会议, 数据申请 and 考评 share: their tabs, the words of states, forms that call one verb."""

from collections.abc import Callable

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from songhe.core.refusal import Refusal
from songhe.doors.desk.scope import Scope
from songhe.oversight.ledger import rules
from songhe.registry.places.models import Place

STATES = {
    "open": gettext_lazy("推进中"),
    "at_risk": gettext_lazy("有风险"),
    "late": gettext_lazy("逾期"),
    "awaiting": gettext_lazy("待销号"),
    "closed": gettext_lazy("已销号"),
    "closed_late": gettext_lazy("逾期销号"),
    "withdrawn": gettext_lazy("已撤销"),
}
REASONS = {
    "running": gettext_lazy("按期推进"),
    "not_begun": gettext_lazy("还没有到开始日期"),
    "overdue": gettext_lazy("已过完成期限，没有申请销号"),
    "due_soon": gettext_lazy("离完成期限不多于 %(due_within_days)s 天"),
    "quiet": gettext_lazy("超过 %(quiet_days)s 天没有登记进展"),
    "problem": gettext_lazy("问题清单上有超过解决期限的问题"),
    "below": gettext_lazy("有子项已经逾期"),
    "asked": gettext_lazy("已申请销号，等待签字"),
    "asked_late": gettext_lazy("过了期限才申请销号，等待签字"),
    "in_time": gettext_lazy("在期限内申请销号，签字已满"),
    "after_due": gettext_lazy("过了期限才申请销号，签字已满"),
    "withdrawn": gettext_lazy("经审批撤销"),
}


def state_shown(state: rules.State) -> dict:
    """Light, word and why of a state, for templates."""
    from songhe.oversight.ledger.definitions import terms

    why = str(REASONS[state.reason]) % vars(terms()) if "%(" in str(REASONS[state.reason]) else REASONS[state.reason]
    return {"name": state.name, "light": state.light, "word": STATES[state.name], "why": why}


def tabs(request, current: str) -> list[dict]:
    """The sections beside the ledger that the post may open."""
    offered = [
        ("ledger", _("台账"), "ledger.view"),
        ("drives", _("督导"), "ledger.view"),
        ("meetings", _("会议"), "meetings.view"),
        ("data-requests", _("数据申请"), "meetings.view"),
        ("awards", _("考评与评选"), "awards.view"),
    ]
    scope: Scope = request.scope
    return [
        {"label": label, "url": scope.link(reverse(name), period=None), "current": name == current}
        for name, label, permission in offered
        if request.post.may(permission)
    ]


def places_for(scope: Scope) -> list[Place]:
    """The place looked at and those directly below, for choosing where something belongs."""
    below = Place.objects.within(scope.post).filter(parent=scope.place).current(scope.today).order_by("code")
    return [scope.place, *below.defer("outline")]


def done(form: forms.Form, verb: Callable[[], object]) -> bool:
    """Call a verb for a valid form; a refusal becomes the form's error, at its field where it names one."""
    try:
        verb()
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True
