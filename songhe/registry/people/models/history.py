"""What the history tables of the people have in common."""

from django.db import models

from songhe.registry.places.models import Place

SCOPE = ("village", "town", "county", "city")


def unindexed(*names: str, to: object = Place) -> dict:
    """Foreign keys of a history table without an index each: history is read by the row it belongs to, and written often."""
    return {
        name: models.ForeignKey(
            to,
            models.DO_NOTHING,
            null=True,
            db_index=False,
            db_constraint=False,
            related_name="+",
            related_query_name="+",
        )
        for name in names
    }
