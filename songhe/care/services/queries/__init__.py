"""Questions about services. Each starts from the post."""

from songhe.care.services.queries.eligibility import Right, Standing, catalogue_for, items_for, rights, standing

__all__ = ["Right", "Standing", "catalogue_for", "items_for", "rights", "standing"]
