"""Verbs of settlement: contracts, lots and prices; a month drawn up, answered, asked, signed; appraisals."""

from songhe.care.settlement.actions.appraising import appraise
from songhe.care.settlement.actions.contracts import (
    add_lot,
    list_recipient,
    register_contract,
    set_price,
    unlist_recipient,
)
from songhe.care.settlement.actions.months import answer, ask, draw_up, sign

__all__ = [
    "add_lot", "answer", "appraise", "ask", "draw_up", "list_recipient", "register_contract", "set_price", "sign",
    "unlist_recipient",
]  # fmt: skip
