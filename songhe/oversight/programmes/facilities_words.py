"""The words of the facility register that a programme's definition may use."""

from songhe.registry.facilities import rules, terms

KINDS = tuple(code for code, _label in terms.KINDS)
BEDS = tuple(code for code, _label in terms.BEDS)
STATUSES = (*rules.WALK, rules.CLOSED)
