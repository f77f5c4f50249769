"""家庭养老床位: the list, one bed with its next step and its history, devices that are silent."""

from datetime import timedelta
from uuid import UUID

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from songhe.care.agreements import actions, definitions, queries, terms
from songhe.care.agreements.models import Device
from songhe.core import audit
from songhe.doors.desk.entering import Entry, entered
from songhe.doors.desk.facility_scope import english, link, section, site_scope
from songhe.doors.desk.forms import care as f
from songhe.registry.accounts.access import door, require
from songhe.registry.facilities import queries as sites
from songhe.registry.people import queries as people
from songhe.registry.people.models import Person

STEPS = dict(terms.STEPS)
SERVING = ("street_centre", "day_care_station", "regional_centre", "institution", "seniors_home", "mutual_aid_home")
ENTRIES = {
    "assess": Entry(gettext_lazy("能力评估"), f.AssessForm, actions.assess, "beds.edit"),
    "plan": Entry(gettext_lazy("照护计划"), f.PlanForm, actions.plan, "beds.edit"),
    "sign": Entry(
        gettext_lazy("签三方协议"), f.SignForm, actions.sign, "beds.edit", gettext_lazy("老人（监护人）、运营机构、政府三方签订。")
    ),
    "retrofit": Entry(gettext_lazy("登记改造项目"), f.RetrofitForm, actions.retrofit, "beds.edit"),
    "device": Entry(gettext_lazy("登记设备"), f.DeviceForm, actions.install, "beds.edit"),
    "fit": Entry(gettext_lazy("改造与设备办结"), f.FitForm, actions.fit, "beds.edit"),
    "accept": Entry(
        gettext_lazy("验收"), f.AcceptForm, actions.accept, "beds.accept", gettext_lazy("办理改造的人不能给自己验收。")
    ),
    "serve": Entry(gettext_lazy("登记上门服务"), f.CareForm, actions.serve, "beds.edit"),
    "renew": Entry(gettext_lazy("续签"), f.SignForm, actions.renew, "beds.edit"),
    "end": Entry(gettext_lazy("终止床位"), f.BedEndForm, actions.end, "beds.edit"),
}  # fmt: skip
NEXT = {"assessed": "assess", "planned": "plan", "signed": "sign", "fitted": "fit", "accepted": "accept"}


@door("beds.view")
def index(request):
    """One page of beds: by step, by name; the counts of the area above it."""
    scope, on = site_scope(request)
    given = {name: request.GET.get(name, "") for name in ("step", "q")}
    page = queries.page(post=request.post, place=scope.place, on=on, after=request.GET.get("after", ""), **given)
    audit.note("beds.list", "bed", area_id=scope.place.pk, rows=len(page.rows))
    counts = queries.counts(post=request.post, place=scope.place, on=on)
    context = {
        "tabs": section(request, "beds"),
        "rows": [{"bed": bed, "url": link(scope, "bed", bed.uid), "step": STEPS.get(bed.step), "light": _light(bed, on)} for bed in page.rows],
        "count_text": _("%(count)s 张") % {"count": f"{page.count:,}"},
        "given": given,
        "options": [("", _("在办和在用")), ("expiring", _("即将到期")), *terms.STEPS, ("all", _("全部"))],
        "counts": [{"label": label, "n": counts[code], "url": link(scope, "beds", step=code)} for code, label in terms.STEPS],
        "active": counts["active"],
        "years": queries.by_year(post=request.post, place=scope.place, on=on).items(),
        "clear_url": link(scope, "beds"),
        "next_url": link(scope, "beds", after=page.after, **{k: v or None for k, v in given.items()}) if page.after else "",
        "new_url": link(scope, "bed-new") if request.post.may("beds.edit") else "",
        "devices_url": link(scope, "bed-devices"),
        "silent": len(queries.dormant(post=request.post, place=scope.place)),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/care/beds.html", context)


def _light(bed, on) -> str:
    """Green while an agreement runs and was accepted, yellow on the way, red past the agreement's end, grey once ended."""
    if bed.step == "ended":
        return "none"
    if bed.until is not None and bed.until < on:
        return "red"
    return "green" if bed.step in ("accepted", "renewed") else "yellow"


@door("beds.edit")
def new(request):
    """Find the person, then say what the survey found; whoever is left out is told the clause."""
    scope, _on = site_scope(request)
    q, uid = request.GET.get("q", "").strip(), request.GET.get("person", "")
    require(request.post, "people.view")
    person = Person.objects.visible_to(request.post).filter(uid=uid, merged_into=None).first() if _is_uid(uid) else None
    if person is None:
        found = list(people.people_query(request.post, place=scope.place, q=q)[:20]) if q else []
        if found:
            audit.note("people.list", "bed", area_id=scope.place.pk, rows=len(found))
        context = {
            "q": q,
            "rows": [{"person": p, "url": link(scope, "bed-new", person=p.uid)} for p in found],
            "back_url": link(scope, "beds"),
            "period": None,
        }
        return render(request, "desk/care/bed_new.html", context)
    entry = Entry(_("新开床位：%(name)s") % {"name": person.name}, f.SurveyForm, actions.survey, "beds.edit")
    offered = {"facility": [(site.pk, str(site)) for site in _serving(request, scope)]}
    return entered(
        request, entry, back=link(scope, "beds"), about={"person": person}, initial={"on": scope.today}, offered=offered,
        shaped=lambda data: data | {"facility": sites.by_ids(post=request.post, ids=[data["facility"]]).get(data["facility"])},
        then=lambda bed: link(scope, "bed", bed.uid),
    )  # fmt: skip


def _is_uid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _serving(request, scope):
    rows = sites.facilities_reached(
        post=request.post, place=request.post.place, kinds=SERVING, reached="done", on=scope.today
    )
    return rows.select_related("place").order_by("place__code", "pk")[:300]


@door("beds.view")
def one(request, uid):
    """One bed: whose it is, what comes next, what was agreed, put up and done, everything that happened."""
    scope, on = site_scope(request)
    bed = _bed(request, uid, on)
    audit.note("beds.read", "bed", bed.pk, area_id=bed.village_id, person=bed.person_id)
    todo = NEXT.get(queries.next_step(bed), "") if bed.ended_on is None else ""
    scheme = definitions.named(bed.scheme)
    context = {
        "bed": bed,
        "step": STEPS.get(bed.step),
        "light": _light(bed, on),
        "walk": _walk(bed),
        "todo": {"title": ENTRIES[todo].title, "url": _act(scope, bed, todo)} if todo and request.post.may(ENTRIES[todo].permission) else None,
        "may_edit": request.post.may("beds.edit") and bed.ended_on is None and bed.signed,
        "may_renew": request.post.may("beds.edit") and bed.ended_on is None and bed.step in ("accepted", "renewed"),
        "may_end": request.post.may("beds.edit") and bed.ended_on is None,
        "acts": {what: _act(scope, bed, what) for what in ENTRIES},
        "agreements": bed.agreements.select_related("organisation"),
        "retrofits": bed.retrofits.all(),
        "devices": [{"device": d, "url": link(scope, "bed-device-down", d.pk)} for d in bed.devices.filter(removed_on=None)],
        "months": [{"month": first, "promised": p, "given": g, "light": "green" if g >= p else "yellow"} for first, p, g in queries.months(bed, on)],
        "cares": queries.standing_cares(bed).order_by("-on", "-pk")[:20],
        "steps": bed.steps.order_by("-on", "-pk"),
        "scheme": scheme.title["en" if english() else "zh"],
        "source": scheme.source,
        "exclusions": [{"clause": row.clause["en" if english() else "zh"], "number": row.number} for row in scheme.exclusions],
        "person_url": link(scope, "person", bed.person.uid) if request.post.may("people.view") else "",
        "back_url": link(scope, "beds"),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/care/bed.html", context)


def _bed(request, uid, on):
    found = queries.one(post=request.post, uid=uid, on=on)
    if found is None:
        raise Http404
    return found


def _act(scope, bed, what: str) -> str:
    return link(scope, "bed-act", bed.uid, what)


def _walk(bed) -> list[dict]:
    """The six steps with what is done, what is next, what is to come."""
    done = {step.kind: step.on for step in bed.steps.all()}
    nearest = next((kind for kind in terms.WALK if kind not in done), "")
    return [
        {
            "label": STEPS[kind],
            "on": done.get(kind),
            "state": "done" if kind in done else "now" if kind == nearest else "later",
        }
        for kind in terms.WALK
    ]


@door("beds.view")
def act(request, uid, what):
    """One form about one bed; which permission it needs stands in ENTRIES."""
    entry = ENTRIES.get(what)
    if entry is None:
        raise Http404
    require(request.post, entry.permission)
    scope, on = site_scope(request)
    bed = _bed(request, uid, on)
    today = scope.today
    initial = {
        "on": today,
        "starts_on": today,
        "ends_on": today + timedelta(days=30 * definitions.named(bed.scheme).months),
    }
    initial |= {"signer_name": bed.person.name, "government": str(bed.town or bed.county or ""), "signer": "self"}
    if what == "renew" and bed.until is not None:
        initial |= {"starts_on": bed.until + timedelta(days=1), "ends_on": bed.until + timedelta(days=30 * definitions.named(bed.scheme).months)}  # fmt: skip
    offered = {
        "assessment": [(a.pk, f"{a.on} · {a.scale} · {a.level}") for a in bed.person.assessments.exclude(level=None).order_by("-on")],
        "organisation": [(each.pk, str(each)) for each in sites.organisations()] if what in ("sign", "renew") else [],
    }  # fmt: skip
    needs = issubclass(entry.form, f.Offered)
    return entered(
        request, entry, back=link(scope, "bed", uid), about={"bed": bed}, initial=initial, offered=offered if needs else None,
        shaped=lambda data: _shaped(bed, data),
    )  # fmt: skip


def _shaped(bed, data: dict) -> dict:
    if "assessment" in data:
        data["assessment"] = bed.person.assessments.filter(pk=data["assessment"]).first()
    if "organisation" in data:
        data["organisation"] = sites.organisations().get(pk=data["organisation"])
    return data


@door("beds.view")
def devices(request):
    """Devices that should speak and do not, those to be taken down, and the alarms of the last week."""
    scope, _on = site_scope(request)
    now = timezone.now()
    rules = definitions.devices(scope.today)
    audit.note("devices.list", "device", area_id=scope.place.pk)
    context = {
        "tabs": section(request, "beds"),
        "rows": [
            {"device": d, "hours": rules.dormant_hours[d.kind], "down": link(scope, "bed-device-down", d.pk)}
            for d in queries.dormant(post=request.post, place=scope.place, now=now)
        ],
        "orphans": [{"device": d, "down": link(scope, "bed-device-down", d.pk)} for d in queries.orphaned(post=request.post, place=scope.place)],
        "up": queries.devices(post=request.post, place=scope.place).count(),
        "alarms": queries.alarms(post=request.post, place=scope.place, since=now - timedelta(days=7))[:50],
        "never_days": rules.never_days,
        "may_edit": request.post.may("beds.edit"),
        "back_url": link(scope, "beds"),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/care/devices.html", context)


@door("beds.edit")
def down(request, pk):
    """A device is taken down."""
    scope, _on = site_scope(request)
    device = Device.objects.visible_to(request.post).filter(pk=pk, removed_on=None).first()
    if device is None:
        raise Http404
    entry = Entry(
        _("拆除设备"), f.DownForm, actions.take_down, "beds.edit", f"{device.get_kind_display()} {device.serial}"
    )
    return entered(
        request, entry, back=link(scope, "bed-devices"), about={"device": device}, initial={"on": scope.today}
    )  # fmt: skip
