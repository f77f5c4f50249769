"""Verbs of evidence: stamp, override, look, decide, draw, call back, rate, complain, report."""

from songhe.care.evidence.actions.calling import call_back, draw, rate
from songhe.care.evidence.actions.complaining import appeal, close, complain, reply, report_incident
from songhe.care.evidence.actions.deliver import Given, code_refused, override, stamp
from songhe.care.evidence.actions.family import complain_by_family, rate_by_family
from songhe.care.evidence.actions.looking import decide, look

__all__ = [
    "Given", "appeal", "call_back", "close", "code_refused", "complain", "complain_by_family", "decide", "draw", "look", "override", "rate",
    "rate_by_family", "reply",
    "report_incident", "stamp",
]  # fmt: skip
