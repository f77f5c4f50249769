"""What may be done with meals: every verb can be called from here.

Every verb: keyword-only, `by` (the account) and `post` (in whose name), one transaction, one audit row. The system's own jobs
pass `by=None, post=None` inside `core.acting.everywhere()`.
"""

from songhe.care.meals.actions.count import Answer, count, void
from songhe.care.meals.actions.points import (
    add_vehicle,
    end_diner,
    end_service,
    end_vehicle,
    enrol_diner,
    keep_book,
    serve_village,
)

__all__ = [
    "Answer", "add_vehicle", "count", "end_diner", "end_service", "end_vehicle", "enrol_diner", "keep_book",
    "serve_village", "void",
]  # fmt: skip
