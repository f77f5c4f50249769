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
    "referral-new", "visit-new", "plans", "plan-make",
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
    "excuse-withdraw": lambda v: [(v.excuse.pk,)],
    "emergency-end": lambda v: [(1,)],
    "helpers-one": lambda v: [(v.helper.user_id,)],
    "escalation": lambda v: [(v.escalation.pk,)],
    "referral": lambda v: [(v.referral.pk,)],
    "visit-amend": lambda v: [(v.day, v.visit.id)],
    "plan": lambda v: [(v.plan.pk,)],
    "plan-try": lambda v: [(v.plan.pk,)],
    "plan-tell": lambda v: [(v.plan.pk,)],
    "plan-leave": lambda v: [(v.plan.pk,)],
    "plan-routes": lambda v: [(v.plan.pk,)],
    "plan-route": lambda v: [(v.plan.pk, v.helper.user_id)],
    "plan-compare": lambda v: [(v.plan.pk, v.plan.pk)],
}

FREE = {
    "prefs-size": "a cookie", "prefs-language": "a cookie", "prefs-post": "one's own posts only", "healthz": "says ok",
    "favicon": "a picture",
}  # fmt: skip

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
    "quick-entry": lambda v: [{}, {"helper": v.helper.user_id}],
    "paper-sheet": lambda v: [{}, {"helper": v.helper.user_id}],
    "excuse-new": lambda v: [{"person": v.person.uid}],
    "referral-new": lambda v: [{"person": v.person.uid}],
    "visit-new": lambda v: [{"person": v.person.uid}, {"person": v.person.uid, "call": "yes"}],
    "referrals": lambda v: [{}, {"to": "me"}, {"overdue": "only"}],
    "map": lambda v: [{}, {"indicator": "helper_named"}],
    "plans": lambda v: [{}, {"all": "yes"}, {"area": v.code[:9]}],
}

REASON = "核对身份，县里来电"
BODIES: dict[str, Callable[[Any], list[dict]]] = {
    "exports": lambda v: [
        {"reason": REASON, "purpose": REASON, "format": "csv"},
        {"reason": REASON, "purpose": REASON, "format": "xlsx"},
    ],
    "missing-export": lambda v: [{"reason": REASON}],
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
}


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
