"""States of meetings and of data requests, from dates alone."""

from datetime import date

MEETING_LIGHTS = {"planned": "none", "due": "yellow", "held": "green", "called_off": "none"}
REQUEST_LIGHTS = {"open": "green", "late": "red", "answered": "green", "answered_late": "yellow"}


def meeting_state(*, held_on: date, minutes: int, called_off: str, on: date) -> str:
    """planned; due (the day has come, no minutes yet); held (minutes kept); called_off."""
    if called_off:
        return "called_off"
    if minutes:
        return "held"
    return "due" if on >= held_on else "planned"


def request_state(*, due_on: date, answered_on: date | None, on: date) -> str:
    """open, late, answered, answered_late."""
    if answered_on and answered_on <= on:
        return "answered_late" if answered_on > due_on else "answered"
    return "late" if on > due_on else "open"
