"""The audit administrator's page: who did or read what, when; and whether the chain is whole."""

from django.shortcuts import render
from django.utils.dateparse import parse_date

from songhe.core import audit
from songhe.registry.accounts import queries
from songhe.registry.accounts.access import door
from songhe.registry.places.models import Place

PAGE = 100


@door("audit.view")
def index(request):
    """Newest first; filtered by verb, account and day. Row-level security opens the table to audit posts only."""
    verb, who, day, before = (request.GET.get(k, "").strip() for k in ("verb", "who", "day", "before"))
    user = queries.named(who) if who else None
    page = audit.events(
        verb=verb,
        user_id=None if not who else user.pk if user else -1,
        day=parse_date(day) if day else None,
        before=int(before) if before.isdigit() else None,
        size=PAGE + 1,
    )
    users = queries.users_in(e.user_id for e in page)
    places = Place.objects.visible_to(request.post).in_bulk({e.area_id for e in page if e.area_id})
    rows = [{"event": e, "user": users.get(e.user_id), "place": places.get(e.area_id)} for e in page[:PAGE]]
    link = f"{request.path}?verb={verb}&who={who}&day={day}&before={page[PAGE - 1].pk}" if len(page) > PAGE else ""
    return render(request, "desk/audit.html", {"rows": rows, "next_url": link, "verb": verb, "who": who, "day": day})


@door("audit.view")
def verify(request):
    """Walk the chains now; the anchor line is for keeping elsewhere."""
    return render(request, "desk/audit_verify.html", {"verdict": audit.verify(), "anchor": audit.anchor()})


@door("audit.view")
def logins(request):
    """The last sign-ins, failed ones too."""
    return render(request, "desk/logins.html", {"rows": queries.logins(PAGE)})
