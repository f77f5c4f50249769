"""通知草稿: a notice is dropped in, its lines are ruled on beside its text, and it becomes a programme definition."""

import json

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.drafts import ConfirmForm, NoticeForm
from songhe.doors.desk.views.imports import sent
from songhe.oversight.drafts import actions, queries, rules
from songhe.oversight.drafts.models import NoticeDraft, Ruling
from songhe.registry.accounts.access import door
from songhe.registry.accounts.queries import users_in

PAGE = 50
KINDS = {
    "target": gettext_lazy("目标"), "allocation": gettext_lazy("分解"), "schedule": gettext_lazy("时间节点"),
    "duty": gettext_lazy("常态责任"), "standard": gettext_lazy("标准"), "budget": gettext_lazy("资金"),
    "achieved": gettext_lazy("已完成"),
}  # fmt: skip
SIGNS = {">=": "≥", "<=": "≤", "=": "=", "about": "≈", ">": ">", "<": "<"}
FIELDS = [
    ("subject", gettext_lazy("对象"), "text"), ("value", gettext_lazy("数"), "text"), ("value_max", gettext_lazy("至"), "text"),
    ("unit", gettext_lazy("单位"), "text"), ("scope", gettext_lazy("范围"), "text"), ("per", gettext_lazy("每"), "text"),
    ("start", gettext_lazy("开始"), "date"), ("deadline", gettext_lazy("期限"), "date"),
    ("modality", gettext_lazy("语气"), "text"), ("responsible", gettext_lazy("负责单位"), "text"),
    ("cooperating", gettext_lazy("配合单位"), "text"),
]  # fmt: skip
NAMES = ["kind", "comparator", *(name for name, _label, _type in FIELDS)]


@door("programmes.draft")
def index(request):
    """Drafts of the area, the newest first."""
    after = request.GET.get("after", "")
    found = NoticeDraft.objects.visible_to(request.post).defer("reading", "definition").order_by("-pk")
    page = list((found.filter(pk__lt=int(after)) if after.isdecimal() else found)[: PAGE + 1])
    users = users_in(row.made_by for row in page)
    context = {
        "rows": [{"draft": row, "by": users.get(row.made_by)} for row in page[:PAGE]],
        "next_url": f"{request.path}?after={page[PAGE - 1].pk}" if len(page) > PAGE else "",
    }
    return render(request, "desk/drafts.html", context)


@door("programmes.draft")
def new(request):
    """Drop a notice in: it is read at once and kept with what was read."""
    form = NoticeForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        content, name = form.content()
        try:
            draft = actions.drop_in(
                content=content, name=name, on=form.cleaned_data["on"], by=request.user, post=request.post
            )
        except Refusal as refusal:
            form.add_error("file" if name else "text", str(refusal))
        else:
            return redirect("draft", pk=draft.pk)
    return render(request, "desk/draft_new.html", {"form": form}, status=422 if form.errors else 200)


@door("programmes.draft")
def one(request, pk):
    """The notice on the left, its lines on the right."""
    return _page(request, _draft(request, pk))


@door("programmes.draft")
@require_POST
def rule(request, pk, about):
    """One ruling on one line; what was typed stays on the page when it is refused."""
    draft = _draft(request, pk)
    typed = {name: request.POST[name] for name in NAMES if name in request.POST}
    try:
        actions.rule_on(
            draft=draft, about=about, what=request.POST.get("what", ""), by=request.user, post=request.post,
            said=typed, into=request.POST.get("into", ""),
        )  # fmt: skip
    except Refusal as refusal:
        return _refused(request, draft, about, refusal, typed)
    return _after(request, draft, about)


@door("programmes.draft")
@require_POST
def answer(request, pk, about):
    """The answer to one warning."""
    draft = _draft(request, pk)
    words = request.POST.get("words", "")
    try:
        actions.answer(draft=draft, about=about, words=words, by=request.user, post=request.post)
    except Refusal as refusal:
        return _refused(request, draft, about, refusal, {"words": words})
    return redirect(f"{reverse('draft', args=[pk])}#{about}")


@door("programmes.draft")
@require_POST
def accept_sure(request, pk):
    """Every line the reader is sure of, in one go."""
    draft = _draft(request, pk)
    taken = actions.accept_sure(draft=draft, by=request.user, post=request.post)
    messages.success(request, _("已采纳 %(n)s 条。其余请逐条看。") % {"n": taken})
    return redirect("draft", pk=pk)


@door("programmes.draft")
@require_POST
def confirm(request, pk):
    """The draft becomes a programme definition."""
    draft = _draft(request, pk)
    form = ConfirmForm(request.POST)
    if form.is_valid():
        try:
            actions.confirm(
                draft=draft, programme=form.cleaned_data["programme"].strip(), by=request.user, post=request.post
            )
        except Refusal as refusal:
            form.add_error("programme" if refusal.field else None, str(refusal))
        else:
            messages.success(request, _("已确认为方案。定义见本页下方，每一条都连着原文。"))
            return redirect("draft", pk=pk)
    return _page(request, draft, confirm_form=form, status=422)


@door("programmes.draft")
@require_POST
def give_up(request, pk):
    """A draft that will not become a programme."""
    actions.give_up(draft=_draft(request, pk), by=request.user, post=request.post)
    messages.success(request, _("已放弃这份草稿，仍可查看。"))
    return redirect("drafts")


@door("programmes.draft")
def definition(request, pk):
    """The confirmed definition as a file."""
    draft = _draft(request, pk)
    if draft.state != "confirmed":
        raise Http404(pk)
    return sent(draft.definition.encode(), f"{draft.programme}.yaml", "application/yaml; charset=utf-8")


@door("programmes.draft")
def answer_key(request, pk):
    """What was confirmed, in the form of the answer key, to test the next reader on."""
    draft = _draft(request, pk)
    if draft.state != "confirmed":
        raise Http404(pk)
    text = json.dumps(queries.as_answer_key(draft), ensure_ascii=False, indent=1)
    return sent(text.encode(), f"{draft.programme}.json", "application/json; charset=utf-8")


def _draft(request, pk) -> NoticeDraft:
    row = NoticeDraft.objects.visible_to(request.post).filter(pk=pk).first()
    if row is None:
        raise Http404(pk)
    return row


def _after(request, draft: NoticeDraft, about: str) -> HttpResponse:
    """Back to the next line nobody has ruled on, so that a notice is worked through from top to bottom."""
    rulings = queries.rulings_of(draft)
    ids = [item["id"] for item in draft.reading["items"]]
    later = ids[ids.index(about) + 1 :] if about in ids else ids
    following = next((each for each in later if each not in rulings), about)
    return redirect(f"{reverse('draft', args=[draft.pk])}#{following}")


def _refused(request, draft: NoticeDraft, about: str, refusal: Refusal, typed: dict) -> HttpResponse:
    return _page(
        request, draft, wrong={"about": about, "said": str(refusal), "field": refusal.field, "typed": typed}, status=422
    )


def _page(
    request, draft: NoticeDraft, *, wrong: dict | None = None, confirm_form=None, status: int = 200
) -> HttpResponse:
    rulings = queries.rulings_of(draft)
    lines = queries.lines_of(draft, rulings)
    open_lines, open_warnings = queries.open_questions(draft, rulings)
    reading = draft.reading
    spans = [(*line.item["span"], line.item["id"], line.item["kind"]) for line in lines if line.item["span"]]
    english = (get_language() or "").startswith("en")
    context = {
        "draft": draft,
        "english": english,
        "reading": reading,
        "pieces": rules.pieces(reading["text"], spans, [(cut["span"][0], cut["span"][1]) for cut in reading["cuts"]]),
        "lines": [_card(line, lines, wrong) for line in lines],
        "warnings": [_warning(each, rulings.get(each["id"]), english, wrong) for each in reading["warnings"]],
        "wrong": wrong,
        "kinds": [(code, str(label)) for code, label in KINDS.items()],
        "open_lines": open_lines,
        "open_warnings": open_warnings,
        "done_lines": len(lines) - open_lines,
        "sure": len(queries.sure_and_open(draft, rulings)),
        "is_open": draft.state == "open",
        "confirm_form": confirm_form or ConfirmForm(initial={"programme": _slug(reading)}),
        "by": users_in([draft.made_by]).get(draft.made_by),
    }
    return render(request, "desk/draft.html", context, status=status)


def _slug(reading: dict) -> str:
    year = (reading["published"] or reading["effective"] or "")[:4]
    return slugify(f"notice-{year}") if year else ""


def _card(line: queries.Line, lines: list[queries.Line], wrong: dict | None) -> dict:
    """A line for the template: what it says in one sentence, and its fields as text."""
    now, about = line.now, line.item["id"]
    typed = wrong["typed"] if wrong and wrong["about"] == about else {}
    value = now["value"] if now["value"] is not None else ""
    until = f"–{now['value_max']}" if now["value_max"] is not None else ""
    sign = SIGNS.get(now["comparator"] or "=", "")
    return {
        "id": about,
        "kind": now["kind"],
        "kind_label": KINDS[now["kind"]],
        "state": line.state,
        "state_label": line.ruling.get_what_display() if line.ruling else _("待处理"),
        "into": line.ruling.into if line.ruling else "",
        "subject": now["title"] if now["kind"] == "schedule" and now["title"] else now["subject"],
        "amount": f"{'' if sign == '=' else sign}{value}{until}{now['unit'] or ''}" if value != "" else "",
        "scope": now["scope"],
        "deadline": now["deadline"],
        "deadline_written": line.item["deadline_written"],
        "responsible": "、".join(now["responsible"]),
        "quote": line.item["quote"],
        "doubt": line.item["uncertain"] or line.item["implied"] or not rules.sure(line.item),
        "fields": [
            {"name": name, "label": label, "type": kind, "value": typed.get(name, _text(now.get(name)))}
            for name, label, kind in FIELDS
        ],
        "comparator": typed.get("comparator", now["comparator"] or ""),
        "signs": list(SIGNS.items()),
        "others": [(o.item["id"], f"{o.item['id']} {o.now['subject']}") for o in lines if o.item["id"] != about],
        "wrong": wrong["said"] if wrong and wrong["about"] == about else "",
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    return "、".join(value) if isinstance(value, list) else str(value)


def _warning(warning: dict, ruling: Ruling | None, english: bool, wrong: dict | None) -> dict:
    typed = wrong["typed"].get("words", "") if wrong and wrong["about"] == warning["id"] else ""
    return {
        "id": warning["id"],
        "said": warning["en"] if english else warning["zh"],
        "words": typed or (ruling.words if ruling else ""),
        "answered": ruling is not None,
        "wrong": wrong["said"] if wrong and wrong["about"] == warning["id"] else "",
    }
