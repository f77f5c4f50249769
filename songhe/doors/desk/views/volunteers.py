"""志愿组织: groups of villages, which kinds are lacking where, what they did."""

from datetime import date, timedelta

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _

from songhe.care.volunteering import actions, queries, terms
from songhe.care.volunteering.models import Activity, Group
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.doors.desk.entering import Entry, entered
from songhe.doors.desk.facility_scope import link, section, site_scope
from songhe.doors.desk.forms import care as f
from songhe.registry.accounts.access import door
from songhe.registry.places.queries import by_code, villages

SHOWN = 200
MOST = 200  # activities on one page


@door("volunteering.view")
def index(request):
    """Groups with their latest activity; before them the villages that lack a kind."""
    scope, on = site_scope(request)
    kind = request.GET.get("kind", "")
    if kind and kind not in dict(terms.GROUPS):
        raise Refusal("kind", zh=f"没有这个类别：{kind}。", en=f"Unknown kind: {kind}.", field="kind")
    rows = queries.groups(post=request.post, place=scope.place, on=on, kind=kind)
    lacking = queries.lacking(post=request.post, place=scope.place, on=on)
    names = dict(terms.GROUPS)
    context = {
        "tabs": section(request, "volunteers") if request.post.may("facilities.view") else [],
        "rows": [{"group": g, "url": link(scope, "volunteer-group", g.pk), "asleep": g.last is None or g.last < on - timedelta(days=7)} for g in rows[:SHOWN]],
        "count_text": _("%(count)s 个") % {"count": rows.count()},
        "given": {"kind": kind},
        "options": [("", _("不限")), *terms.GROUPS],
        "lacking": [{"village": v, "kinds": "、".join(str(names[k]) for k in kinds)} for v, kinds in lacking[:SHOWN]],
        "lacking_all": len(lacking),
        "new_url": link(scope, "volunteer-group-new") if request.post.may("volunteering.edit") else "",
        "clear_url": link(scope, "volunteers"),
        "activities_url": link(scope, "volunteer-activities"),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/care/volunteers.html", context)


@door("volunteering.view")
def activities(request):
    """What groups did from a day to a day (`first`, `last`), of one kind of group or of several (`kind=a,b`): the latest first."""
    scope, on = site_scope(request)
    first, last = (_day(request, name, start) for name, start in (("first", on.replace(day=1)), ("last", on)))
    kinds = [kind for kind in request.GET.get("kind", "").split(",") if kind]
    if set(kinds) - set(dict(terms.GROUPS)):
        raise Refusal("kind", zh=f"没有这个类别：{kinds[0]}。", en=f"Unknown kind: {kinds[0]}.", field="kind")
    found = queries.activities(post=request.post, place=scope.place, first=first, last=last)
    found = found.filter(group__kind__in=kinds) if kinds else found
    count = found.count()
    context = {
        "tabs": section(request, "volunteers") if request.post.may("facilities.view") else [],
        "rows": [{"row": row, "url": link(scope, "volunteer-group", row.group_id)} for row in found[:MOST]],
        "count_text": _("%(count)s 次") % {"count": count},
        "more": max(0, count - MOST),
        "given": {"first": first.isoformat(), "last": last.isoformat(), "kind": ",".join(kinds)},
        "options": [("", _("不限")), *terms.GROUPS],
        "clear_url": link(scope, "volunteer-activities"),
        "back_url": link(scope, "volunteers"),
        "period": None,
    }
    return render(request, "desk/care/volunteer_activities.html", context)


def _day(request, name: str, otherwise: date) -> date:
    text = request.GET.get(name, "")
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError:
        raise Refusal("day", zh=f"日期“{text[:20]}”看不懂，请写成 2026-11-30。", en=f"“{text[:20]}” is no day; write 2026-11-30.", field=name) from None  # fmt: skip


@door("volunteering.edit")
def new(request):
    """A group is registered."""
    scope, _on = site_scope(request)
    entry = Entry(_("登记志愿组织"), f.GroupForm, actions.found, "volunteering.edit")
    offered = {"village": [(v.code, f"{v.parent} › {v}") for v in villages(scope.place, scope.today)]}
    return entered(
        request, entry, back=link(scope, "volunteers"), about={}, initial={"on": scope.today, "village": scope.place.code},
        offered=offered, shaped=lambda data: data | {"village": by_code(data["village"], post=request.post)},
        then=lambda group: link(scope, "volunteer-group", group.pk),
    )  # fmt: skip


def _group(request, pk) -> Group:
    found = Group.objects.visible_to(request.post).select_related("village", "town").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@door("volunteering.view")
def one(request, pk):
    """One group and what it did."""
    scope, _on = site_scope(request)
    group = _group(request, pk)
    audit.note("volunteering.read", "group", group.pk, area_id=group.village_id)
    record = request.post.may("volunteering.record")
    context = {
        "group": group,
        "rows": [{"row": a, "void": link(scope, "volunteer-void", a.pk) if record else ""} for a in queries.standing(group.activities.all()).order_by("-on", "-pk")[:100]],
        "add_url": link(scope, "volunteer-activity", pk) if record and group.valid_to is None else "",
        "back_url": link(scope, "volunteers"),
        "period": None,
    }  # fmt: skip
    return render(request, "desk/care/volunteer_group.html", context)


@door("volunteering.record")
def activity(request, pk):
    """What a group did on a day."""
    scope, _on = site_scope(request)
    group = _group(request, pk)
    entry = Entry(_("登记志愿活动"), f.GroupActivityForm, actions.record_activity, "volunteering.record", group.name)
    return entered(
        request, entry, back=link(scope, "volunteer-group", pk), about={"group": group}, initial={"on": scope.today, "recipients": 0}
    )  # fmt: skip


@door("volunteering.record")
def void(request, pk):
    """A wrong activity no longer counts."""
    scope, _on = site_scope(request)
    row = Activity.objects.visible_to(request.post).select_related("group").filter(pk=pk, voids=None).first()
    if row is None:
        raise Http404
    said = f"{row.on:%Y-%m-%d} {row.get_kind_display()}"
    entry = Entry(_("作废志愿活动"), f.ReasonForm, actions.void_activity, "volunteering.record", said)
    return entered(
        request, entry, back=link(scope, "volunteer-group", row.group_id), about={"activity": row}, initial={}
    )  # fmt: skip
