"""Every field of every table about people, sorted by what it would cost the person if it got out.

open       says nothing about anybody without the rest of the row (numbers of places, dates of writing, versions)
personal   names or describes a person: seen by posts of the area, exported against a purpose, every reading of a file audited
sensitive  health, hardship, refusal, what was said at the doorstep (PIPL art. 28; GB/T 35273): as personal, never in logs or URLs
sealed     encrypted or blinded where it stands: shown masked, in clear only against a reason that is kept

A new field is sorted here before it is merged; the test fails until it is.
"""

from tests.house.personal_care import CARE
from tests.house.personal_oversight import OVERSIGHT
from tests.house.personal_services import NOBODY as NOBODY_IN_SERVICES
from tests.house.personal_services import SERVICES
from tests.house.personal_settled import NOBODY_SETTLED, SETTLED

SCOPE = dict.fromkeys(("id", "village", "town", "county", "city"), "open")
FROM_TO = {"valid_from": "open", "valid_to": "open"}
EVENT = dict.fromkeys(("pgh_id", "pgh_created_at", "pgh_label"), "open")

PERSON = SCOPE | {
    "uid": "open", "name": "personal", "former_name": "personal", "name_sort": "personal", "search": "sealed",
    "sex": "personal", "birth": "personal", "id_sealed": "sealed", "id_blind": "sealed", "phone_sealed": "sealed",
    "phone_blind": "sealed", "address_sealed": "sealed", "longitude": "sensitive", "latitude": "sensitive",
    "hukou_place": "personal", "hukou_text": "personal", "household": "personal", "living": "sensitive", "marital": "personal",
    "ethnicity": "sensitive", "status": "sensitive", "status_from": "sensitive", "tags": "sensitive",
    "ability_level": "sensitive", "ability_on": "sensitive", "ability_due": "sensitive", "case_file_on": "open",
    "helper_named": "open", "source": "open", "verified_by": "open", "verified_on": "open", "origin": "open", "batch": "open",
    "merged_into": "personal", "changed_at": "open", "changed_by": "open", "created_at": "open",
}  # fmt: skip
CIRCUMSTANCE = SCOPE | FROM_TO | {
    "person": "personal", "kind": "sensitive", "detail": "sensitive", "batch": "open", "source": "open", "verified_by": "open",
    "verified_on": "open",
}  # fmt: skip

FIELDS: dict[str, dict[str, str]] = {
    "people.Person": PERSON,
    "people.PersonEvent": {name: kind for name, kind in PERSON.items() if name not in ("search", "name_sort")} | EVENT,
    "people.Household": SCOPE | {"number_sealed": "sealed"},
    "people.ImportBatch": SCOPE | {
        "file_name": "personal", "sha256": "open", "stored_as": "open", "state": "open", "source": "open", "mapping": "open",
        "progress": "open", "rows": "open", "added": "open", "updated": "open", "unchanged": "open", "rejected": "open",
        "errors": "sensitive", "warnings": "sensitive", "origin": "open", "made_by": "open", "post_id_made": "open",
        "created_at": "open", "finished_at": "open",
    },
    "people.FieldSource": {
        "id": "open", "person": "personal", "field": "open", "source": "open", "valid_from": "open", "verified_by": "open",
        "verified_on": "open",
    },
    "people.Circumstance": CIRCUMSTANCE,
    "people.CircumstanceEvent": CIRCUMSTANCE | EVENT,
    "people.Contact": {
        "id": "open", "person": "personal", "name": "personal", "relation": "personal", "phone_sealed": "sealed",
        "phone_blind": "sealed", "priority": "open", "lives_near": "personal",
    },
    "people.Benefit": {
        "id": "open", "person": "personal", "kind": "sensitive", "level": "sensitive", "number_sealed": "sealed",
        "valid_from": "open", "valid_to": "open", "source": "open",
    },
    "people.Consent": {
        "id": "open", "person": "personal", "purpose": "personal", "scope": "open", "given_by": "personal", "given_on": "open",
        "withdrawn_on": "open", "paper": "personal",
    },
    "people.FamilyLink": {
        "id": "open", "person": "personal", "contact": "personal", "digest": "sealed", "made_by": "open", "made_at": "open",
        "ends_on": "open", "revoked_at": "open", "revoked_by": "open", "opened_at": "personal",
    },
    "people.FamilyCode": {
        "id": "open", "link": "personal", "digest": "sealed", "sent_at": "open", "expires_at": "open", "attempts": "open",
        "used_at": "open",
    },
    "people.CodeChange": {"id": "open", "person": "personal", "at": "open", "reason": "open", "by": "open"},
    "people.LifeEvent": SCOPE | {
        "person": "personal", "kind": "sensitive", "on": "sensitive", "note": "sensitive", "detail": "sensitive",
        "source": "open", "by": "open", "recorded_at": "open", "undone_at": "open",
    },
    "people.Assessment": SCOPE | {
        "person": "personal", "scale": "open", "version": "open", "reason": "sensitive", "on": "sensitive",
        "answers": "sensitive", "subtotals": "sensitive", "total": "sensitive", "initial_level": "sensitive",
        "adjustments": "sensitive", "level": "sensitive", "result_text": "sensitive", "assessors": "personal",
        "informant": "personal", "informant_relation": "personal", "agency": "open", "valid_to": "open",
        "recorded_at": "open", "recorded_by": "open",
    },
    "people.Merge": SCOPE | {
        "kept": "personal", "absorbed": "personal", "moved": "sensitive", "reason": "sensitive", "by": "open", "at": "open",
        "undone_at": "open",
    },
    "people.ImportChange": {"id": "open", "batch": "open", "person": "personal", "before": "sealed"},
    "duties.Assignment": SCOPE | FROM_TO | {"person": "personal", "helper": "open", "kind": "open", "reason": "sensitive", "by": "open"},
    "duties.Duty": SCOPE | {
        "person": "personal", "rule": "open", "name": "open", "period_start": "open", "period_end": "open", "tier": "sensitive",
        "tier_rank": "sensitive", "base_calls": "open", "base_visits": "open", "calls_owed": "open", "visits_owed": "open",
        "calls_done": "open", "visits_done": "open", "late": "open", "excused": "sensitive", "joined_on": "open",
        "helper": "open", "kept": "open",
    },
    "duties.Excuse": SCOPE | {
        "person": "personal", "reason": "sensitive", "note": "sensitive", "starts_on": "sensitive", "ends_on": "sensitive",
        "event_id": "open", "by": "open", "at": "open", "withdrawn_at": "open", "withdrawn_by": "open",
    },
    "visits.Visit": SCOPE | {
        "client_uuid": "open", "person": "personal", "mode": "open", "outcome": "sensitive", "counts": "open",
        "occurred_on": "open", "occurred_at": "open", "made_by": "open", "entered_by": "open", "channel": "open",
        "needs": "sensitive", "note": "sensitive", "late": "open", "client_at": "open", "recorded_at": "open",
        "amends": "open", "amend_reason": "sensitive",
    },
    "visits.Receipt": {
        "client_uuid": "open", "visit_id": "open", "occurred_on": "open", "person_id": "personal", "digest": "open",
    },
    "visits.Correction": SCOPE | {
        "client_uuid": "open", "digest": "open", "person": "personal", "fact": "open", "value_sealed": "sealed",
        "based_on_sealed": "sealed", "found_sealed": "sealed", "state": "open", "standing": "open", "made_by": "open",
        "client_at": "open", "recorded_at": "open", "decided_by": "open", "decided_at": "open",
    },
    "visits.Doorstep": SCOPE | {
        "client_uuid": "open", "digest": "open", "person": "personal", "assessment": "personal",
        "signatures_sealed": "sealed", "client_at": "open", "recorded_at": "open",
    },
    "visits.Referral": SCOPE | {
        "person": "personal", "visit_id": "open", "need": "sensitive", "detail": "sensitive", "to_user": "open",
        "due_on": "open", "opened_at": "open", "opened_by": "open", "closed_at": "open", "closed_by": "open",
        "result": "sensitive",
    },
    "visits.Escalation": SCOPE | {
        "person": "personal", "visit_id": "open", "step": "sensitive", "due_at": "open", "opened_at": "open",
        "closed_at": "open", "closed_by": "open", "closure": "sensitive",
    },
    "visits.EscalationStep": {
        "id": "open", "escalation": "personal", "step": "sensitive", "at": "open", "by": "open", "result": "sensitive",
        "reached": "sensitive",
    },
    "programmes.Entry": SCOPE | {
        "programme": "open", "goal": "open", "place": "open", "value": "open", "base": "open", "as_of": "open",
        "evidence": "open", "file": "open", "file_hash": "open", "note": "open", "by": "open", "at": "open", "corrects": "open",
        "reason": "open", "origin": "open",
    },
    "visits.Sheet": SCOPE | {
        "number": "open", "helper": "open", "period_start": "open", "layout": "open", "printed_at": "open", "printed_by": "open",
    },
    "visits.SheetRow": {"id": "open", "sheet": "open", "row": "open", "person": "personal", "duty_id": "open"},
    "visits.SheetScan": SCOPE | {
        "sheet": "open", "page": "open", "stored_as": "open", "sha256": "open", "state": "open", "boxes": "sensitive",
        "places": "open", "decided": "sensitive", "taken_in_at": "open", "taken_in_by": "open", "closed_at": "open",
        "closed_by": "open", "recorded": "open",
    },
    "programmes.Adopted": SCOPE | {
        "name": "open", "place": "open", "text": "open", "hash": "open", "by": "open", "at": "open",
    },
    "rounds.Plan": SCOPE | dict.fromkeys(
        (
            "place", "rule", "period", "week_start", "first_day", "parent", "made_at", "made_by", "told_at", "told_by",
            "ended_at", "terms", "basis", "basis_en", "notes", "price", "bound_note", "way", "spread", "naive_way",
            "naive_spread", "people", "helpers", "calls", "visits", "left", "excused", "seed", "effort", "cut",
        ), "open",
    ) | {"wishes": "personal"},
    "rounds.PlanItem": SCOPE | dict.fromkeys(
        ("plan", "helper", "on", "kind", "position", "start", "way", "why", "in_force"), "open"
    ) | {"person": "personal"},
    "rounds.PlanLeft": SCOPE | {"plan": "open", "person": "personal", "code": "sensitive", "zh": "sensitive", "en": "sensitive"},
    "rounds.PlanChange": SCOPE | dict.fromkeys(
        ("plan", "kind", "from_helper", "from_on", "to_helper", "to_on", "reason"), "open"
    ) | {"person": "personal"},
    "accounts.User": {
        "id": "open", "password": "sealed", "last_login": "open", "is_superuser": "open", "username": "personal",
        "email": "personal", "is_staff": "open", "is_active": "open", "date_joined": "open", "name": "personal",
        "must_change_password": "open", "origin": "open", "groups": "open", "user_permissions": "open",
    },
    "accounts.Post": {
        "id": "open", "user": "personal", "role": "open", "place": "open", "valid_from": "open", "valid_to": "open",
    },
    "accounts.LoginEvent": {
        "id": "open", "at": "open", "username": "personal", "succeeded": "open", "address": "personal", "agent": "personal",
    },
    "accounts.Token": {
        "id": "open", "post": "open", "name": "open", "digest": "sealed", "created_at": "open", "expires_at": "open",
        "revoked_at": "open",
    },
}  # fmt: skip
# Tables without anybody: sums, rules, places, the machinery.
# Facilities: who works there and who inspected; photographs may show people. Kept by the site's area.
_FACT = dict.fromkeys(("id", "facility", "recorded_at", "by"), "open")
FIELDS |= {
    "facilities.Staff": _FACT | FROM_TO | {"name": "personal", "role": "personal", "dedicated": "open", "certificate": "personal"},
    "facilities.Inspection": _FACT | {
        "kind": "open", "on": "open", "team": "personal", "again_of": "open", "draw": "open", "verdict": "open", "opinion": "open",
        "concluded_at": "open", "concluded_by": "open", "signed_on": "open", "signed_by": "open",
    },
    "facilities.Photo": _FACT | {
        "inspection": "open", "line": "open", "stored_as": "open", "sha256": "open", "dhash": "sensitive", "phash": "sensitive",
        "caption": "open",
    },
}  # fmt: skip
FIELDS["visits.Enclosure"] = SCOPE | {
    "client_uuid": "open", "digest": "open", "person": "personal", "visit_id": "open", "visit_on": "open",
    "position_sealed": "sealed", "stored_as": "sealed", "made_by": "open", "client_at": "open", "recorded_at": "open",
}  # fmt: skip

NOBODY = {
    "duties.Rule", "duties.Adoption", "duties.Emergency", "duties.Opening", "duties.Tally", "duties.Rung", "duties.NeedTerm",
    "facilities.Activity", "facilities.Appraisal", "facilities.BedLot", "facilities.Designation", "facilities.Draw",
    "facilities.Facility", "facilities.ImportSheet", "facilities.Licence", "facilities.Line", "facilities.Measure", "facilities.Operation",
    "facilities.Organisation", "facilities.Premises", "facilities.Provision", "facilities.Rectification", "facilities.Repair",
    "facilities.Schedule", "facilities.StatusChange", "facilities.SyncCheck",
}  # fmt: skip

FIELDS |= OVERSIGHT | CARE
# A maker's platform, a merchant's offers, a point's books and vehicles: nobody's file.
NOBODY |= {"agreements.Gateway", "meals.Book", "meals.Vehicle", "volunteering.Offer"}
FIELDS |= SERVICES
NOBODY |= NOBODY_IN_SERVICES
FIELDS |= SETTLED
NOBODY |= NOBODY_SETTLED
