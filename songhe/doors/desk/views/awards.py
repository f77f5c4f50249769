"""考评与评选: scores with the formula shown; rounds with nominations, votes and publicity, inside what the papers allow."""

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from songhe.core import audit
from songhe.doors.desk.forms import awards as shapes
from songhe.doors.desk.forms.oversight import ReasonForm
from songhe.doors.desk.oversight import done, places_for, tabs
from songhe.doors.desk.scope import scope_of
from songhe.oversight.awards import actions, definitions, queries
from songhe.registry.accounts import queries as accounts
from songhe.registry.accounts.access import door, require
from songhe.registry.people import safekeeping

STAGES = {"naming": "none", "voting": "yellow", "publicity": "yellow", "confirmed": "green"}


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def _who(request) -> dict:
    return {"by": request.user, "post": request.post}


@door("awards.view")
def index(request):
    """Rounds and appraisals of an area; open a round, make an appraisal."""
    request.scope = scope = scope_of(request)
    language = _language()
    offered = [(name, f"{row.title[language]}（{row.commitment or row.source['title']}）") for name, row in definitions.awards().items()]  # fmt: skip
    formulas = [(name, row.title[language]) for name, row in definitions.formulas().items()]
    labels = dict(offered)
    given = {"award": request.GET.get("award", ""), "period": request.GET.get("of", "")}
    do = request.POST.get("do", "")
    opening = shapes.RoundForm(
        request.POST if do == "open" else None, awards=offered, places=places_for(scope), prefix="open"
    )
    scoring = shapes.AppraisalForm(request.POST if do == "appraise" else None, formulas=formulas, prefix="appraise")
    if request.method == "POST":
        require(request.post, "awards.manage")
        made: list = []
        if do == "open" and opening.is_valid() and done(opening, lambda: made.append(actions.open_round(**opening.cleaned_data, **_who(request)))):  # fmt: skip
            return redirect("award", pk=made[0].pk)
        if do == "appraise" and scoring.is_valid() and done(scoring, lambda: made.append(actions.appraise(place=scope.place, **scoring.cleaned_data, **_who(request)))):  # fmt: skip
            return redirect("appraisal", pk=made[0].pk)
    context = {
        "tabs": tabs(request, "awards"),
        "rounds": [{"round": row, "light": STAGES[row.stage]} for row in queries.rounds(post=request.post, place=scope.place, **given)[:200]],
        "chips": [{"label": labels.get(value, value), "url": scope.link(reverse("awards"), period=None, award=None if name == "award" else given["award"], of=None if name == "period" else given["period"])} for name, value in given.items() if value],
        "clear_url": scope.link(reverse("awards"), period=None),
        "appraisals": [{"appraisal": row, "title": row.formula["title"][language]} for row in queries.appraisals(post=request.post, place=scope.place)[:50]],
        "opening": opening, "scoring": scoring, "may": request.post.may("awards.manage"), "period": None,
    }  # fmt: skip
    return render(request, "desk/awards.html", context, status=422 if opening.errors or scoring.errors else 200)


def _round(request, pk):
    row = queries.round(post=request.post, pk=pk)
    if row is None:
        raise Http404
    return row


def _forms(request, row, do: str, standing: list, elected: list) -> dict:
    """The forms that the stage knows; the one that was sent is bound."""

    def given(name):
        return request.POST if do == name else None

    ties = [(n.pk, n.name) for n in standing] if row.counts == "elected" else []
    return {
        "nominate": shapes.NominationForm(given("nominate"), request.FILES if do == "nominate" else None, prefix="nominate"),
        "withdraw": ReasonForm(given("withdraw"), prefix="withdraw"),
        "vote": shapes.BallotForm(given("vote"), standing=[(n.pk, f"{n.name} {n.unit}") for n in standing], prefix="vote"),
        "choose": shapes.ChooseForm(given("choose"), standing=ties, prefix="choose"),
        "object": shapes.ObjectionForm(given("object"), elected=[(n.pk, n.name) for n in elected], prefix="object"),
        "answer": shapes.ObjectionAnswerForm(given("answer"), prefix="answer"),
    }  # fmt: skip


RIGHTS = {"nominate": "awards.nominate", "withdraw": "awards.nominate", "vote": "awards.vote"}


@door("awards.view")
def one(request, pk):
    """A round at its stage. `do` says which form was sent: nominate, withdraw, voting, vote, choose, object, answer, confirm."""
    request.scope = scope = scope_of(request)
    row = _round(request, pk)
    rows = queries.nominations(row)
    standing = [n for n in rows if n.withdrawn_on is None]
    do = request.POST.get("do", "")
    forms = _forms(request, row, do, standing, [n for n in standing if n.result == "elected"])
    if request.method == "POST":
        require(request.post, RIGHTS.get(do, "awards.manage"))
        said = _carried_out(request, row, do, forms, rows)
        if said:
            messages.success(request, said)
            return redirect("award", pk=pk)
    audit.note("awards.read", "award_round", row.pk, area_id=row.town_id or row.county_id or row.city_id)
    names = accounts.users_in(n.by for n in rows)
    wrong = any(form.errors for form in forms.values())
    context = {
        "round": row, "light": STAGES[row.stage], "clause": row.source["clause"][_language()],
        "rows": [{"nomination": n, "by": names.get(n.by, _("系统"))} for n in rows], "standing": len(standing),
        "left": row.limit - len(standing) if row.counts == "named" else None, "forms": forms,
        "objections": row.objections.select_related("nomination").order_by("pk"),
        "ballots": row.ballots.count(), "voted": row.ballots.filter(user=request.user).exists(),
        "may": {name: request.post.may(f"awards.{name}") for name in ("nominate", "vote", "manage")},
        "ended": bool(row.publicity_to and row.publicity_to < scope.today),
        "back": scope.link(reverse("awards"), period=None), "period": None,
    }  # fmt: skip
    return render(request, "desk/award.html", context, status=422 if wrong else 200)


def _carried_out(request, row, do: str, forms: dict, rows: list) -> str:
    """What was done, in words; "" when a form has errors (or nothing was asked)."""
    who, known = _who(request), {n.pk: n for n in rows}
    if do == "voting":
        actions.open_voting(round=row, **who)
        return _("推荐结束，开始投票。")
    if do == "confirm":
        actions.confirm(round=row, **who)
        return _("评选结果已确认。")
    form = forms.get(do)
    if form is None or not form.is_valid():
        return ""
    data = form.cleaned_data
    verbs = {
        "nominate": (lambda: actions.nominate(round=row, **data, **who), _("已推荐：%(name)s。") % {"name": data.get("name", "")}),
        "withdraw": (lambda: actions.withdraw(nomination=_named(request, known), reason=data["reason"], **who), _("已撤回。")),
        "vote": (lambda: actions.cast_ballot(round=row, nominations=[known[pk] for pk in data["nominations"]], **who), _("已投票。")),
        "choose": (lambda: actions.choose(round=row, where=data["where"], tie=[known[pk] for pk in data.get("tie", [])], reason=data["reason"], **who), _("人选已定，开始公示。")),
        "object": (lambda: actions.object_to(nomination=known[data["nomination"]], text=data["text"], **who), _("异议已登记。")),
        "answer": (lambda: _answered(row, data, who), _("核实情况已登记。")),
    }  # fmt: skip
    verb, said = verbs[do]
    return said if done(form, verb) else ""


def _named(request, known: dict):
    given = request.POST.get("nomination", "")
    if not given.isdecimal() or int(given) not in known:
        raise Http404
    return known[int(given)]


def _answered(row, data: dict, who: dict) -> None:
    objection = row.objections.filter(pk=data["objection"]).first()
    if objection is None:
        raise Http404
    actions.answer_objection(objection=objection, verdict=data["verdict"], answer=data["answer"], **who)


@door("awards.view")
def paper(request, pk):
    """The file that came with a nomination; the reading is audited."""
    row = queries.nomination(post=request.post, pk=pk)
    if row is None or not row.paper_stored:
        raise Http404
    audit.note("awards.paper.read", "award_round", row.round_id, nomination=row.pk)
    with safekeeping.opened(row.paper_stored) as path:
        response = FileResponse(path.open("rb"), content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{escape_uri_path(row.paper_name)}"
    response["Cache-Control"] = "no-store"
    return response


def _rows_of(scope, row, score, part: dict) -> str:
    """The indicator's page of a unit in the period, where the two numbers open their rows."""
    named = {each["id"]: each["indicator"] for each in row.formula["parts"]}
    return scope.link(reverse("indicator", args=[named[part["id"]]]), area=score.place.code, period=row.period)


@door("awards.view")
def appraisal(request, pk):
    """Scores of one appraisal: each part with its value and formula; the method as it stood."""
    request.scope = scope = scope_of(request)
    row = queries.appraisal(post=request.post, pk=pk)
    if row is None:
        raise Http404
    language = _language()
    bands = row.formula["bands"]
    grades = {band["grade"]["zh"]: band["grade"][language] for band in bands}
    scores = queries.scores(row)
    context = {
        "appraisal": row, "title": row.formula["title"][language], "language": language,
        "rows": [
            {"score": score, "grade": grades.get(score.grade, ""),
             "parts": [part | {"title": part["title"][language], "url": _rows_of(scope, row, score, part)} for part in score.parts]}
            for score in scores
        ],
        "parts": [part | {"title": part["title"][language]} for part in row.formula["parts"]],
        "bands": [{"grade": band["grade"][language], "start": band["from"], "end": band["to"]} for band in bands],
        "by": accounts.users_in([row.by]).get(row.by, ""), "back": scope.link(reverse("awards"), period=None), "period": None,
    }  # fmt: skip
    return render(request, "desk/appraisal.html", context)
