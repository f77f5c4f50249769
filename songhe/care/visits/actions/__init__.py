"""Verbs of visits: record, amend, void; correct a fact and settle a clash; assess at the door; paper sheets; needs handed on; the ladder when nobody answers; the night round.

Naming helpers stands in `duties.actions`; it is offered here as well because the same pages use both.
"""

from songhe.care.duties.actions import end_helper, hand_over, name_helper, name_helpers
from songhe.care.visits.actions.amend import amend, void
from songhe.care.visits.actions.assess import assess_at_door
from songhe.care.visits.actions.correct import correct, decide
from songhe.care.visits.actions.enclose import enclose
from songhe.care.visits.actions.forget import forget_pictures
from songhe.care.visits.actions.ladder import climb_overdue, close_escalation, step
from songhe.care.visits.actions.needs import close_referral, hand_referral, open_referral
from songhe.care.visits.actions.nightly import daily
from songhe.care.visits.actions.paper import drop_scan, print_sheets, settle, sheet_lines, take_in
from songhe.care.visits.actions.record import Answer, RowsRefused, record
from songhe.care.visits.actions.sheet import record_sheet

__all__ = [
    "Answer",
    "RowsRefused",
    "amend",
    "assess_at_door",
    "climb_overdue",
    "close_escalation",
    "close_referral",
    "correct",
    "daily",
    "decide",
    "drop_scan",
    "enclose",
    "end_helper",
    "forget_pictures",
    "hand_over",
    "hand_referral",
    "name_helper",
    "name_helpers",
    "open_referral",
    "print_sheets",
    "record",
    "record_sheet",
    "settle",
    "sheet_lines",
    "step",
    "take_in",
    "void",
]
