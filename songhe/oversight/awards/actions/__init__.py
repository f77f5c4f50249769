"""Verbs of appraisal and awards."""

from songhe.oversight.awards.actions.appraising import appraise
from songhe.oversight.awards.actions.choosing import (
    answer_objection,
    cast_ballot,
    choose,
    confirm,
    object_to,
    open_round,
    open_voting,
)
from songhe.oversight.awards.actions.naming import nominate, withdraw

__all__ = [
    "answer_objection",
    "appraise",
    "cast_ballot",
    "choose",
    "confirm",
    "nominate",
    "object_to",
    "open_round",
    "open_voting",
    "withdraw",
]
