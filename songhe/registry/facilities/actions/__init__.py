"""What may be done with facilities: every verb can be called from here.

Every verb: keyword-only, `by` (the account) and `post` (in whose name), one transaction, one audit row. The system's own
jobs pass `by=None, post=None` inside `core.acting.everywhere()`.
"""

from songhe.registry.facilities.actions.facts import (
    add_beds,
    check_sync,
    end_provision,
    end_staff,
    measure,
    name_staff,
    provide,
    record_activity,
    set_hours,
    void_activity,
)
from songhe.registry.facilities.actions.operators import (
    appraise,
    choose_operator,
    designate,
    end_operation,
    license_,
    register_organisation,
    take_premises,
)
from songhe.registry.facilities.actions.sites import choose_site, move, register, rename

__all__ = [
    "add_beds", "appraise", "check_sync", "choose_operator", "choose_site", "designate", "end_operation", "end_provision",
    "end_staff", "license_", "measure", "move", "name_staff", "provide", "record_activity", "register",
    "register_organisation", "rename", "set_hours", "take_premises", "void_activity",
]  # fmt: skip
