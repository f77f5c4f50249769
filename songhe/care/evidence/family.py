"""What the family page says of its own complaints; the database decides what may be told (sql/0004_family.sql)."""

import json
from dataclasses import dataclass
from datetime import date

from django.db import connection

from songhe.registry.people.family import digest_of


@dataclass(frozen=True)
class Told:
    """A complaint made on the page; `about` an order's id or None; `reply` what was answered, if anything yet."""

    number: str
    on: date
    about: int | None
    subject: str
    state: str
    finding: str
    due: date
    reply: str


def complaints_of(token: str) -> list[Told] | None:
    """The complaints made through this link, the newest first; None without consent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT evidence_family_complaints(%s)::text", [digest_of(token)])
        text = cursor.fetchone()[0]
    if text is None:
        return None
    return [
        Told(**row | {"on": date.fromisoformat(row["on"]), "due": date.fromisoformat(row["due"])})
        for row in json.loads(text)
    ]
