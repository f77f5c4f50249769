"""合同与结算: contracts with their lots and prices; a month with its exceptions on top, signed and frozen."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.care.evidence.queries import providers as providers_on
from songhe.care.settlement import actions, definitions, papers
from songhe.care.settlement.standing import contracts_of, item_names, lots_of, months_of, on_list, signers_for
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms import settle as shapes
from songhe.doors.desk.oversight import places_for
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.service_scope import link, section
from songhe.doors.desk.settle_scope import done, language
from songhe.doors.desk.views.imports import XLSX, sent
from songhe.registry.accounts.access import door, require
from songhe.registry.people import queries as people
from songhe.registry.people import terms as people_terms

LIGHTS = {"draft": "yellow", "signing": "yellow", "signed": "green"}


def _who(request) -> dict:
    return {"by": request.user, "post": request.post}


@door("settlement.view")
def contracts(request):
    """Contracts of an area with their latest months; register another."""
    request.scope = scope = scope_of(request)
    found = (
        contracts_of(request.post)
        .filter(scope.place.whole_q("place__"))
        .select_related("provider__organisation", "place")
    )
    rows = [
        {
            "contract": row,
            "url": link(scope, "contract", row.pk),
            "months": [{"row": m, "url": link(scope, "settlement", m.pk), "light": LIGHTS[m.state]} for m in row.settlements.order_by("-month")[:3]],
        }
        for row in found.order_by("-ends_on", "pk")[:100]
    ]  # fmt: skip
    context = {
        "tabs": section(request, "contracts"), "rows": rows, "new_url": link(scope, "contract-new"), "period": None,
        "may": request.post.may("settlement.manage"),
    }  # fmt: skip
    return render(request, "desk/contracts.html", context)


@door("settlement.manage")
def contract_new(request):
    """The contract's own facts."""
    request.scope = scope = scope_of(request)
    providers = providers_on(timezone.localdate())
    places = places_for(scope)
    form = shapes.ContractForm(request.POST or None, providers=providers, places=places)
    made: list = []
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        chosen = {
            "provider": next(p for p in providers if str(p.pk) == given.pop("provider")),
            "place": next(p for p in places if str(p.pk) == given.pop("place")),
        }
        if done(form, lambda: made.append(actions.register_contract(**chosen, **given, **_who(request)))):
            return redirect(link(scope, "contract", made[0].pk))
    context = {"form": form, "title": _("登记购买合同"), "lead": _("包件、单价和服务对象在下一页登记。"), "back": link(scope, "contracts"), "period": None}  # fmt: skip
    return render(request, "desk/oversight_form.html", context, status=422 if form.errors else 200)


@door("settlement.view")
def contract(request, pk):
    """A contract: lots with prices, months, appraisals; the next lot, month or appraisal."""
    request.scope = scope = scope_of(request)
    row = contracts_of(request.post).filter(pk=pk).select_related("provider__organisation", "place").first()
    if row is None:
        raise Http404
    do = request.POST.get("do", "")
    places = places_for(scope)
    forms = {
        "lot": shapes.LotForm(request.POST if do == "lot" else None, places=places, prefix="lot", initial={"named_only": "all"}),
        "month": shapes.DrawUpForm(request.POST if do == "month" else None, prefix="month"),
        "appraise": shapes.AppraiseForm(request.POST if do == "appraise" else None, prefix="appraise"),
    }  # fmt: skip
    if request.method == "POST":
        url = _contract_done(request, do, forms, row, places)
        if url:
            return redirect(url)
    names = item_names()
    context = {
        "tabs": section(request, "contracts"), "contract": row, "forms": forms, "back": link(scope, "contracts"),
        "lots": [
            {"lot": lot, "url": link(scope, "contract-lot", lot.pk), "places": list(lot.places.all()), "prices": [{"price": p, "item": names.get(p.service)} for p in lot.prices.order_by("service", "valid_from")], "people": lot.recipients.filter(on_list(scope.today)).count()}
            for lot in row.lots.order_by("pk")
        ],
        "months": [{"row": m, "url": link(scope, "settlement", m.pk), "light": LIGHTS[m.state]} for m in row.settlements.order_by("-month")],
        "appraisals": [{"row": a, "grade": a.grade[language()]} for a in row.appraisals.all()],
        "may": {name: request.post.may(f"settlement.{name}") for name in ("manage", "prepare", "appraise")},
        "period": None,
    }  # fmt: skip
    errors = any(form.errors for form in forms.values())
    return render(request, "desk/contract.html", context, status=422 if errors else 200)


def _contract_done(request, do: str, forms: dict, row, places) -> str:
    """Where to go after a verb, or "" with the reasons on its form."""
    form = forms.get(do)
    if form is None:
        return ""
    require(
        request.post,
        {
            "lot": "settlement.manage",
            "month": "settlement.prepare",
            "appraise": "settlement.appraise",
        }[do],
    )
    if not form.is_valid():
        return ""
    scope, given, made = request.scope, dict(form.cleaned_data), []
    if do == "lot":
        chosen = [p for p in places if str(p.pk) in given.pop("places")]
        ok = done(form, lambda: actions.add_lot(contract=row, places=chosen, **given, **_who(request)))
        return link(scope, "contract", row.pk) if ok else ""
    if do == "month":
        ok = done(form, lambda: made.append(actions.draw_up(contract=row, **given, **_who(request))))
        return link(scope, "settlement", made[0].pk) if ok else ""
    ok = done(form, lambda: actions.appraise(contract=row, **given, **_who(request)))
    return link(scope, "contract", row.pk) if ok else ""


LISTED = 100  # people on one page


@door("settlement.view")
def lot(request, pk):
    """A lot: its prices, each from a day on, and the people on its list; both are changed from a day on, never before it."""
    request.scope = scope = scope_of(request)
    row = (
        lots_of(request.post)
        .filter(pk=pk)
        .select_related("contract__place", "contract__provider__organisation")
        .first()
    )
    if row is None:
        raise Http404
    do, names, today = request.POST.get("do", ""), item_names(), scope.today
    english = language() == "en"
    services = [(code, item.name_en if english else item.name) for code, item in names.items() if item.kind in row.contract.provider.kinds]  # fmt: skip
    forms = {
        "price": shapes.PriceForm(request.POST if do == "price" else None, services=services, prefix="price", initial={"valid_from": today}),
        "list": shapes.ListForm(request.POST if do == "list" else None, prefix="list", initial={"valid_from": today}),
        "unlist": shapes.UnlistForm(request.POST if do == "unlist" else None, initial={"valid_from": today}),
    }  # fmt: skip
    if request.method == "POST" and _lot_done(request, do, forms, row):
        return redirect(link(scope, "contract-lot", row.pk))
    after = request.GET.get("after", "")
    people_on = row.recipients.select_related("person__village").order_by("pk").filter(pk__gt=int(after) if after.isdecimal() else 0)  # fmt: skip
    listed = list(people_on[: LISTED + 1])
    named = request.post.may("people.view")  # who only pays sees a number, as on the settlement file
    if named:
        audit.note("people.list", "contract", row.contract_id, area_id=row.contract.place_id, rows=len(listed))
    context = {
        "tabs": section(request, "contracts"), "lot": row, "contract": row.contract, "forms": forms, "named": named,
        "back": link(scope, "contract", row.contract_id), "places": list(row.places.all()), "period": None,
        "prices": [{"price": p, "item": names.get(p.service), "holds": p.valid_to is None or p.valid_to > today} for p in row.prices.order_by("service", "-valid_from")],
        "people": [{"row": r, "on": r.valid_to is None or r.valid_to > today, "labels": [str(label) for label in people_terms.labels_of(r.tags)]} for r in listed[:LISTED]],
        "next": link(scope, "contract-lot", row.pk, after=str(listed[LISTED - 1].pk)) if len(listed) > LISTED else "",
        "count": row.recipients.filter(on_list(today)).count(), "may": request.post.may("settlement.manage"),
        "sent": request.POST.get("recipient", ""),
    }  # fmt: skip
    errors = any(form.errors for form in forms.values())
    return render(request, "desk/contract_lot.html", context, status=422 if errors else 200)


def _lot_done(request, do: str, forms: dict, row) -> bool:
    form = forms.get(do)
    if form is None:
        return False
    require(request.post, "settlement.manage")
    if not form.is_valid():
        return False
    given = dict(form.cleaned_data)
    if do == "price":
        ok = done(form, lambda: actions.set_price(lot=row, **given, **_who(request)))
        said = _("新单价已登记，从 %(day)s 起用。")
    elif do == "list":
        ok = done(form, lambda: _listed(request, row, given))
        said = _("已列入名单，从 %(day)s 起。")
    else:
        found = row.recipients.filter(pk=given.pop("recipient")).first()
        if found is None:
            raise Http404
        ok = done(form, lambda: actions.unlist_recipient(recipient=found, **given, **_who(request)))
        said = _("已移出名单，从 %(day)s 起。")
    if ok:
        messages.success(request, said % {"day": form.cleaned_data["valid_from"]})
    return ok


def _listed(request, row, given: dict) -> None:
    """Put the one person who was named on a lot's list. Raises Refusal when it is nobody, or more than one."""
    found = list(people.people_query(request.post, place=row.contract.place, q=given["who"])[:2])
    if len(found) != 1:
        raise Refusal(
            "not_one_person",
            zh="没有找到，或不止一位。请用证件号或电话再找。",
            en="Nobody, or more than one, was found. Use the ID number or the telephone.",
            field="who",
        )
    actions.list_recipient(lot=row, person=found[0], valid_from=given["valid_from"], **_who(request))


@door("settlement.view")
def settlement(request, pk):
    """A month: exceptions on top, then the sum, deductions, signatures and every line."""
    request.scope = scope = scope_of(request)
    row = _month(request, pk)
    do = request.POST.get("do", "")
    turn = row.signers.order_by("-round").values_list("round", flat=True).first()
    mine = row.state == "signing" and row.signers.filter(user=request.user, verdict="", round=turn).exists()
    able = list(signers_for(row.place).exclude(pk=request.user.pk)) if row.state == "draft" else []
    forms = {
        "answer": shapes.AnswerForm(request.POST if do == "answer" else None),
        "ask": shapes.AskForm(request.POST if do == "ask" else None, people=able),
        "sign": shapes.SignForm(request.POST if do == "sign" else None),
        "again": shapes.forms.Form(request.POST if do == "again" else None),
    }
    if request.method == "POST" and _month_done(request, do, forms, row, able):
        return redirect(link(scope, "settlement", row.pk))
    titles = definitions.on(row.month).titles
    held = list(row.held.select_related("order__item", "order__person").order_by("answer", "pk"))
    context = {
        "tabs": section(request, "contracts"), "month": row, "light": LIGHTS[row.state], "forms": forms, "held": held,
        "open": sum(1 for each in held if not each.answer), "sent": request.POST.get("held", ""),
        "services": papers.by_service(row), "signers": papers.signatures(row), "mine": mine,
        "deductions": [{"row": d, "title": titles[d.rule][language()]} for d in row.deductions.order_by("pk")],
        "clause": definitions.on(row.month).clause[language()], "period": None,
        "may": {name: request.post.may(f"settlement.{name}") for name in ("prepare", "sign")},
        "back": link(scope, "contract", row.contract_id), "checks": request.post.may("evidence.view"),
    }  # fmt: skip
    audit.note("people.list", "settlement", row.pk, area_id=row.place_id, rows=len(held))
    errors = any(form.errors for form in forms.values())
    return render(request, "desk/settlement.html", context, status=422 if errors else 200)


def _month(request, pk):
    row = months_of(request.post).filter(pk=pk).select_related("contract__provider__organisation", "place").first()
    if row is None:
        raise Http404
    return row


def _month_done(request, do: str, forms: dict, row, able) -> bool:
    form = forms.get(do)
    if form is None:
        return False
    require(request.post, "settlement.sign" if do == "sign" else "settlement.prepare")
    if not form.is_valid():
        return False
    given = dict(form.cleaned_data)
    if do == "answer":
        held = row.held.filter(pk=given.pop("held")).first()
        if held is None:
            raise Http404
        return done(form, lambda: actions.answer(held=held, **given, **_who(request)))
    if do == "ask":
        named = [user for user in able if str(user.pk) in given["signers"]]
        return done(form, lambda: actions.ask(settlement=row, signers=named, **_who(request)))
    if do == "sign":
        return done(form, lambda: actions.sign(settlement=row, **given, **_who(request)))
    ok = done(form, lambda: actions.draw_up(contract=row.contract, month=row.month, **_who(request)))
    if ok:
        messages.success(request, _("已按最新核定重新编制。"))
    return ok


@door("settlement.view")
def file(request, pk, kind):
    """The settlement file (.xlsx) or the provider's statement (.pdf)."""
    row = _month(request, pk)
    if kind not in ("xlsx", "pdf"):
        raise Http404
    audit.note("settlement.file", "settlement", row.pk, area_id=row.place_id, kind=kind)
    name = _("结算_%(number)s_%(month)s") % {"number": row.contract.number, "month": f"{row.month:%Y%m}"}
    if kind == "xlsx":
        mark = f"{request.user} {timezone.localtime():%Y-%m-%d %H:%M}"
        return sent(papers.xlsx(row, watermark=mark), f"{name}.xlsx", XLSX)
    return sent(papers.pdf(row), f"{name}.pdf", "application/pdf")
