"""Verbs of the ledger: take on, report, name problems, coordinate, change, close, remind, look again."""

from songhe.oversight.ledger.actions.closing import ask_close, reopen, sign
from songhe.oversight.ledger.actions.drives import find, start_drive
from songhe.oversight.ledger.actions.items import decide_change, open_item, propose_change
from songhe.oversight.ledger.actions.laying import lay_out
from songhe.oversight.ledger.actions.progress import (
    answer_reminder,
    coordinate,
    raise_problem,
    record_progress,
    remind,
)

__all__ = [
    "answer_reminder",
    "ask_close",
    "coordinate",
    "decide_change",
    "find",
    "lay_out",
    "open_item",
    "propose_change",
    "raise_problem",
    "record_progress",
    "remind",
    "reopen",
    "sign",
    "start_drive",
]
