"""Verbs of meetings and of data asked between departments."""

from songhe.oversight.participation.actions.bodies import end_membership, found_body, give_seat
from songhe.oversight.participation.actions.meetings import (
    call_off,
    convene,
    decide,
    keep_minutes,
    mark_attendance,
    take_on,
)
from songhe.oversight.participation.actions.requests import ask_data, reply

__all__ = [
    "ask_data",
    "call_off",
    "convene",
    "decide",
    "end_membership",
    "found_body",
    "give_seat",
    "keep_minutes",
    "mark_attendance",
    "reply",
    "take_on",
]
