"""Nouns of evidence: stamps and proofs of a delivery, flags and the check of an order; call-backs, ratings, complaints."""

from songhe.care.evidence.models.delivery import Check, Flag, Proof, Stamp
from songhe.care.evidence.models.voices import CallBack, Complaint, ComplaintStep, Incident, Rating, Sample

__all__ = [
    "CallBack", "Check", "Complaint", "ComplaintStep", "Flag", "Incident", "Proof", "Rating", "Sample", "Stamp",
]  # fmt: skip
