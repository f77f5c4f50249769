"""Nouns of services: the catalogue with its entitlements, who serves, and orders with their history."""

from songhe.care.services.models.catalogue import Catalogue, Entitlement, Item
from songhe.care.services.models.orders import Crew, Dispatch, Order, Quota, Step
from songhe.care.services.models.workforce import (
    Absence,
    Certificate,
    OwnQuerySet,
    Provider,
    RunQuerySet,
    Seat,
    Shift,
    Training,
    Worker,
    own,
    run_own,
)

__all__ = [
    "Absence", "Catalogue", "Certificate", "Crew", "Dispatch", "Entitlement", "Item", "Order", "OwnQuerySet", "Provider", "Quota", "RunQuerySet", "Seat",
    "Shift", "Step", "Training", "Worker", "own", "run_own",
]  # fmt: skip
