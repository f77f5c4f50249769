"""Organisations, facilities and what is known of them by date, inspections: one module for each topic."""

from songhe.registry.facilities.models.facilities import (
    Activity,
    BedLot,
    Facility,
    Measure,
    Provision,
    Schedule,
    Staff,
    StatusChange,
    SyncCheck,
)
from songhe.registry.facilities.models.imports import ImportSheet
from songhe.registry.facilities.models.inspections import Draw, Inspection, Line, Photo, Rectification, Repair
from songhe.registry.facilities.models.organisations import (
    Appraisal,
    Designation,
    Licence,
    Operation,
    Organisation,
    Premises,
)

__all__ = [
    "Activity", "Appraisal", "BedLot", "Designation", "Draw", "Facility", "ImportSheet", "Inspection", "Licence", "Line", "Measure",
    "Operation", "Organisation", "Photo", "Premises", "Provision", "Rectification", "Repair", "Schedule", "Staff",
    "StatusChange", "SyncCheck",
]  # fmt: skip
