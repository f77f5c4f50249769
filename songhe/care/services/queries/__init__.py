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
from songhe.care.services.queries.candidates import (
    Choice,
    Workload,
    choices,
    duty_of,
    known_to,
    planned_minutes,
    qualified,
    refused_by,
    spot_of,
    stages,
)
from songhe.care.services.queries.eligibility import Right, Standing, catalogue_for, items_for, rights, standing

__all__ = [
    "FILTERS", "Board", "Caller", "Choice", "Right", "Standing", "Told", "Workload", "area_code_of", "board", "callers", "catalogue_for",
    "choices", "clock_of", "counted", "duty_of", "history", "items_for", "known_to", "late_q", "order", "orders", "overdue_answers", "page",
    "planned_minutes", "providers", "pulse", "qualified", "recent_of", "refused_by", "rights", "sla", "spot_of", "stages",
    "standing", "workers",
]  # fmt: skip
