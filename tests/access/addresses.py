"""How to ask every address of the house: one line for each, and a test that fails when one is missing.

`LISTS`: addresses of the desk without arguments. `OBJECTS`: what stands in the address, taken from a village. `FREE`: those that
show nobody's data (signing in, preferences); each says why. `BODIES`: what is sent to addresses that take a POST, naming
somebody of the village.
"""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

LISTS = {
    "workbench", "indicators", "map", "accounts", "account-new", "audit", "audit-verify", "audit-logins", "people", "exports",
    "duplicates", "person-new", "person-id", "assessments-due", "imports", "import-new", "import-template", "places",
    "places-changes", "places-import", "duties", "missing", "missing-export", "returned", "quick-entry", "paper-sheet", "excuses",
    "excuse-new", "emergency", "periods", "helpers", "helpers-unnamed", "helpers-end", "escalations", "referrals",
    "referral-new", "visit-new", "programmes", "programmes-leader", "programmes-owed", "programmes-commitments", "drafts", "draft-new",
    "facilities", "facility-new", "facility-standards", "facility-papers", "facility-draws",
    "operators", "operator-new", "inspections",
    "bulletins", "bulletin-new", "bulletin-freeze", "letters", "forms", "form-new",
    "form-disagreements",
    "corrections", "field-token", "field-list", "field-sync",
    "sheets", "sheets-print", "landline",
    "plans", "plan-make",
}  # fmt: skip

OBJECTS: dict[str, Callable[[Any], list[tuple]]] = {
    "indicator": lambda v: [("helper_named",), ("weekly_visiting",)],
    "indicator-rows": lambda v: [
        (name, side)
        for name in ("helper_named", "weekly_visiting", "overdue_escalations")
        for side in ("all", "rest", "numerator")
    ],
    "account": lambda v: [(v.helper.user_id,)],
    "account-lock": lambda v: [(v.helper.user_id,)],
    "post-end": lambda v: [(v.helper.pk,)],
    "person": lambda v: [(v.person.uid,), (v.merged.uid,)],
    "person-edit": lambda v: [(v.person.uid,)],
    "person-verify": lambda v: [(v.person.uid,)],
    "person-unmask": lambda v: [(v.person.uid, field) for field in ("phone", "address", "id_number")],
    "person-circumstance": lambda v: [(v.person.uid,)],
    "person-circumstance-end": lambda v: [(v.person.uid, v.circumstance.pk)],
    "person-event": lambda v: [(v.person.uid, kind) for kind in ("death", "move_within", "hospital_in")],
    "person-event-undo": lambda v: [(v.person.uid, v.event.pk)],
    "person-contact": lambda v: [(v.person.uid,)],
    "person-contact-phone": lambda v: [(v.person.uid, v.contact.pk)],
    "person-contact-remove": lambda v: [(v.person.uid, v.contact.pk)],
    "person-consent": lambda v: [(v.person.uid,)],
    "person-consent-withdraw": lambda v: [(v.person.uid, v.consent.pk)],
    "person-benefit": lambda v: [(v.person.uid,)],
    "person-family": lambda v: [(v.person.uid,)],
    "person-family-revoke": lambda v: [(v.person.uid, v.link.pk)],
    "person-card": lambda v: [(v.person.uid,)],
    "sheet-scan": lambda v: [(v.scan.pk,)],
    "sheet-picture": lambda v: [(v.scan.pk,)],
    "person-household": lambda v: [(v.person.uid,)],
    "person-merge": lambda v: [(v.person.uid, v.twin.uid)],
    "person-merge-undo": lambda v: [(v.merge.pk,)],
    "assessment-new": lambda v: [(v.person.uid,)],
    "assessment-other": lambda v: [(v.person.uid,)],
    "assessment": lambda v: [(v.assessment.pk,)],
    "import": lambda v: [(v.batch.pk,)],
    "import-progress": lambda v: [(v.batch.pk,)],
    "import-confirm": lambda v: [(v.batch.pk,)],
    "import-undo": lambda v: [(v.batch.pk,)],
    "import-file": lambda v: [(v.batch.pk,)],
    "draft": lambda v: [(v.draft.pk,)],
    "draft-rule": lambda v: [(v.draft.pk, "i1")],
    "draft-answer": lambda v: [(v.draft.pk, "w1")],
    "draft-accept-sure": lambda v: [(v.draft.pk,)],
    "draft-confirm": lambda v: [(v.draft.pk,)],
    "draft-give-up": lambda v: [(v.draft.pk,)],
    "draft-definition": lambda v: [(v.draft.pk,)],
    "draft-answer-key": lambda v: [(v.draft.pk,)],
    "excuse-withdraw": lambda v: [(v.excuse.pk,)],
    "emergency-end": lambda v: [(1,)],
    "helpers-one": lambda v: [(v.helper.user_id,)],
    "escalation": lambda v: [(v.escalation.pk,)],
    "referral": lambda v: [(v.referral.pk,)],
    "programme": lambda v: [("dingzhou-2023",)],
    "programme-wall": lambda v: [("dingzhou-2023",)],
    "programme-wall-pdf": lambda v: [("dingzhou-2023",)],
    "programme-goal": lambda v: [("dingzhou-2023", "school_events")],
    "programme-lay-out": lambda v: [("dingzhou-2023",)],
    "programme-correct": lambda v: [(1,)],
    "programme-evidence": lambda v: [(1,)],
    "visit-amend": lambda v: [(v.day, v.visit.id)],
    "facility": lambda v: [(v.facility.uid,)],
    "facility-add": lambda v: [(v.facility.uid, what) for what in ("activity", "beds", "status", "operator")],
    "facility-end": lambda v: [(v.facility.uid, "staff", v.staff.pk), (v.facility.uid, "activity", v.activity.pk)],
    "inspection-new": lambda v: [(v.facility.uid,)],
    "inspection": lambda v: [(v.inspection.pk,)],
    "facility-photo": lambda v: [(v.photo.pk,)],
    "operator": lambda v: [(v.operator.pk,)],
    "operator-add": lambda v: [(v.operator.pk, "licence")],
    **dict.fromkeys(
        (
            "bulletin",
            "bulletin-words",
            "bulletin-issue",
            "bulletin-correct",
            "bulletin-recount",
            "letter",
            "letter-issue",
            "form",
            "form-fill",
            "form-retire",
            "filling-file",
        ),
        lambda v: [(1,)],
    ),
    **dict.fromkeys(("bulletin-file", "letter-file"), lambda v: [(1, "docx")]),
    **dict.fromkeys(("letter-new", "letter-template"), lambda v: [("supervision",)]),
    "plan": lambda v: [(v.plan.pk,)],
    "plan-try": lambda v: [(v.plan.pk,)],
    "plan-tell": lambda v: [(v.plan.pk,)],
    "plan-leave": lambda v: [(v.plan.pk,)],
    "plan-routes": lambda v: [(v.plan.pk,)],
    "plan-route": lambda v: [(v.plan.pk, v.helper.user_id)],
    "plan-compare": lambda v: [(v.plan.pk, v.plan.pk)],
}

LISTS |= {
    "ledger", "ledger-export", "ledger-new", "ledger-sheets", "ledger-layout-new", "drives", "drive-new", "meetings", "body-new",
    "data-requests", "data-request-new", "awards",
}  # fmt: skip
# Nothing of a village stands in the tables of oversight here: tests/oversight asks these of one of everything.
OBJECTS |= {
    name: (lambda v, args=args: [args])
    for name, args in {
        "ledger-item": (1,), "ledger-act": (1, "progress"), "ledger-file": (1,), "ledger-reminder": (1,), "ledger-sheet": (1,),
        "ledger-sheet-confirm": (1,), "drive": (1,), "meeting": (1,), "body": (1,), "meeting-new": (1,), "seat-end": (1, 1),
        "data-request": (1,), "award": (1,), "award-paper": (1,), "appraisal": (1,),
    }.items()
}  # fmt: skip

LISTS |= {
    "beds",
    "bed-new",
    "bed-devices",
    "meals",
    "merchants",
    "volunteers",
    "volunteer-group-new",
    "volunteer-activities",
}
OBJECTS |= {
    "bed": lambda v: [(v.bed.uid,)],
    "bed-act": lambda v: [(v.bed.uid, what) for what in ("assess", "end")],
    "bed-device-down": lambda v: [(v.device.pk,)],
    "meal-point": lambda v: [(v.facility.uid,)],
    "meal-till": lambda v: [(v.facility.uid,)],
    "meal-round": lambda v: [(v.facility.uid,)],
    "meal-add": lambda v: [(v.facility.uid, "diner"), (v.facility.uid, "village")],
    "meal-end": lambda v: [(v.facility.uid, "diner", v.diner.pk), (v.facility.uid, "meal", v.meal.pk), (v.facility.uid, "village", v.served.pk)],
    "merchant": lambda v: [(v.shop.uid,)],
    "merchant-add": lambda v: [(v.shop.uid, "offer")],
    "volunteer-group": lambda v: [(v.group.pk,)],
    "volunteer-activity": lambda v: [(v.group.pk,)],
    "volunteer-void": lambda v: [(v.doing.pk,)],
}  # fmt: skip
LISTS |= {
    "services", "service-call", "orders", "service-catalogue", "workers", "worker-new", "providers", "provider-new",
}  # fmt: skip
OBJECTS |= {"order": lambda v: [(v.order.pk,)], "worker": lambda v: [(v.worker.pk,)]}
LISTS |= {"day-plan"}
LISTS |= {"checks", "callbacks", "complaints", "complaint-new", "incident-new", "contracts", "contract-new"}
OBJECTS |= {
    "check": lambda v: [(v.order.pk,)],
    "check-photo": lambda v: [(v.proof.pk,)],
    "callback": lambda v: [(v.sample.pk,)],
    "complaint": lambda v: [(v.complaint.pk,)],
    "contract": lambda v: [(v.contract.pk,)],
    "contract-lot": lambda v: [(v.lot.pk,)],
    "settlement": lambda v: [(v.month.pk,)],
    "settlement-file": lambda v: [(v.month.pk, "xlsx")],
}

FREE = {
    "prefs-size": "a cookie", "prefs-language": "a cookie", "prefs-post": "one's own posts only", "healthz": "says ok",
    "favicon": "a picture", "family": "tests/doors/portal", "family-leave": "tests/doors/portal", "field": "an empty frame",
    "field-worker": "a script", "field-manifest": "a name and a picture", "field-scale": "a published form",
    "family-ask": "tests/doors/portal", "family-order": "tests/doors/portal", "family-complain": "tests/doors/portal",
}  # fmt: skip

LISTS |= {"facilities-export", "facility-sheets", "facility-sheet-form"}
OBJECTS |= {
    name: (lambda v: [(v.sheet_of_sites.pk,)])
    for name in ("facility-sheet", "facility-sheet-confirm", "facility-sheet-returned")
}
OBJECTS["visit-photo"] = lambda v: [(v.enclosure.pk,)]
OBJECTS["places-divide"] = lambda v: [(v.split.pk,)]
OBJECTS["person-code-renew"] = lambda v: [(v.person.uid,)]

QUERIES: dict[str, Callable[[Any], list[dict]]] = {
    "people": lambda v: [
        {},
        {"q": v.names[0]},
        {"q": v.names[0][:2]},
        {"q": v.phone},
        {"status": "all"},
        {"circumstance": "any"},
    ],
    "exports": lambda v: [{}, {"q": v.names[0]}],
    "duties": lambda v: [
        {},
        {"by": "place"},
        {"side": "excused", "helper": "all"},
        {"helper": v.helper.user_id},
        {"helper": "all"},
    ],
    "missing": lambda v: [{}, {"print": "yes"}, {"as_of": "list"}],
    "quick-entry": lambda v: [{}, {"helper": v.helper.user_id}, {"sheet": v.sheet.number}],
    "paper-sheet": lambda v: [{}, {"helper": v.helper.user_id}],
    "landline": lambda v: [{}, {"helper": v.helper.user_id}],
    "excuse-new": lambda v: [{"person": v.person.uid}],
    "referral-new": lambda v: [{"person": v.person.uid}],
    "visit-new": lambda v: [{"person": v.person.uid}, {"person": v.person.uid, "call": "yes"}],
    "referrals": lambda v: [{}, {"to": "me"}, {"overdue": "only"}],
    "map": lambda v: [{}, {"indicator": "helper_named"}],
    "facilities": lambda v: [{}, {"q": v.facility.name}, {"kind": "day_care_station"}],
    "facility": lambda v: [{"tab": "history"}, {"tab": "activity"}, {}],
    "facility-papers": lambda v: [{}, {"show": "all"}],
    "inspections": lambda v: [{}, {"state": "open"}],
    "plans": lambda v: [{}, {"all": "yes"}, {"area": v.code[:9]}],
    "beds": lambda v: [{}, {"q": v.names[0]}, {"step": "all"}],
    "bed-new": lambda v: [{}, {"q": v.names[0]}, {"person": v.person.uid}],
    "meals": lambda v: [{}, {"alert": "no_food"}],
    "merchants": lambda v: [{}, {"only": "complaints"}],
    "volunteers": lambda v: [{}, {"kind": "elders"}],
    "volunteer-activities": lambda v: [{}, {"first": "2020-01-01"}],
}

QUERIES |= {
    "service-call": lambda v: [
        {"person": v.person.uid},
        {"q": v.phone},
        {"q": v.names[0]},
        {"referral": v.referral.pk},
    ],
    "orders": lambda v: [{}, {"state": "open"}, {"person": v.person.pk}, {"provider": v.provider.pk}],
    "workers": lambda v: [{}, {"provider": v.provider.pk}],
}

REASON = "核对身份，县里来电"
BODIES: dict[str, Callable[[Any], list[dict]]] = {
    "exports": lambda v: [
        {"reason": REASON, "purpose": REASON, "format": "csv"},
        {"reason": REASON, "purpose": REASON, "format": "xlsx"},
    ],
    "missing-export": lambda v: [{"reason": REASON}],
    "draft-rule": lambda v: [{"what": "accept"}, {"what": "correct", "value": "x"}],
    "draft-answer": lambda v: [{"words": REASON}, {}],
    "draft-confirm": lambda v: [{"programme": "some-notice"}, {}],
    "person-unmask": lambda v: [{"reason": REASON}],
    "person-contact-phone": lambda v: [{"reason": REASON}],
    "person-merge": lambda v: [{"kept": v.person.uid, "reason": REASON}],
    "person-household": lambda v: [{"other": v.phone, "number": "1"}],
    "person-event": lambda v: [
        {"on": timezone.localdate(), "note": REASON, "source": "村", "name": v.names[0], "village": v.code}
    ],
    "helpers-end": lambda v: [{"person": v.person.uid}],
    "helpers-unnamed": lambda v: [{f"person-{v.twin.pk}": v.helper.user_id}],
    "helpers-one": lambda v: [
        {"to_helper": v.helper.user_id, "on": timezone.localdate(), "people": [v.person.pk], "reason": REASON}
    ],
    "visit-new": lambda v: [
        {
            "person": v.person.uid,
            "mode": "call",
            "outcome": "well",
            "occurred_on": v.day,
            "at": timezone.now().isoformat(),
            "uuid": uuid.uuid4(),
        }
    ],
    "visit-amend": lambda v: [
        {"new-outcome": "unwell", "new-mode": "call", "new-occurred_on": v.day, "new-reason": REASON},
        {"do": "void", "void-reason": REASON},
    ],
    "quick-entry": lambda v: [{"helper": v.helper.user_id, "lines": "1 d一 平安"}],
    "landline": lambda v: [{"helper": v.helper.user_id, "line": "1", "call": uuid.uuid4()}],
    "sheets-print": lambda v: [{"helper": v.helper.user_id}],
    "sheet-scan": lambda v: [{"box 1 d1.call": "yes", "do": "record"}, {"do": "drop"}],
    "person-family": lambda v: [{"contact": v.contact.pk, "given_by": v.note, "given_on": timezone.localdate()}],
    "excuse-new": lambda v: [
        {"person": v.person.uid, "reason": "hospital", "starts_on": timezone.localdate(), "note": REASON}
    ],
    "referral-new": lambda v: [{"person": v.person.uid, "need": "bath"}],
    "referral": lambda v: [
        {"close-result": REASON},
        {"do": "hand", "hand-to_user": v.helper.user_id, "hand-due_on": timezone.localdate() + timedelta(days=5)},
    ],
    "escalation": lambda v: [
        {"closure": REASON, "close-closure": REASON, "do": "close"},
        {"result": REASON, "step-result": REASON},
    ],
    "plan-try": lambda v: [
        {"do": "urgent", "urgent-person": f"({v.person.pk})", "urgent-day": 6, "urgent-why": REASON},
        {"do": "forbid", "forbid-person": v.names[0], "forbid-helper": v.helper.user_id},
    ],
    "account-lock": lambda v: [{}],
    "post-end": lambda v: [{}],
    "facility-new": lambda v: [
        {"name": REASON, "kind": "canteen", "place": v.code, "status": "site_chosen", "on": timezone.localdate()}
    ],
    "facility-add": lambda v: [
        {"on": timezone.localdate(), "kind": "day", "origin": "new", "count": 3, "evidence": REASON},
        {"on": timezone.localdate(), "kind": "meal", "count": 3, "evidence": REASON},
        {"on": timezone.localdate(), "status": "closed", "reason": REASON},
    ],
    "facility-end": lambda v: [{"on": timezone.localdate(), "reason": REASON}],
    "inspection-new": lambda v: [{"kind": "supervision", "on": timezone.localdate(), "team": "甲\n乙"}],
    "inspection": lambda v: [{"do": "lines", f"measured_{v.line.pk}": "1"}, {"do": "conclude"}],
    "facility-draws": lambda v: [{"kinds": ["day_care_station"], "size": 1}],
    "bed-new": lambda v: [{"on": timezone.localdate(), "facility": v.facility.pk}],
    "bed-act": lambda v: [{"on": timezone.localdate(), "reason": "moved", "note": REASON}],
    "bed-device-down": lambda v: [{"on": timezone.localdate(), "why": REASON}],
    "meal-till": lambda v: [{"card": v.note}, {"q": v.names[0]}, {"person": v.person.pk, "uuid": uuid.uuid4()}],
    "meal-add": lambda v: [{"on": timezone.localdate(), "person": v.names[0], "way": "take", "village": v.code}],
    "meal-end": lambda v: [{"on": timezone.localdate(), "reason": REASON}],
    "merchant-add": lambda v: [{"kind": "free", "text": REASON, "valid_from": v.day, "valid_to": v.day}],
    "volunteer-group-new": lambda v: [
        {"village": v.code, "kind": "rights", "name": REASON, "leader": "甲", "members": 2, "on": timezone.localdate()}
    ],
    "volunteer-activity": lambda v: [
        {"on": timezone.localdate(), "kind": "visit", "volunteers": 1, "hours": 1, "evidence": REASON, "recipients": 0}
    ],
    "volunteer-void": lambda v: [{"reason": REASON}],
    "service-call": lambda v: [{"item": "1", "quantity": 1, "channel": "phone"}],
    "order": lambda v: [
        {"do": "send_back", "send_back-reason": "withdrawn"},
        {"do": "cancel", "cancel-reason": "mistake"},
        {"do": "accept", "accept-workers": [v.worker.pk]},
    ],
    "worker": lambda v: [{"do": "leave", "leave-on": timezone.localdate()}],
    "worker-new": lambda v: [
        {
            "provider": v.provider.pk,
            "name": REASON,
            "sex": "f",
            "place": v.code,
            "daily_minutes": 60,
            "valid_from": "2026-01-01",
        }
    ],
}
BODIES |= {
    "checks": lambda v: [{"flag": v.flag.pk, "verdict": "accepted", "reason": REASON}],
    "check": lambda v: [
        {"do": "decide", "flag": v.flag.pk, "verdict": "refused", "reason": REASON},
        {"do": "override", "worker": v.worker.pk, "kind": "finish", "at": "2026-01-01T09:00", "reason": REASON},
    ],
    "callbacks": lambda v: [{"provider": v.provider.pk, "month": "2026-03"}],
    "callback": lambda v: [{"order": v.order.pk, "outcome": "unsure"}],
    "complaint-new": lambda v: [
        {
            "channel": "phone", "subject": "other", "text": REASON, "received_at": "2026-01-01T09:00", "order": v.order.pk,
        }
    ],
    "complaint": lambda v: [{"do": "close", "close-text": REASON}],
    "incident-new": lambda v: [
        {"order": v.order.pk, "kind": "fall", "severity": "minor", "occurred_at": "2026-01-01T09:00", "text": REASON}
    ],
    "contract-new": lambda v: [
        {
            "number": "n", "title": "t", "buyer": "b", "provider": v.provider.pk, "place": v.place.pk, "needed": 1,
            "starts_on": "2026-01-01", "ends_on": "2026-12-31",
        }
    ],
    "contract": lambda v: [
        {"do": "month", "month-month": "2026-03"},
        {"do": "lot", "lot-name": "x", "lot-places": [v.place.pk], "lot-prices": "cleaning 1", "lot-named_only": "all"},
        {"do": "appraise", "appraise-first": "2026-01-01", "appraise-last": "2026-01-31"},
    ],
    "contract-lot": lambda v: [
        {"do": "price", "price-service": "cleaning", "price-price": 1, "price-valid_from": "2026-03-10"},
        {"do": "unlist", "recipient": v.recipient.pk, "valid_from": "2026-03-10"},
        {"do": "list", "list-who": v.note, "list-valid_from": "2026-03-10"},
    ],
    "settlement": lambda v: [
        {"do": "answer", "held": v.held.pk, "answer": "carry", "reason": REASON},
        {"do": "ask", "signers": [v.helper.user_id]},
        {"do": "sign", "verdict": "agree"},
        {"do": "again"},
    ],
}  # fmt: skip

BODIES["person-code-renew"] = lambda v: [{"reason": REASON}]


def patterns(resolver: Any = None, within: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the house: (path, pattern)."""
    resolver = resolver or get_resolver()
    for each in resolver.url_patterns:
        path = within + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each, path)
        else:
            yield path, each


def desk() -> dict[str, URLPattern]:
    """The pages of the desk by name (neither signing in nor the API, which have tests of their own)."""
    return {each.name: each for path, each in patterns() if not path.startswith(("account/", "api/"))}


OBJECTS |= {
    "programme-goal-rows": lambda v: [("dingzhou-2023", "stations"), ("dingzhou-2023", "school_events"), ("laixi-2020", "destitute_in_centre")]
}  # fmt: skip

LISTS |= {"meal-rounds"}
QUERIES |= {"meal-rounds": lambda v: [{}, {"couriers": 1, "boxes": 5, "warm": 60}]}
LISTS |= {"facility-siting", "facility-siting-export"}
_SITING = {"kind": "day_care_station", "count": 1, "goal": "shortest", "minutes": 15, "how": "walk", "show": "all"}
QUERIES |= {
    "facility-siting": lambda v: [_SITING | {"built": "on"}, _SITING, _SITING | {"never": v.code, "area": v.code[:9]}],
    "facility-siting-export": lambda v: [_SITING],
}
