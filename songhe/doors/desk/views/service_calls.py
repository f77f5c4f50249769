"""接听来电: the number on the display, the person card, the order: by keyboard alone."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.care.duties.terms import NEEDS
from songhe.care.services import actions, queries
from songhe.care.services.definitions import terms as policy
from songhe.care.visits import boards as visits
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.duty_scope import person_url
from songhe.doors.desk.forms.orders import RequestForm
from songhe.doors.desk.service_scope import item_name, link, order_row, section, service_scope
from songhe.registry.accounts.access import door
from songhe.registry.people import sealing
from songhe.registry.people import terms as people_terms
from songhe.registry.people.models import Person
from songhe.registry.people.queries import person_by_uid

FIELDS = {"funding": "funding", "wanted_from": "day", "wanted_to": "ends", "quantity": "quantity", "channel": "channel"}


@door("services.take")
def call(request):
    """`?q=` a number or a name; `?person=` who is asked for; `?referral=` a need found on a visit that becomes an order."""
    scope = service_scope(request)
    referral = _referral(request)
    person, found = _whom(request, scope, referral)
    context = {
        "tabs": section(request, "service-call"),
        "asked": request.GET.get("q", ""),
        "found": [_line(scope, caller, request.GET.get("q", "")) for caller in found],
        "person": person,
        "referral": referral,
        "period": None,
    }
    if person is None:
        audit.note("people.list", "callers", None, area_id=scope.place.pk, rows=len(found))
        return render(request, "desk/service_call.html", context)
    return _with_person(request, scope, person, referral, context)


def _referral(request):
    text = request.GET.get("referral", "")
    return visits.referral(post=request.post, pk=int(text)) if text.isdigit() else None


def _whom(request, scope, referral):
    """(the person chosen or the only one found, everybody found)."""
    if request.GET.get("person"):
        return person_by_uid(request.post, request.GET["person"]), []
    if referral is not None:
        return person_by_uid(request.post, str(referral.person.uid)), []
    asked = request.GET.get("q", "")
    found = queries.callers(post=request.post, asked=asked, area_code=queries.area_code_of(scope.place))
    own = [caller for caller in found if caller.how == "own"]
    sure = own[0] if len(own) == 1 else found[0] if len(found) == 1 else None
    others = [caller for caller in found if caller is not sure]
    return (person_by_uid(request.post, str(sure.person.uid)) if sure else None), others


def _line(scope, caller, asked: str) -> dict:
    hows = {
        "own": _("本人号码"),
        "contact": _("%(relation)s %(name)s 的号码") % {"relation": caller.relation, "name": caller.name},
        "household": _("同一户"),
        "name": _("按姓名"),
    }
    return {
        "name": caller.person.name,
        "is_demo": caller.person.origin == "demo",
        "how": hows[caller.how],
        "age": caller.person.age(scope.today),
        "village": str(caller.person.village),
        "url": link(scope, "service-call", person=str(caller.person.uid), q=asked),
    }


def _with_person(request, scope, person: Person, referral, context: dict):
    on = scope.today + timedelta(days=1)
    try:
        items = queries.items_for(person.village, on)
    except Refusal as refusal:
        items, context["failed"] = [], refusal
    asked = items[0].catalogue.items.filter(needs__contains=[referral.need]).first() if referral and items else None
    start = {"channel": "found_need" if referral else "phone", "item": ""}
    if asked is not None:
        start["item"] = str(next(at for at, item in enumerate(items, 1) if item.pk == asked.pk))
    form = RequestForm(request.POST or None, items=items, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            made = _order(request, person, referral, form)
        except Refusal as refusal:
            form.add_error(
                FIELDS.get(refusal.field, refusal.field if refusal.field in form.fields else None), str(refusal)
            )
        else:
            messages.success(
                request, _("已下单 %(number)s：%(item)s。") % {"number": made.number, "item": item_name(made.item)}
            )
            return redirect(link(scope, "order", made.pk))
    audit.note("people.read", "person", person.pk, area_id=person.village_id, page="call")
    context |= _card(request, scope, person) | {
        "form": form,
        "items": _items(person, items, on),
        "need": str(dict(NEEDS).get(referral.need, "")) if referral else "",
        "here": request.get_full_path(),
    }
    return render(request, "desk/service_call.html", context, status=422 if form.errors else 200)


def _order(request, person: Person, referral, form: RequestForm):
    data, now = form.cleaned_data, timezone.now()
    starts, ends = form.window(now)
    return actions.request(
        by=request.user, post=request.post, person=person, item=data["item"].code, wanted_from=starts, wanted_to=ends,
        channel=data["channel"], quantity=data["quantity"], funding=data["funding"], urgency=data["urgency"],
        caller=data["caller"], note=data["note"], referral=referral,
    )  # fmt: skip


def _items(person: Person, items, on) -> list[dict]:
    """The catalogue with what is left of this person's quota, numbered as the form takes them."""
    rights = queries.rights(person, items, on)
    out = []
    for at, item in enumerate(items, 1):
        right = rights[item.code]
        left = (
            _("额度还剩 %(left)s / %(all)s") % {"left": right.left, "all": right.rule.quota}
            if right.rule
            else _("自费")
        )
        out.append(
            {
                "at": at,
                "item": item,
                "name": item_name(item),
                "left": left,
                "spent": bool(right.rule) and not right.left,
            }
        )
    return out


def _card(request, scope, person: Person) -> dict:
    now = timezone.now()
    recent = queries.recent_of(post=request.post, person=person.pk)
    return {
        "age": person.age(scope.today),
        "labels": [str(label) for label in people_terms.labels_of(person.tags)],
        "phone": sealing.masked(person, "phone"),
        "contacts": [(c.get_relation_display(), c.name) for c in person.contacts.all()[:4]],
        "recent": [order_row(row, scope, now) for row in recent],
        "person_url": person_url(person),
        "window_minutes": policy().window_minutes,
    }
