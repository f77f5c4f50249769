"""能力评估 (GB/T 42195-2022): the form of 26 items, the result with its reasons, other scales beside it, the queue."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from songhe.care.visits.actions.assess import signatures_of
from songhe.care.visits.queries import doorstep_of
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.forms.assessments import AssessmentForm
from songhe.doors.desk.forms.people import OtherScaleForm
from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.people import said
from songhe.doors.desk.views.person import file_url, found
from songhe.doors.desk.views.person_forms import page, put
from songhe.registry.accounts.access import door
from songhe.registry.accounts.queries import users_in
from songhe.registry.people import actions, queries
from songhe.registry.people.assessment import Assessor, Unanswered, assess, load_scale, mapped, reassessment
from songhe.registry.people.assessment_scale import in_force
from songhe.registry.people.models import Assessment

PAGE = 100


@door("assessment.record")
def new(request, uid):
    """Every item must be answered: what is missing is listed with a jump to each; nothing counts as zero by silence."""
    person, scale = found(request, uid), load_scale()
    form = AssessmentForm(request.POST or None, scale=scale)
    missing = ()
    if request.method == "POST":
        ready = form.is_valid()
        try:
            assess(scale, form.answers(), form.findings(), on=form.cleaned_data.get("on") or timezone.localdate())
        except Unanswered as unanswered:
            missing, ready = unanswered.missing, False
        if ready:
            made = _record(request, person, form)
            if made:
                messages.success(request, _("已保存能力评估。"))
                return redirect("assessment", pk=made.pk)
    else:
        audit.note("people.read", "person", person.pk, area_id=person.village_id, page="assessment")
    context = {
        "person": person,
        "form": form,
        "scale": scale,
        "scale_name": said(scale),
        "domains": form.laid_out(),
        "findings": form.laid_out_findings(),
        "risks": form.laid_out_risks(),
        "missing": [{"id": m.id, "label": said(m)} for m in missing],
        "today": timezone.localdate(),
    }
    return render(request, "desk/assessment_new.html", context, status=422 if form.errors or missing else 200)


def _record(request, person, form):
    data = form.cleaned_data
    names = [data["assessor_1"], data["assessor_2"]]
    team = [
        Assessor(name, medical) for name, medical in zip(names, [data["medical_1"], data["medical_2"]], strict=True)
    ]
    try:
        return actions.record_assessment(
            by=request.user, post=request.post, person=person, on=data["on"], answers=form.answers(), findings=form.findings(),
            assessors=team, assessor_names=names, informant=data["informant"], informant_relation=data["informant_relation"],
            reason=data["reason"], agency=data["agency"],
        )  # fmt: skip
    except Refusal as refusal:
        put(form, refusal)
    return None


@door("assessment.record")
def other(request, uid):
    """Another scale's result, recorded beside and never converted."""
    person = found(request, uid)
    form = OtherScaleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_other_scale(by=request.user, post=request.post, person=person, **form.cleaned_data)
        except Refusal as refusal:
            put(form, refusal)
        else:
            messages.success(request, _("已登记其他量表的结果。"))
            return redirect(file_url(person, "assessments"))
    lead = _("照原结论登记，与国标结果并列，不互相换算。")
    return page(
        request,
        "desk/person_form.html",
        form,
        person=person,
        title=_("登记其他量表结果"),
        lead=lead,
        back=file_url(person, "assessments"),
    )


@door("people.view")
def one(request, pk):
    """The result, with how it came about: sub-totals, total, initial level, what changed it, final level, until when."""
    row = Assessment.objects.visible_to(request.post).filter(pk=pk).select_related("person").first()
    if row is None:
        raise Http404(pk)
    person = found(request, row.person.uid)
    audit.note("people.read", "person", person.pk, area_id=person.village_id, page="assessment")
    scale = load_scale()
    full = row.scale == scale.id
    context = {
        "row": row,
        "person": person,
        "by": users_in([row.recorded_by]).get(row.recorded_by),
        "domains": _answered(scale, row) if full else [],
        "scale_name": said(scale) if full else row.scale,
        "level": said(scale.level(row.level)) if row.level is not None else "",
        "initial": scale.level(row.initial_level) if row.initial_level is not None else None,
        "initial_said": said(scale.level(row.initial_level)) if row.initial_level is not None else "",
        "steps": [step["en"] if request.LANGUAGE_CODE.startswith("en") else step["zh"] for step in row.adjustments],
        "largest": len(row.adjustments) > 1 and in_force(scale.adjustments, row.on).combined == "max",
        "means": [said(m) for m in scale.mappings if full and row.level in mapped(scale, m.id, on=row.on)],
        "due": reassessment(scale, row.level, row.on) if full else None,
        "most": scale.max,
        "signatures": _signatures(request, row),
        "unconfirmed": [said(item) for item in scale.items if not item.confirmed] if full else [],
    }
    return render(request, "desk/assessment.html", context)


def _signatures(request, row) -> list[dict]:
    """The three signatures drawn at the door, as paths of a picture 1000 by 1000; none where it was filled in here."""
    doorstep = doorstep_of(post=request.post, assessment=row.pk)
    if doorstep is None:
        return []
    whose = {
        "assessor_1": row.assessors[0] if row.assessors else _("评估员"),
        "assessor_2": row.assessors[1] if len(row.assessors) > 1 else _("评估员"),
        "informant": row.informant or _("信息提供者"),
    }
    drawn = signatures_of(doorstep)
    return [{"who": who, "path": _path(drawn.get(name, []))} for name, who in whose.items()]


def _path(strokes: list[list[int]]) -> str:
    """Strokes [x, y, x, y …] as the d of an SVG path: M a start, L every further point."""
    pairs = [list(zip(stroke[::2], stroke[1::2], strict=False)) for stroke in strokes]
    return " ".join("M" + " L".join(f"{int(x)} {int(y)}" for x, y in points) for points in pairs if points)


def _answered(scale, row) -> list[dict]:
    answers = row.answers.get("items", {})
    out = []
    for domain in scale.domains:
        items = [
            {"item": item, "label": said(item), "score": answers.get(item.id),
             "words": next((said(a) for a in item.answers if a.score == answers.get(item.id)), "—")}
            for item in domain.items
        ]  # fmt: skip
        out.append(
            {
                "label": said(domain),
                "clause": domain.clause,
                "sum": row.subtotals.get(domain.id),
                "most": domain.max,
                "items": items,
            }
        )
    return out


@door("people.view")
def due(request):
    """The re-assessment queue: results that stop holding within the notice period, or did."""
    request.scope = scope = scope_of(request)
    within = request.GET.get("within", "30")
    days = int(within) if within in ("0", "30", "90", "180") else 30
    rows = list(
        queries.assessments_due(request.post, place=scope.place, by=scope.today + timedelta(days=days)).select_related(
            "village", "town"
        )[: PAGE + 1]
    )
    audit.note("people.list", "assessments_due", area_id=scope.place.pk, rows=len(rows[:PAGE]))
    levels = {level.level: said(level) for level in load_scale().levels}
    context = {
        "rows": [
            {
                "person": person,
                "age": person.age(scope.today),
                "level": levels.get(person.ability_level, ""),
                "light": "red" if person.ability_due <= scope.today else "yellow",
                "days": abs((person.ability_due - scope.today).days),
                "overdue": person.ability_due <= scope.today,
            }
            for person in rows[:PAGE]
        ],
        "more": len(rows) > PAGE,
        "tabs": [
            {"label": label, "url": scope.link(request.path, period=None, within=value), "current": value == str(days)}
            for value, label in (("0", _("已到期")), ("30", _("30 天内")), ("90", _("90 天内")), ("180", _("半年内")))
        ],
        "period": None,
        "may_assess": request.post.may("assessment.record"),
        "people_url": reverse("people"),
    }
    return render(request, "desk/assessments_due.html", context)
