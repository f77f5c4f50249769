"""Questions about services. Each starts from the post."""

from songhe.care.services.queries.board import (
    FILTERS,
    Board,
    Told,
    board,
    clock_of,
    counted,
    history,
    late_q,
    order,
    orders,
    overdue_answers,
    page,
    providers,
    pulse,
    recent_of,
    sla,
    workers,
)
from songhe.care.services.queries.callers import Caller, area_code_of, callers
from songhe.care.services.queries.candidates import Choice, Workload, choices, planned_minutes
from songhe.care.services.queries.eligibility import Right, Standing, catalogue_for, items_for, rights, standing

__all__ = [
    "FILTERS", "Board", "Caller", "Choice", "Right", "Standing", "Told", "Workload", "area_code_of", "board", "callers", "catalogue_for",
    "choices", "clock_of", "counted", "history", "items_for", "late_q", "order", "orders", "overdue_answers", "page",
    "planned_minutes", "providers", "pulse", "recent_of", "rights", "sla", "standing", "workers",
]  # fmt: skip
