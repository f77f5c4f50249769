"""Verbs of services."""

from songhe.care.services.actions.catalogue import sync_catalogues
from songhe.care.services.actions.dispatching import dispatch, hold_workers, refuse, send_back
from songhe.care.services.actions.family import cancel_by_family, request_by_family
from songhe.care.services.actions.requests import request
from songhe.care.services.actions.serving import accept, cancel, finish, start
from songhe.care.services.actions.workforce import (
    Paper,
    absent,
    certify,
    enrol_provider,
    enrol_worker,
    leave,
    seat,
    set_shifts,
    train,
)

__all__ = [
    "Paper", "absent", "accept", "cancel", "cancel_by_family", "certify", "dispatch", "enrol_provider", "enrol_worker", "finish", "hold_workers", "leave", "refuse",
    "request", "request_by_family", "seat", "send_back", "set_shifts", "start", "sync_catalogues", "train",
]  # fmt: skip
