"""What the page of one person shows, put into words: facts with their age, lights, the time line, what changed."""

from datetime import date, datetime, time
from itertools import islice

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from songhe.care.duties import queries as duties
from songhe.core import periods
from songhe.doors.desk.views.people import said
from songhe.registry.people import queries, rules, terms
from songhe.registry.people.assessment import load_scale

TONES = {"well": "green", "needs": "yellow", "unwell": "yellow", "no_answer": "red", "refused": "yellow"}
MODE_ICONS = {"call": "phone", "video": "video", "home_visit": "door", "home_service": "heart-handshake"}


def facts(file: dict, people: dict, today: date) -> list[dict]:
    """Each fact with where it came from, who verified it and how old that is."""
    person, masked, sources = file["person"], file["masked"], file["sources"]
    sealed = "unmask"
    rows = [
        ("name", _("姓名"), person.name, ""),
        ("former_name", _("曾用名"), person.former_name, ""),
        ("id_number", _("身份证号码"), masked["id_number"], sealed),
        ("sex", _("性别"), person.get_sex_display(), ""),
        ("birth", _("出生日期"), person.birth, ""),
        ("phone", _("联系电话"), masked["phone"], sealed),
        ("village", _("村（社区）"), f"{person.town} · {person.village}" if person.town else person.village, ""),
        ("address", _("居住地址"), masked["address"], sealed),
        ("living", _("居住方式"), person.get_living_display(), ""),
        ("hukou_text", _("户籍地"), person.hukou_text, ""),
        ("marital", _("婚姻"), person.marital, ""),
        ("ethnicity", _("民族"), person.ethnicity, ""),
        ("case_file_on", _("建档日期"), person.case_file_on, ""),
    ]
    out = []
    for field, label, value, kind in rows:
        source = sources.get(field)
        verified_on = source.verified_on if source else person.verified_on
        verifier = people.get(source.verified_by if source else person.verified_by)
        out.append(
            {
                "field": field,
                "label": label,
                "value": value,
                "sealed": kind == sealed and bool(value),
                "source": (source.source if source else person.source) or "",
                "verifier": verifier,
                "on": verified_on,
                "days": (today - verified_on).days if verified_on else None,
            }
        )
    return out


def doorstep(heard: list, people: dict, today: date) -> list[dict]:
    """What helpers heard at the door: how to find it, when to call."""
    out = []
    for label, words, row in heard:
        on = timezone.localdate(row.recorded_at)
        out.append(
            {
                "field": row.fact, "label": label, "value": words, "sealed": False, "source": _("上门更正"),
                "verifier": people.get(row.made_by), "on": on, "days": (today - on).days,
            }
        )  # fmt: skip
    return [fact for fact in out if fact["value"]]


def this_week(owed: list, today: date) -> dict | None:
    """The light of this week's visiting duty, with its reason; nothing where none is owed."""
    week = periods.containing("week", today)
    row = next((d for d in owed if d.name == "visiting" and d.period_start == week.start), None)
    return duty(row, today) if row else None


def duty(row, today: date) -> dict:
    """A duty with its light: kept green; still open yellow, red from the day of the missing list on; excused grey."""
    calls, home = duties.remaining(row)
    short = "、".join(
        filter(None, [calls and _("通话 %(n)s 次") % {"n": calls}, home and _("上门 %(n)s 次") % {"n": home}])
    )
    week = periods.containing("week" if row.rule.period_kind == "week" else "month", row.period_start)
    listed = duties.missing_day(week)
    if row.excused:
        light, text = "none", _("暂停：%(reason)s") % {"reason": row.get_excused_display()}
    elif row.kept:
        light, text = "green", _("已完成")
    else:
        light = "red" if today >= listed else "yellow"
        text = (_("还差%(short)s") if today <= row.period_end else _("差%(short)s")) % {"short": short}
    source = row.rule.source or {}
    return {
        "row": row,
        "light": light,
        "text": text,
        "period": week.label("en" if (get_language() or "").startswith("en") else "zh"),
        "listed": listed,
        "rule": row.rule.title_en if (get_language() or "").startswith("en") else row.rule.title,
        "done": _("通话 %(calls)s/%(calls_owed)s，上门 %(visits)s/%(visits_owed)s")
        % {
            "calls": row.calls_done, "calls_owed": row.calls_owed, "visits": row.visits_done, "visits_owed": row.visits_owed,
        },
        "source": " ".join(filter(None, [source.get("title"), source.get("number")])),
    }  # fmt: skip


def visit(row, people: dict, added: dict) -> dict:
    """`added`: what was added to visits, by visit."""
    return {
        "row": row,
        "added": added.get(row.id),
        "tone": "" if row.amended or row.outcome == "void" else TONES.get(row.outcome, ""),
        "icon": MODE_ICONS.get(row.mode, "visit"),
        "by": people.get(row.made_by),
        "entered_by": people.get(row.entered_by) if row.entered_by != row.made_by else None,
    }


def happened(file: dict, seen: list, people: dict, most: int = 14) -> list[dict]:
    """The time line on the right: visits, events, assessments, circumstances; the latest first."""
    items = [
        {
            "at": timezone.localtime(v.occurred_at), "title": f"{v.get_mode_display()} · {v.get_outcome_display()}", "by": people.get(v.made_by),
            "icon": MODE_ICONS.get(v.mode, "visit"), "tone": TONES.get(v.outcome, ""), "text": v.note, "timed": "yes",
        }
        for v in seen if not v.amended
    ]  # fmt: skip
    items += [_dated(e.on, e.get_kind_display(), "history", "yellow" if e.kind in rules.CLOSING else "", e.note, people.get(e.by)) for e in file["events"]]  # fmt: skip
    items += [
        _dated(a.on, _("能力评估"), "scroll-text", "", level_said(a.level) or a.result_text, None)
        for a in file["assessments"]
    ]
    for c in file["circumstances"]:
        items.append(
            _dated(
                c.valid_from,
                _("登记%(what)s") % {"what": c.get_kind_display()},
                "plus",
                "",
                c.source,
                people.get(c.verified_by),
            )
        )
        if c.valid_to:
            items.append(_dated(c.valid_to, _("终止%(what)s") % {"what": c.get_kind_display()}, "close", "", "", None))
    if file["person"].case_file_on:
        items.append(_dated(file["person"].case_file_on, _("档案建立"), "person", "", file["person"].source, None))
    return list(islice(sorted(items, key=lambda item: item["at"], reverse=True), most))


def _dated(on: date, title: str, icon: str, tone: str, text: str, by) -> dict:
    at = timezone.make_aware(datetime.combine(on, time.min))
    return {"at": at, "title": title, "icon": icon, "tone": tone, "text": text, "by": by, "timed": ""}


def level_said(level: int | None) -> str:
    return "" if level is None else said(load_scale().level(level))


def assessment(row) -> dict:
    return {"row": row, "level": level_said(row.level), "initial": level_said(row.initial_level)}


def circumstance(row, people: dict, today: date) -> dict:
    state = "ended" if row.valid_to and row.valid_to <= today else "coming" if row.valid_from > today else "held"
    days = (today - row.verified_on).days if row.verified_on else None
    return {"row": row, "state": state, "by": people.get(row.verified_by), "days": days}


def field_words() -> dict[str, str]:
    """Columns of the file in words, for the history."""
    return {
        "name": _("姓名"), "former_name": _("曾用名"), "sex": _("性别"), "birth": _("出生日期"), "id_sealed": _("身份证号码"),
        "phone_sealed": _("联系电话"), "address_sealed": _("居住地址"), "living": _("居住方式"), "hukou_text": _("户籍地"),
        "marital": _("婚姻"), "ethnicity": _("民族"), "case_file_on": _("建档日期"), "status": _("状态"),
        "status_from": _("状态起始"), "tags": _("困难情形"), "ability_level": _("能力等级"), "ability_on": _("评估日期"),
        "ability_due": _("应复评日期"), "helper_named": _("已明确帮扶人"), "source": _("来源"), "verified_on": _("核实日期"),
        "village_id": _("村（社区）"), "merged_into_id": _("档案合并"), "household_id": _("家庭户"), "longitude": _("经度"),
        "latitude": _("纬度"),
    }  # fmt: skip


def version(row: dict, people: dict) -> dict:
    words = field_words()
    statuses, living = dict(terms.STATUSES), dict(terms.LIVING)

    def shown(name, value):
        if value in (None, ""):
            return "—"
        if name == "tags":
            return "、".join(str(label) for label in terms.labels_of(value)) or "—"
        if name == "ability_level":
            return level_said(value)
        if name in ("status", "living"):
            return (statuses | living).get(value, value)
        return {True: _("是"), False: _("否")}.get(value, value) if isinstance(value, bool) else value

    fields = [
        {
            "label": words[name],
            "before": shown(name, before),
            "after": shown(name, after),
            "sealed": name.endswith("_sealed"),
        }
        for name, (before, after) in row["fields"].items()
        if name in words and name != "village_id"
    ]
    return {"at": row["at"], "by": people.get(row["by"]), "fields": fields, "moved": "village_id" in row["fields"]}


def as_it_stood(person, day: date | None, today: date) -> dict | None:
    """The file as it stood at the end of a day; {"none": …} where it did not exist yet."""
    if day is None or day > today:
        return None
    old = queries.as_of(person, day)
    if old is None:
        return {"none": person.created_at}
    row = old["person"]
    return {
        "row": row,
        "age": rules.age_on(row.birth, day),
        "status": dict(terms.STATUSES)[old["status_on"]],
        "living": dict(terms.LIVING).get(row.living, ""),
        "level": level_said(row.ability_level),
        "circumstances": [c.get_kind_display() for c in old["circumstances"]],
        "village": row.village,
    }


def possible(person) -> list[tuple[str, str]]:
    """The events that may happen to a person in their present status: (kind, words)."""
    by_status = {
        "living": ("hospital_in", "hospital_out", "institution_in", "move_within", "move_out", "death"),
        "institution": ("institution_out", "hospital_in", "hospital_out", "move_within", "move_out", "death"),
        "moved_out": ("move_in", "death"),
        "deceased": (),
    }
    words = dict(terms.EVENTS)
    return [(kind, words[kind]) for kind in by_status[person.status]]
