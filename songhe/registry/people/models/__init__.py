"""The older person's file: who they are, where they live, how they are, who looks in, and where each fact came from."""

from songhe.registry.people.models.facts import (
    Assessment,
    Benefit,
    Circumstance,
    Contact,
    FieldSource,
    LifeEvent,
    Merge,
)
from songhe.registry.people.models.family import CodeChange, Consent, FamilyCode, FamilyLink
from songhe.registry.people.models.person import Household, Person
from songhe.registry.people.models.rosters import ImportBatch, ImportChange

__all__ = [
    "Assessment", "Benefit", "Circumstance", "CodeChange", "Consent", "Contact", "FamilyCode", "FamilyLink", "FieldSource",
    "Household", "ImportBatch", "ImportChange", "LifeEvent", "Merge", "Person",
]  # fmt: skip
