"""通报: the closed months, drafting from them, preview, issue, correction, and the documents."""

from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from songhe.core import audit, periods
from songhe.core.problem import Refused
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.bulletins import DraftForm, IssueForm, ReasonForm, WordsForm
from songhe.doors.desk.scope import scope_of
from songhe.oversight.bulletins import actions, definitions, documents, queries
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door
from songhe.registry.places.queries import by_code

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def section(request, here: str) -> list[dict]:
    """The tabs of 指标与通报 that this post may open."""
    tabs = [
        ("indicators", _("指标"), "indicators.view"),
        ("bulletins", _("通报"), "bulletins.view"),
        ("letters", _("督办与提醒"), "bulletins.view"),
        ("forms", _("上级报表"), "bulletins.forms"),
    ]
    return [
        {"label": label, "url": request.scope.link(reverse(name)) if name == "indicators" else reverse(name), "current": name == here, "count": ""}
        for name, label, permission in tabs
        if request.post.may(permission)
    ]  # fmt: skip


def title_of(layout) -> str:
    return layout.title["en" if (get_language() or "").startswith("en") else "zh"]


def attached(body: bytes, name: str, kind: str) -> HttpResponse:
    """A file to keep, its Chinese name told in a way every browser reads."""
    response = HttpResponse(body, content_type=TYPES[kind])
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def _mine(request) -> dict[str, object]:
    """{programme: layout} of programmes whose place the post stands for."""
    return {name: one for name, one in definitions.shipped().items() if one.place == request.post.place.code}


def _readable(programme: str) -> str:
    layout = definitions.shipped().get(programme)
    return title_of(layout) if layout else programme


@door("bulletins.view")
def index(request):
    """Every bulletin the post may read; a form to draft the next one where it may."""
    request.scope = scope_of(request, "month")
    rows = queries.bulletins(post=request.post, programme=request.GET.get("programme", ""))
    context = {
        "tabs": section(request, "bulletins"),
        "rows": [{"bulletin": b, "programme": _readable(b.programme)} for b in rows],
        "form": _draft_form(request) if request.post.may("bulletins.draft") else None,
        "period": None,
    }
    return render(request, "desk/bulletins/list.html", context)


def _draft_form(request, data=None) -> DraftForm | None:
    layouts = _mine(request)
    if not layouts:
        return None
    last = request.scope.period.previous() if request.scope.period.end >= request.scope.today else request.scope.period
    choices = [(name, title_of(one)) for name, one in layouts.items()]
    return DraftForm(data, programmes=choices, initial={"month": last.code})


@door("bulletins.draft")
def new(request):
    """Draft the bulletin of a programme and month; where the month is not frozen yet, say so and offer it."""
    request.scope = scope_of(request, "month")
    form = _draft_form(request, request.POST or None)
    if form is None:
        raise Refusal(
            "no_programme",
            zh="您所在的地区没有通报样式。请由本级主管部门起草，或在 definitions/bulletins 里加一个。",
            en="There is no bulletin layout for your place. Its bureau drafts bulletins, or adds a layout.",
        )
    unfrozen = None
    if request.method == "POST" and form.is_valid():
        try:
            period = queries.month(form.cleaned_data["month"])
            made = actions.draft(
                programme=form.cleaned_data["programme"], period=period, by=request.user, post=request.post
            )
        except (Refusal, Refused) as refusal:
            unfrozen = period.code if refusal.code == "not_frozen" else None
            form.add_error(getattr(refusal, "field", "month") or None, _said(refusal))
        else:
            messages.success(request, _("已由封存数起草。请看一遍，写上问题和要求，再送签。"))
            return redirect("bulletin", made.pk)
    context = {
        "tabs": section(request, "bulletins"),
        "form": form,
        "unfrozen": unfrozen if request.post.may("indicators.freeze") else None,
        "period": None,
    }
    return render(request, "desk/bulletins/new.html", context, status=422 if form.errors else 200)


def _said(refusal) -> str:
    return refusal.text(get_language() or "zh") if isinstance(refusal, Refused) else str(refusal)


@door("indicators.freeze")
@require_POST
def freeze(request):
    """Close a month for the post's own place; a second time adds nothing."""
    period = queries.month(request.POST.get("month", ""))
    place = by_code(request.post.place.code, post=request.post)
    added = actions.close_month(place=place, period=period, by=request.user, post=request.post)
    label = period.label("en" if (get_language() or "").startswith("en") else "zh")
    said = _("已封存 %(month)s：指标 %(indicators)s 个数，目标 %(targets)s 项。以后的补录只列为修订。")
    messages.success(request, said % ({"month": label} | added))
    return redirect(f"{reverse('bulletins')}?period={period.code}")


def _found(request, pk):
    made = queries.bulletin(post=request.post, pk=pk)
    if made is None:
        raise Http404
    return made


@door("bulletins.view")
def one(request, pk):
    """The bulletin: its figures with what stands beside them, the page as it will be printed, what may be done."""
    made = _found(request, pk)
    return _page(request, made)


def _page(request, made, *, wrong=None, status: int = 200):
    """The bulletin's page; `wrong` is the form that was refused, shown with what was typed."""
    request.scope = scope_of(request, "month")
    post, draft = request.post, made.state == "draft"
    forms = {
        "issue_form": IssueForm(initial={"on": request.scope.today}) if draft and post.may("bulletins.issue") else None,
        "correct_form": ReasonForm() if not draft and post.may("bulletins.draft") else None,
        "recount_form": ReasonForm() if post.may("indicators.freeze") else None,
    } | (wrong or {})
    audit.note("bulletin.read", "bulletin", made.pk, area_id=made.place_id)
    context = forms | {
        "tabs": section(request, "bulletins"),
        "bulletin": made,
        "programme": _readable(made.programme),
        "month": periods.parse(made.period).label("en" if (get_language() or "").startswith("en") else "zh"),
        "figures": queries.beside(made),
        "targets": [
            t for t in queries.targets(made.programme, made.place, queries.month(made.period)) if t["revision"]
        ],
        "may_write": draft and post.may("bulletins.draft"),
        "names": accounts.users_in([made.made_by, made.issued_by]),
        "made_by": accounts.users_in([made.made_by]).get(made.made_by, _("系统")),
        "corrections": [b for b in queries.bulletins(post=post, period=made.period) if b.corrects_id == made.pk],
        "period": None,
    }
    return render(request, "desk/bulletins/one.html", context, status=status)


@door("bulletins.draft")
def words(request, pk):
    """The staff's own words; the figures are not among them."""
    made = _found(request, pk)
    request.scope = scope_of(request, "month")
    form = WordsForm(request.POST or None, initial=made.words)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write(bulletin=made, words=form.cleaned_data, by=request.user, post=request.post)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已保存。数字没有变。"))
            return redirect("bulletin", made.pk)
    context = {"tabs": section(request, "bulletins"), "bulletin": made, "form": form, "period": None}
    return render(request, "desk/bulletins/words.html", context, status=422 if form.errors else 200)


@door("bulletins.issue")
@require_POST
def issue(request, pk):
    """Number it, date it, close it."""
    made = _found(request, pk)
    form = IssueForm(request.POST)
    if form.is_valid():
        try:
            made = actions.issue(bulletin=made, by=request.user, post=request.post, on=form.cleaned_data["on"])
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已签发：%(number)s。内容不能再改。") % {"number": made.number})
            return redirect("bulletin", made.pk)
    return _page(request, made, wrong={"issue_form": form}, status=422)


@door("bulletins.draft")
@require_POST
def correct(request, pk):
    """A new bulletin that names this one."""
    made = _found(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            new_one = actions.correct(
                bulletin=made, reason=form.cleaned_data["reason"], by=request.user, post=request.post
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已起草更正通报。原通报不变。"))
            return redirect("bulletin", new_one.pk)
    return _page(request, made, wrong={"correct_form": form}, status=422)


@door("indicators.freeze")
@require_POST
def recount(request, pk):
    """Count the month again: a revision beside each figure that differs; a draft takes them in."""
    made = _found(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        period, reason = queries.month(made.period), form.cleaned_data["reason"]
        try:
            found = actions.recount(place=made.place, period=period, reason=reason, by=request.user, post=request.post)
            if made.state == "draft" and request.post.may("bulletins.draft"):
                actions.write(bulletin=made, words={}, by=request.user, post=request.post)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            said = _(
                "重新计数：本级 %(own)s 个数有修订，连同下级共 %(indicators)s 个，目标 %(targets)s 项。封存数没有变。"
            )
            messages.success(request, said % found if any(found.values()) else _("重新计数：和封存数一样，没有修订。"))
            return redirect("bulletin", made.pk)
    return _page(request, made, wrong={"recount_form": form}, status=422)


@door("bulletins.view")
def download(request, pk, kind):
    """The document: .docx or .pdf, the same bytes each time."""
    made = _found(request, pk)
    makers = {"docx": documents.docx, "pdf": documents.pdf}
    if kind not in makers:
        raise Http404
    audit.note("bulletin.print", "bulletin", made.pk, area_id=made.place_id, kind=kind)
    return attached(makers[kind](made.content), f"{made.number or made.title}.{kind}", kind)
