"""How personal the fields of evidence and settlement are."""

SETTLED = {
    "evidence.Stamp": {
        "id": "open", "village": "open", "town": "open", "county": "open", "city": "open", "client_uuid": "open",
        "digest": "open", "order": "personal", "worker": "personal", "kind": "open", "at": "open",
        "client_at": "open", "received_at": "open", "longitude": "sensitive", "latitude": "sensitive",
        "accuracy": "sensitive", "device": "personal", "channel": "open", "reason": "personal", "by": "personal",
    },
    "evidence.Proof": {
        "id": "open", "stamp": "open", "kind": "open", "sha256": "open", "dhash": "sensitive", "phash": "sensitive",
        "stored_as": "open", "sealed": "sealed", "at": "open",
    },
    "evidence.Check": {
        "id": "open", "village": "open", "town": "open", "county": "open", "city": "open", "order": "personal",
        "state": "open", "looked_at": "open", "decided_at": "open", "by": "open", "settled_at": "open",
    },
    "evidence.Flag": {
        "id": "open", "village": "open", "town": "open", "county": "open", "city": "open", "order": "personal",
        "worker": "personal", "rule": "open", "on": "open", "others": "open", "facts": "personal", "waits": "open",
        "verdict": "open", "reason": "personal", "decided_by": "open", "decided_at": "open", "raised_at": "open",
    },
    "evidence.CallBack": {
        "id": "open", "village": "open", "town": "open", "county": "open", "city": "open", "order": "personal",
        "sample": "open", "outcome": "open", "note": "personal", "by": "open", "at": "open",
    },
    "evidence.Rating": {
        "id": "open", "village": "open", "town": "open", "county": "open", "city": "open", "order": "personal",
        "stars": "open", "rated_by": "open", "note": "personal", "by": "open", "at": "open",
    },
    "evidence.Complaint": {
        "id": "open", "town": "open", "county": "open", "city": "open", "village": "open", "place": "open",
        "order": "personal", "provider": "open", "facility": "open", "person": "personal", "channel": "open",
        "reference": "open", "subject": "open", "text_sealed": "sealed", "contact_sealed": "sealed", "received_at": "open",
        "reply_due_on": "open", "state": "open", "finding": "open", "found_on": "open", "origin": "open",
        "by": "open", "at": "open",
    },
    "evidence.ComplaintStep": {
        "id": "open", "complaint": "open", "from_state": "open", "to_state": "open", "finding": "open",
        "text": "personal", "on": "open", "by": "open", "at": "open",
    },
    "evidence.Incident": {
        "id": "open", "town": "open", "county": "open", "city": "open", "village": "open", "place": "open",
        "order": "personal", "provider": "open", "person": "personal", "kind": "sensitive", "severity": "open",
        "occurred_at": "open", "reported_at": "open", "due_at": "open", "text_sealed": "sealed", "origin": "open",
        "by": "open",
    },
    "settlement.Recipient": {
        "id": "open", "lot": "open", "person": "personal", "tags": "sensitive", "ability_level": "sensitive",
        "valid_from": "open", "valid_to": "open", "by": "open",
    },
    "settlement.Line": {
        "id": "open", "settlement": "open", "order": "personal", "person": "personal", "lot": "open",
        "service": "open", "units": "open", "price": "open", "share": "open", "amount": "open",
    },
    "settlement.Held": {
        "id": "open", "settlement": "open", "order": "personal", "why": "open", "answer": "open",
        "reason": "personal", "by": "open", "at": "open",
    },
    "settlement.Signer": {
        "id": "open", "settlement": "open", "round": "open", "user": "personal", "verdict": "open",
        "opinion": "personal", "at": "open",
    },
}  # fmt: skip
NOBODY_SETTLED = {
    "evidence.Sample",
    "settlement.Contract",
    "settlement.Deduction",
    "settlement.Lot",
    "settlement.OperatorScore",
    "settlement.Price",
    "settlement.Settlement",
}
