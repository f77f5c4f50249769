"""Fields of 台账, 会议 and 评选, sorted as in personal_fields.py. Free texts may name somebody: personal, never in logs or URLs."""

_SCOPE = dict.fromkeys(("id", "village", "town", "county", "city"), "open")


def _open(names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), "open")


OVERSIGHT: dict[str, dict[str, str]] = {
    "ledger.Layout": _SCOPE | _open("name sheet header_row columns sample by at"),
    "ledger.Item": _SCOPE
    | _open(
        "place parent kind title detail programme target commitment source_document lead_unit cooperating_units quantity unit starts_on due_on due_literal signers_needed layout layout_number asked_on closed_on withdrawn_on origin opened_by opened_at"
    )
    | {"person": "personal"},
    "ledger.Progress": _open("id item on done amends amend_reason by at") | {"text": "personal"},
    "ledger.Evidence": _open("id item progress size sha256 stored_as by at") | {"name": "personal"},
    "ledger.Problem": _open("id item owner_unit due_on raised_on settled_on by at") | {"text": "personal"},
    "ledger.Coordination": _open("id problem on with_units outcome by at") | {"text": "personal"},
    "ledger.Change": _open("id item before after reason by at verdict opinion decided_by decided_at"),
    "ledger.CloseOut": _open("id item needed asked_on asked_by state ended_on reopened_on reopened_by reopen_reason at")
    | {"statement": "personal"},
    "ledger.Signer": _open("id close_out verdict opinion at") | {"user": "personal"},
    "ledger.Reminder": _open("id item to_unit answer_by level by at answered_on")
    | {"text": "personal", "answer": "personal"},
    "ledger.Drive": _SCOPE | _open("place kind title source_document starts_on ends_on origin by at items"),
    "ledger.DriveItem": _open("id drive item verdict"),
    "ledger.Finding": _open("id chosen on verdict by at") | {"text": "personal"},
    "ledger.Sheet": _SCOPE
    | _open("place layout sha256 stored_as state year added reported unchanged rejected by at")
    | {"file_name": "personal", "errors": "personal"},
    "participation.Body": _SCOPE | _open("place kind name definition groups source valid_from valid_to by at"),
    "participation.Membership": _open("id body unit role group certainty valid_from valid_to by")
    | {"contact": "personal"},
    "participation.Meeting": _SCOPE
    | _open("place body number title on venue called_off origin by at")
    | {"chair": "personal"},
    "participation.AgendaItem": _open("id meeting order title reporter_unit"),
    "participation.Attendance": _open("id meeting membership mark by at"),
    "participation.Minutes": _open("id meeting version by at") | {"text": "personal"},
    "participation.Decision": _open("id meeting order text lead_unit cooperating_units due_on item by at"),
    "participation.DataRequest": _SCOPE
    | _open("place asking_unit asked_unit subject purpose basis asked_on due_on calendar answered_on origin by at"),
    "participation.DataReply": _open("id request on outcome text until by at"),
    "awards.Appraisal": _SCOPE | _open("place definition version formula period revision reason by at"),
    "awards.Score": _open("id appraisal place score grade parts"),
    "awards.Round": _SCOPE
    | _open(
        "place award version commitment title title_en source period operator limit counts publicity_days stage publicity_from publicity_to publicity_calendar publicity_where choice_reason confirmed_on origin by at"
    ),
    "awards.Nomination": _open("id round paper_stored on withdrawn_on result by at")
    | {
        "name": "personal",
        "unit": "personal",
        "deeds": "personal",
        "paper_name": "personal",
        "withdraw_reason": "personal",
    },
    "awards.Ballot": _open("id round at") | {"user": "personal"},
    "awards.Vote": _open("id ballot") | {"nomination": "personal"},
    "awards.Objection": _open("id round on verdict answered_on by at")
    | {"text": "sensitive", "answer": "sensitive", "nomination": "personal"},
}
