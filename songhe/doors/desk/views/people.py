"""老年人: the list with its filters in the URL, who looks alike, and the rows going out as a file."""

from urllib.parse import urlencode

from django.http import FileResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from songhe.core import audit
from songhe.doors.desk.duty_scope import person_url
from songhe.doors.desk.forms.people import ExportForm
from songhe.doors.desk.scope import Scope, scope_of
from songhe.registry.accounts.access import door
from songhe.registry.people import exports, queries, terms
from songhe.registry.people.assessment import load_scale
from songhe.registry.people.models import Person

IGNORED = ("area", "period", "after", "size", "sort")
AGES = (60, 65, 70, 75, 80, 85, 90, 95, 100)


@door("people.view")
def index(request):
    """One page of people: filters, sort and place stand in the URL, so that the view can be sent as a link."""
    request.scope = scope = scope_of(request)
    filters = queries.filters_from(request.GET, ignore=IGNORED)
    sort, size = request.GET.get("sort") or "name", _size(request)
    page = queries.people_list(
        request.post,
        place=scope.place,
        sort=sort,
        size=size,
        after=request.GET.get("after", ""),
        on=scope.today,
        **filters,
    )
    audit.note(
        "people.list", "place", scope.place.pk, area_id=scope.place.pk, rows=len(page.rows), filters=sorted(filters)
    )
    levels = {level.level: said(level) for level in load_scale().levels}
    words = choice_words("sex", "living", "status")
    context = {
        "rows": [
            {
                "person": person,
                "url": person_url(person),
                "age": person.age(scope.today),
                "tags": terms.labels_of(person.tags),
                "level": levels.get(person.ability_level, ""),
                **{field: said_of.get(getattr(person, field), "") for field, said_of in words.items()},
            }
            for person in page.rows
        ],
        "page": page,
        "count_text": _("超过 %(count)s 人") % {"count": f"{page.count:,}"}
        if page.capped
        else _("%(count)s 人") % {"count": f"{page.count:,}"},
        "given": request.GET,
        "options": options(),
        "chips": _chips(request, scope, filters),
        "clear_url": scope.link(request.path, period=None),
        "export_url": _export_url(request, scope) if request.post.may("people.export") else "",
        "next_url": _here(request, scope, after=page.after) if page.after else "",
        "first_url": _here(request, scope) if request.GET.get("after") else "",
        "sizes": [{"label": n, "url": _here(request, scope, size=n), "current": n == size} for n in queries.SIZES],
        "saved": _saved(request, scope),
        "period": None,
        "may": {
            "edit": request.post.may("people.edit"),
            "merge": request.post.may("people.merge"),
            "bring_in": request.post.may("people.import"),
            "assess": request.post.may("assessment.record"),
        },
    }
    return render(request, "desk/people.html", context)


def _size(request) -> int:
    text = request.GET.get("size", "")
    return int(text) if text.isdecimal() and int(text) in queries.SIZES else queries.SIZES[1]


def choice_words(*fields: str) -> dict[str, dict[str, str]]:
    """The words of a person's choice fields: looked up once, where `get_…_display` would do it in every row."""
    return {name: {key: str(label) for key, label in Person._meta.get_field(name).flatchoices} for name in fields}


def said(term) -> str:
    """The word of a definition (zh, en) in the reader's language."""
    return term.en if (get_language() or "").startswith("en") else term.zh


def options() -> dict[str, list]:
    """What each filter offers: (value, words)."""
    anything = ("", _("不限"))
    levels = [(str(level.level), f"{level.level} {said(level)}") for level in load_scale().levels]
    return {
        "circumstance": [anything, ("any", _("有任一情形")), *((k.code, k.label) for k in terms.CIRCUMSTANCES)],
        "age_from": [anything, *((str(age), _("%(age)s 岁及以上") % {"age": age}) for age in AGES)],
        "age_to": [anything, *((str(age - 1), _("%(age)s 岁及以下") % {"age": age - 1}) for age in AGES[1:])],
        "ability": [anything, *levels, ("none", _("未评估"))],
        "status": [("", _("在世（含入住机构）")), *terms.STATUSES, ("all", _("全部"))],
        "living": [anything, *terms.LIVING],
        "helper": [anything, ("named", _("已明确")), ("missing", _("未明确"))],
        "file": [anything, ("complete", _("齐全")), ("incomplete", _("不齐"))],
        "sort": [("name", _("姓名")), ("birth", _("年龄从大到小")), ("-birth", _("年龄从小到大"))],
    }


def titles() -> dict[str, str]:
    """What each filter is called."""
    return {
        "circumstance": _("困难情形"),
        "age_from": _("年龄"),
        "age_to": _("年龄"),
        "ability": _("能力等级"),
        "status": _("状态"),
        "living": _("居住方式"),
        "helper": _("帮扶人"),
        "file": _("档案"),
        "q": _("查找"),
    }


def _chips(request, scope: Scope, filters: dict) -> list[dict]:
    """Each filter in words, with the link that takes it away."""
    offered, named = options(), titles()
    chips = []
    for name in filters:
        words = dict(offered.get(name, ())).get(request.GET[name], request.GET[name])
        label = _("%(name)s：%(value)s") % {"name": named.get(name, name), "value": words}
        chips.append({"label": label, "url": _here(request, scope, **{name: None})})
    return chips


def _here(request, scope: Scope, **changes) -> str:
    """This list with something changed; the cursor goes with every change but its own."""
    kept = {k: v for k, v in request.GET.items() if k not in ("after", "area", "period")}
    return scope.link(request.path, period=None, **(kept | changes))


def _export_url(request, scope: Scope) -> str:
    kept = {k: v for k, v in request.GET.items() if k not in ("after", "size", "area", "period") and v}
    return f"{reverse('exports')}?{urlencode({'area': scope.place.code} | kept)}"


def _saved(request, scope: Scope) -> list[dict]:
    """Lists that are asked for again and again."""
    usual = [
        (_("80 岁以上独居"), {"circumstance": "living_alone", "age_from": 80}),
        (_("失能"), {"circumstance": "care_dependent"}),
        (_("有困难情形而未明确帮扶人"), {"circumstance": "any", "helper": "missing"}),
        (_("有困难情形而档案不齐"), {"circumstance": "any", "file": "incomplete"}),
        (_("有困难情形而未评估"), {"circumstance": "any", "ability": "none"}),
        (_("百岁老人"), {"age_from": 100}),
    ]
    return [{"label": label, "url": scope.link(request.path, period=None, **given)} for label, given in usual]


@door("people.export")
def export(request):
    """GET: what would go out, and why; POST: exactly these rows as a watermarked file, with the purpose in the audit."""
    request.scope = scope = scope_of(request)
    filters = queries.filters_from(request.GET, ignore=IGNORED)
    sort = request.GET.get("sort") or "name"
    form = ExportForm(request.POST or None, may_unmask=request.post.may("people.unmask"))
    if request.method == "POST" and form.is_valid():
        made = exports.export(
            by=request.user, post=request.post, place=scope.place, on=scope.today, **form.choices(), **filters
        )
        with made as file:  # the open file outlives its name
            return FileResponse(
                file.path.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type,
                headers={"Cache-Control": "no-store"},
            )  # fmt: skip
    page = queries.people_list(request.post, place=scope.place, sort=sort, size=1, on=scope.today, **filters)
    back = f"{reverse('people')}?{request.GET.urlencode()}"
    context = {"form": form, "page": page, "chips": _chips(request, scope, filters), "back": back, "period": None}
    return render(request, "desk/people_export.html", context, status=422 if form.errors else 200)


@door("people.merge")
def doubles(request):
    """Files of one township that may be one person, likeliest first; a person decides, nothing merges itself."""
    request.scope = scope = scope_of(request)
    below = scope.place.below == "village" or scope.place.level == "village"
    found = queries.duplicates(request.post, place=scope.place) if below else []
    audit.note("people.list", "duplicates", area_id=scope.place.pk, rows=2 * len(found))
    rows = [{"pair": double, "first": double.first, "second": double.second, "reasons": double.likeness.reasons,
             "verdict": double.likeness.verdict, "score": double.likeness.score} for double in found]  # fmt: skip
    context = {"rows": rows, "narrow": below, "period": None, "today": scope.today}
    return render(request, "desk/duplicates.html", context)
