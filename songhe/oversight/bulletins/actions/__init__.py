"""Verbs of paper: close a month, draft, issue, correct; letters from templates; superiors' forms."""

from songhe.oversight.bulletins.actions.bulletins import correct, draft, issue, write
from songhe.oversight.bulletins.actions.forms import fill, map_cells, put_form, retire_form
from songhe.oversight.bulletins.actions.letters import issue_letter, put_template, write_letter
from songhe.oversight.bulletins.actions.months import close_month, recount

__all__ = [
    "close_month",
    "correct",
    "draft",
    "fill",
    "issue",
    "issue_letter",
    "map_cells",
    "put_form",
    "put_template",
    "recount",
    "retire_form",
    "write",
    "write_letter",
]
