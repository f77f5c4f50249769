"""As `personal_fields`, for home-based care beds, devices, meals and volunteers."""

_SCOPE = dict.fromkeys(("id", "village", "town", "county", "city"), "open")
_SPAN = {"valid_from": "open", "valid_to": "open"}

CARE: dict[str, dict[str, str]] = {
    "agreements.Bed": _SCOPE | {
        "uid": "open", "person": "personal", "facility": "open", "scheme": "open", "scheme_version": "open",
        "opened_on": "sensitive", "ended_on": "sensitive", "origin": "open", "created_at": "open", "created_by": "open",
    },
    "agreements.Step": {
        "id": "open", "bed": "personal", "kind": "sensitive", "on": "open", "note": "sensitive", "detail": "sensitive",
        "recorded_at": "open", "by": "open",
    },
    "agreements.Agreement": {
        "id": "open", "bed": "personal", "number": "personal", "signed_on": "open", "starts_on": "open", "ends_on": "open",
        "signer": "personal", "signer_name": "personal", "organisation": "open", "government": "open", "services": "sensitive",
        "minutes": "sensitive", "recorded_at": "open", "by": "open",
    },
    "agreements.Retrofit": {
        "id": "open", "bed": "personal", "item": "sensitive", "on": "open", "cost": "personal", "evidence": "personal",
        "recorded_at": "open", "by": "open",
    },
    "agreements.Care": {
        "id": "open", "bed": "personal", "on": "personal", "service": "sensitive", "minutes": "sensitive", "evidence": "personal",
        "voids": "open", "reason": "personal", "recorded_at": "open", "by": "open",
    },
    "agreements.Device": _SCOPE | {
        "person": "personal", "bed": "personal", "kind": "sensitive", "serial": "personal", "spot": "sensitive",
        "installed_on": "open", "removed_on": "open", "removed_why": "personal", "last_signal": "sensitive", "battery": "open",
        "origin": "open", "by": "open",
    },
    "agreements.Alarm": _SCOPE | {
        "uuid": "open", "device": "personal", "person": "personal", "at": "sensitive", "received_at": "open", "answer_by": "open",
        "gateway": "open", "request": "personal", "first": "personal",
    },
    "meals.Diner": _SCOPE | _SPAN | {
        "uid": "open", "person": "personal", "facility": "personal", "way": "sensitive", "tag": "personal", "origin": "open",
        "by": "open",
    },
    "meals.Meal": _SCOPE | {
        "client_uuid": "open", "digest": "personal", "person": "personal", "facility": "personal", "on": "personal",
        "meal": "personal", "way": "sensitive", "state": "open", "tier": "sensitive", "scheme_version": "open", "price": "open",
        "government": "sensitive", "person_pays": "sensitive", "society": "sensitive", "volunteer": "sensitive",
        "channel": "open", "at": "personal", "client_at": "open", "recorded_at": "open", "by": "open", "void_reason": "personal",
    },
    "meals.Service": _SCOPE | _SPAN | {"facility": "open", "by": "open"},
    "volunteering.Group": _SCOPE | _SPAN | {
        "kind": "open", "name": "open", "leader": "personal", "members": "open", "paper": "open", "origin": "open", "by": "open",
    },
    "volunteering.Activity": _SCOPE | {
        "group": "open", "on": "open", "kind": "open", "volunteers": "open", "hours": "open", "recipients": "open",
        "evidence": "open", "voids": "open", "reason": "open", "recorded_at": "open", "by": "open",
    },
}  # fmt: skip
