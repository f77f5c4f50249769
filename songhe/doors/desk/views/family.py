"""家属: links to the family page with the consent they stand on, and the card on the wall."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from songhe.care.duties import boards
from songhe.care.visits.wall_card import wall_card
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.people import FamilyLinkForm
from songhe.doors.desk.views.person import file_url, found
from songhe.doors.desk.views.person_forms import _mine, put
from songhe.registry.accounts.access import door
from songhe.registry.people import family as links
from songhe.registry.people import service_code


@door("people.edit")
@never_cache
def index(request, uid):
    """Who in the family may look, what the person agreed to, and a new link: shown once, with a square code to scan."""
    person = found(request, uid)
    form = FamilyLinkForm(request.POST or None, contacts=person.contacts.all(), initial={"given_by": person.name})
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            made = _made(request, person, form)
        except Refusal as refusal:
            put(form, refusal)
    today = timezone.localdate()
    audit.note("people.read", "person", person.pk, area_id=person.village_id, page="family")
    context = {
        "person": person,
        "form": form if made is None else FamilyLinkForm(contacts=person.contacts.all(), initial={"given_by": person.name}),
        "made": made,
        "links": [
            {"row": row, "live": row.revoked_at is None and row.ends_on > today}
            for row in person.family_links.select_related("contact")[:50]
        ],
        "consents": person.consents.exclude(scope="").order_by("withdrawn_on", "given_on"),
        "page_allowed": links.PAGE in links.in_force(person.pk),
        "code_changes": person.code_changes.all()[:10],
        "contact_url": reverse("person-contact", args=[person.uid]),
        "back": file_url(person),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/person_family.html", context, status=422 if form.errors else 200)


def _made(request, person, form) -> dict:
    import segno

    data = form.cleaned_data
    contact = _mine(person.contacts.all(), person, data["contact"])
    link, token = links.open_link(
        by=request.user, post=request.post, contact=contact, given_by=data["given_by"], given_on=data["given_on"],
        scopes=data["scopes"], paper=data["paper"],
    )  # fmt: skip
    url = request.build_absolute_uri(reverse("family", args=[token]))
    return {"link": link, "url": url, "code": segno.make(url, error="m").svg_data_uri(scale=5, border=4)}


@door("people.edit")
@require_POST
def revoke(request, uid, pk):
    person = found(request, uid)
    links.revoke_link(by=request.user, post=request.post, link=_mine(person.family_links.all(), person, pk))
    messages.success(request, _("链接已停用，家属再打不开了。"))
    return redirect("person-family", uid=person.uid)


@door("people.edit")
@require_POST
def renew_code(request, uid):
    """The card was lost: another code, to be printed on a new card."""
    person = found(request, uid)
    try:
        service_code.renew(by=request.user, post=request.post, person=person, reason=request.POST.get("reason", ""))
        messages.success(request, _("已换新的服务码，旧卡作废。请现在印新卡，贴在老人家里。"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("person-family", uid=person.uid)


@door("people.view")
@never_cache
def card(request, uid):
    """The wall card as PDF; with the person's own code for those who keep the file, without it for anybody else."""
    person = found(request, uid)
    today = timezone.localdate()
    named = boards.assignments_of(post=request.post, person=person.pk)
    helper = next((str(row.helper) for row in named if row.kind == "helper" and (row.valid_to is None or row.valid_to > today)), "")  # fmt: skip
    code = service_code.code_of(person) if request.post.may("people.edit") else ""
    audit.note("people.read", "person", person.pk, area_id=person.village_id, page="card", code=int(bool(code)))
    response = HttpResponse(wall_card(person, helper=helper, on=today, code=code), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="wall-card.pdf"'
    response["Cache-Control"] = "no-store"
    return response
