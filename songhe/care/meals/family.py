"""What the family page says of meals; the database decides what may be told (sql/0003_family.sql)."""

import json
from dataclasses import dataclass
from datetime import date

from django.db import connection

from songhe.registry.people.family import digest_of


@dataclass(frozen=True)
class Eaten:
    """One meal counted at a meal point; `pays` is the person's own part in fen."""

    on: date
    meal: str
    way: str
    point: str
    pays: int


def meals_of(token: str, first: date, last: date) -> list[Eaten] | None:
    """Meals of a link's person in these days, both included; None without consent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT meals_family_week(%s, %s, %s)::text", [digest_of(token), first, last])
        text = cursor.fetchone()[0]
    if text is None:
        return None
    return [
        Eaten(date.fromisoformat(row["on"]), row["meal"], row["way"], row["point"], row["pays"])
        for row in json.loads(text)
    ]
