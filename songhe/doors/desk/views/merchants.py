"""爱心商家: who offers older people something, until when, and what is complained of. Nothing is bought or sold here."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from songhe.care.volunteering import actions, queries, terms
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.entering import Entry, entered
from songhe.doors.desk.facility_scope import link, section, site_scope
from songhe.doors.desk.forms import care as f
from songhe.registry.accounts.access import door
from songhe.registry.facilities.terms import KINDS, STATUSES

ONLY = [("", gettext_lazy("不限")), ("lapsed", gettext_lazy("没有优惠在期")), ("ending", gettext_lazy("优惠将到期")), ("complaints", gettext_lazy("有未办结投诉"))]  # fmt: skip
SHOWN = 200  # merchants on one page; the count is of all
ADDS = {
    "offer": Entry(gettext_lazy("登记优惠"), f.OfferForm, actions.offer, "merchants.edit"),
}


@door("facilities.view")
def index(request):
    """Merchants of the area with their offers, papers and open complaints."""
    scope, on = site_scope(request)
    given = {name: request.GET.get(name, "") for name in ("kind", "only")}
    if given["only"] not in dict(ONLY) or given["kind"] not in ("", *terms.MERCHANTS):
        raise Refusal("only", zh="没有这个筛选值。", en="Unknown filter value.", field="only")
    rows = queries.merchants(post=request.post, place=scope.place, on=on, **given)
    context = {
        "tabs": section(request, "merchants"),
        "rows": [
            {"merchant": m, "url": link(scope, "merchant", m.facility.uid), "kind": dict(KINDS)[m.facility.kind],
             "status": dict(STATUSES)[m.facility.status], "papers": [p for p in m.papers if p.valid_to and p.valid_to < on]}
            for m in rows[:SHOWN]
        ],
        "more": max(0, len(rows) - SHOWN),
        "given": given,
        "options": {"only": ONLY, "kind": [("", _("不限")), *((code, label) for code, label in KINDS if code in terms.MERCHANTS)]},
        "count_text": _("%(count)s 家") % {"count": len(rows)},
        "clear_url": link(scope, "merchants"),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/care/merchants.html", context)


def _merchant(request, uid, on):
    found = queries.merchant(post=request.post, uid=uid, on=on)
    if found is None:
        raise Http404
    return found


@door("facilities.view")
def one(request, uid):
    """One merchant: offers, papers, complaints."""
    scope, on = site_scope(request)
    facility = _merchant(request, uid, on)
    audit.note("merchants.read", "facility", facility.pk, area_id=facility.place_id)
    edit = request.post.may("merchants.edit")
    context = {
        "facility": facility,
        "kind": dict(KINDS)[facility.kind],
        "status": dict(STATUSES).get(facility.status, ""),
        "offers": facility.offers.order_by("-valid_to", "-pk"),
        "papers": facility.licences.order_by("valid_to"),
        "complaints": [
            {"row": c, "url": link(scope, "complaint", c.pk), "late": c.state in ("open", "appealed") and c.reply_due_on < on}
            for c in queries.complaints(post=request.post, facility=facility)
        ] if request.post.may("complaints.view") else None,
        "complain_url": link(scope, "complaint-new", about=str(uid)) if request.post.may("complaints.handle") else "",
        "add": {what: link(scope, "merchant-add", uid, what) for what in ADDS} if edit else {},
        "site_url": link(scope, "facility", uid),
        "on": on,
        "back_url": link(scope, "merchants"),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/care/merchant.html", context)


@door("merchants.edit")
def add(request, uid, what):
    """An offer is entered."""
    entry = ADDS.get(what)
    if entry is None:
        raise Http404
    scope, on = site_scope(request)
    facility = _merchant(request, uid, on)
    initial = {"on": scope.today, "valid_from": scope.today, "valid_to": scope.today + timedelta(days=365)}
    return entered(
        request, entry, back=link(scope, "merchant", uid), about={"facility": facility}, initial=initial, of=facility
    )  # fmt: skip
