"""What may be done with facilities: every verb can be called from here.

Every verb: keyword-only, `by` (the account) and `post` (in whose name), one transaction, one audit row. The system's own
jobs pass `by=None, post=None` inside `core.acting.everywhere()`.
"""

from songhe.registry.facilities.actions.draws import draw
from songhe.registry.facilities.actions.enrol import Enrolment, enrol
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
from songhe.registry.facilities.actions.inspections import (
    add_photo,
    conclude,
    open_inspection,
    record_line,
    reinspect,
    repair,
    sign_off,
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
    "Enrolment",
    "add_beds",
    "add_photo",
    "appraise",
    "check_sync",
    "choose_operator",
    "choose_site",
    "conclude",
    "designate",
    "draw",
    "end_operation",
    "end_provision",
    "end_staff",
    "enrol",
    "license_",
    "measure",
    "move",
    "name_staff",
    "open_inspection",
    "provide",
    "record_activity",
    "record_line",
    "register",
    "register_organisation",
    "reinspect",
    "rename",
    "repair",
    "set_hours",
    "sign_off",
    "take_premises",
    "void_activity",
]  # fmt: skip
