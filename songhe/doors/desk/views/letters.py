"""督办单 and 提醒函: the list, writing one from the template, the template's editor with its versions."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.bulletins import IssueForm, LetterForm, TemplateForm
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.bulletins import attached, section
from songhe.doors.desk.views.programmes.lines import day_asked
from songhe.oversight.bulletins import actions, documents, drafting, occasions, queries, templating
from songhe.oversight.bulletins.models import KINDS
from songhe.oversight.ledger import queries as ledger
from songhe.oversight.ledger import rules as ledger_rules
from songhe.oversight.programmes import queries as programmes
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door, require
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code


def _kind(kind: str) -> str:
    """The kind's name; 404 for one there is not."""
    if kind not in dict(KINDS):
        raise Http404
    return str(dict(KINDS)[kind])


@door("bulletins.view")
def index(request):
    """Letters of the area, and those sent to it from above."""
    request.scope = scope_of(request, "month")
    context = {
        "tabs": section(request, "letters"),
        "rows": queries.letters(post=request.post),
        "kinds": [{"kind": kind, "label": label} for kind, label in KINDS],
        "may_write": request.post.may("bulletins.draft"),
        "may_edit": request.post.may("bulletins.templates"),
        "period": None,
    }
    return render(request, "desk/bulletins/letters.html", context)


@door("bulletins.draft")
def new(request, kind):
    """A letter from the newest template; a draft is filled again by `?letter=`.

    `?item=` or `?programme=…&goal=…&place=…&on=…` fills in what is known of a ledger item or of a goal.
    """
    request.scope = scope_of(request, "month")
    label = _kind(kind)
    asked = request.GET.get("letter", "")
    draft = queries.letter(post=request.post, pk=int(asked)) if asked.isdigit() else None
    place = draft.place if draft else request.post.place
    text = queries.template_for(place, kind)
    names = templating.names(text.title + text.body)
    initial = _initial(names, draft) if draft else _known(request, names)
    form = LetterForm(request.POST or None, names=names, meanings=templating.LETTER_FIELDS.items(), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.write_letter(
                place=place, kind=kind, fields=form.filled(), subject=form.cleaned_data["subject"], letter=draft,
                answer_by=form.cleaned_data["answer_by"], by=request.user, post=request.post,
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已起草。请看一遍再签发。"))
            return redirect("letter", made.pk)
    context = {"tabs": section(request, "letters"), "form": form, "label": label, "text": text, "period": None}
    return render(request, "desk/bulletins/letter_new.html", context, status=422 if form.errors else 200)


def _initial(names: list[str], draft) -> dict:
    filled = {f"field-{at}": draft.fields.get(name, "") for at, name in enumerate(names)}
    return filled | {"subject": draft.subject, "answer_by": draft.answer_by}


def _known(request, names: list[str]) -> dict:
    """The facts of what the letter is about, for the fields that the template has; who writes is whom to ask."""
    occasion = _occasion(request)
    if occasion is None:
        return {}
    known = occasion.fields | {"联系人": str(request.user)}
    filled = {f"field-{at}": known.get(name, "") for at, name in enumerate(names)}
    return filled | {"subject": occasion.subject, "answer_by": occasion.answer_by}


def _occasion(request) -> occasions.Occasion | None:
    on = day_asked(request)
    item = request.GET.get("item", "")
    if item.isdecimal():
        require(request.post, "ledger.view")
        row = ledger.item(post=request.post, pk=int(item))
        if row is None:
            raise Http404
        (line,) = ledger.lines([row], on=on, states_wanted=ledger_rules.STATES) or [None]
        return occasions.of_item(line, on=on) if line else None
    if not request.GET.get("goal"):
        return None
    require(request.post, "programmes.view")
    programme = programmes.programme_for(request.post, request.GET.get("programme", ""))
    goal, own = programme.goal(request.GET["goal"]), by_code(programme.place)
    code = request.GET.get("place") or programme.place
    place = own if code == own.code else Place.objects.within(request.post).filter(code=code).first()
    if place is None:
        raise Http404
    line = programmes.line_of(programmes.Book(programme, own), goal, own, place, on)
    return occasions.of_goal(programme, line, on=on) if line else None


def _found(request, pk):
    made = queries.letter(post=request.post, pk=pk)
    if made is None:
        raise Http404
    return made


def _page(request, made, form=None, status: int = 200):
    request.scope = scope_of(request, "month")
    draft = made.state == "draft"
    if form is None and draft and request.post.may("bulletins.issue"):
        form = IssueForm(initial={"on": request.scope.today})
    audit.note("letter.read", "letter", made.pk, area_id=made.place_id)
    context = {
        "tabs": section(request, "letters"),
        "letter": made,
        "issue_form": form,
        "may_write": draft and request.post.may("bulletins.draft"),
        "made_by": accounts.users_in([made.made_by]).get(made.made_by, _("系统")),
        "period": None,
    }
    return render(request, "desk/bulletins/letter.html", context, status=status)


@door("bulletins.view")
def one(request, pk):
    """A letter as it will be printed."""
    return _page(request, _found(request, pk))


@door("bulletins.issue")
@require_POST
def issue(request, pk):
    """Number and send it: afterwards it never changes."""
    made, form = _found(request, pk), IssueForm(request.POST)
    if form.is_valid():
        try:
            made = actions.issue_letter(letter=made, by=request.user, post=request.post, on=form.cleaned_data["on"])
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已签发：%(number)s。内容不能再改。") % {"number": made.number})
            return redirect("letter", made.pk)
    return _page(request, made, form, status=422)


@door("bulletins.view")
def download(request, pk, kind):
    made = _found(request, pk)
    makers = {"docx": documents.docx, "pdf": documents.pdf}
    if kind not in makers:
        raise Http404
    audit.note("letter.print", "letter", made.pk, area_id=made.place_id, kind=kind)
    return attached(makers[kind](made.content), f"{made.number or made.title}.{kind}", kind)


@door("bulletins.templates")
def template(request, kind):
    """The template's editor: save makes a new version, preview shows it filled with the fields' meanings."""
    request.scope = scope_of(request, "month")
    label = _kind(kind)
    versions = queries.templates(post=request.post, kind=kind)
    asked = request.GET.get("version", "")
    text = next((v for v in versions if str(v.pk) == asked), None) or queries.template_for(request.post.place, kind)
    form = TemplateForm(request.POST or None, initial={"title": text.title, "body": text.body})
    preview = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("do") == "preview":
                preview = _preview(form.cleaned_data)
            else:
                made = actions.put_template(
                    place=request.post.place, kind=kind, by=request.user, post=request.post, **form.cleaned_data
                )
                messages.success(request, _("已存为第 %(version)s 版，以前的版本还在。") % {"version": made.version})
                return redirect("letter-template", kind)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    names = accounts.users_in(v.made_by for v in versions)
    context = {
        "tabs": section(request, "letters"),
        "kind": kind,
        "label": label,
        "form": form,
        "text": text,
        "preview": preview,
        "versions": [{"version": v, "by": names.get(v.made_by, _("系统"))} for v in versions],
        "fields": templating.LETTER_FIELDS,
        "period": None,
    }
    return render(request, "desk/bulletins/template.html", context, status=422 if form.errors else 200)


def _preview(data: dict) -> dict:
    """The letter with each field shown as what belongs there."""
    for name in ("title", "body"):
        templating.refuse_unknown(data[name], templating.LETTER_FIELDS, field=name)
    values = {name: f"（{meaning}）" for name, meaning in templating.LETTER_FIELDS.items()}
    frame = {"title": templating.filled(data["title"], values)}
    return drafting.letter(body=templating.filled(data["body"], values), frame=frame)
