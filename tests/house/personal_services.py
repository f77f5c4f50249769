"""Fields of services, sorted as in personal_fields.py."""

_SCOPE = dict.fromkeys(("id", "village", "town", "county", "city"), "open")
_FROM_TO = {"valid_from": "open", "valid_to": "open"}


def _open(names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), "open")


SERVICES: dict[str, dict[str, str]] = {
    "services.Order": _SCOPE
    | _open(
        "item quantity service_on wanted_from wanted_to urgency channel referral_id carers minutes unit_price funding "
        "asked_at asked_by dispatch_due_at arrive_due_at state started_at finished_at origin quota_granted"
    )
    | {
        "person": "personal", "caller": "personal", "note": "sensitive", "entitlement": "sensitive", "clause": "sensitive",
        "government_pays": "sensitive", "person_pays": "sensitive", "ability_level": "sensitive", "tags": "sensitive",
        "age": "personal",
    },
    "services.Step": _open("id order from_state to_state dispatch reason at recorded_at by client_uuid") | {"note": "sensitive"},
    "services.Dispatch": _open("id order provider starts_at ends_at made_at made_by why ended_at end_reason"),
    "services.Crew": _open("id dispatch during live") | {"worker": "personal"},
    "services.Quota": _open("id month granted used") | {"person": "personal", "entitlement": "sensitive"},
    "services.Worker": _SCOPE | _FROM_TO | _open("place provider user sex daily_minutes origin by areas")
    | {"name": "personal", "phone_sealed": "sealed", "longitude": "personal", "latitude": "personal"},
    "services.Certificate": _open("id kind issuer by at") | _FROM_TO | {"worker": "personal", "number": "personal"},
    "services.Shift": _open("id weekday starts ends") | _FROM_TO | {"worker": "personal"},
    "services.Absence": _open("id starts_on ends_on by") | {"worker": "personal", "reason": "sensitive"},
    "services.Training": _open("id on title hours passed by") | {"worker": "personal"},
}  # fmt: skip
NOBODY = {"services.Catalogue", "services.Item", "services.Entitlement", "services.Provider", "services.Seat"}
