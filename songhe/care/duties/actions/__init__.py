"""Verbs of duties: read the rules, adopt them, open periods, excuse, raise in emergencies, name helpers."""

from songhe.care.duties.actions.emergencies import end_emergency, start_emergency
from songhe.care.duties.actions.excuses import apply_events, excuse, follow_merges, withdraw_excuse
from songhe.care.duties.actions.helpers import end_helper, hand_over, name_helper, name_helpers, refresh_named
from songhe.care.duties.actions.periods import add_latecomers, daily, open_period
from songhe.care.duties.actions.policy import adopt, end_adoption, sync_rules

__all__ = [
    "add_latecomers",
    "adopt",
    "apply_events",
    "daily",
    "end_adoption",
    "end_emergency",
    "end_helper",
    "excuse",
    "follow_merges",
    "hand_over",
    "name_helper",
    "name_helpers",
    "open_period",
    "refresh_named",
    "start_emergency",
    "sync_rules",
    "withdraw_excuse",
]
