"""What the family page says of a week: only what the person's consent allows; the database decides that (sql/0007_family.sql)."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from songhe.core.periods import Period
from songhe.registry.people.family import digest_of


@dataclass(frozen=True)
class Week:
    """`seen`: somebody reached them; `well`: at the last contact; `left`: what is still owed, by "calls" and "visits";
    `days`, `needs`, `helper`: None where the consent does not say so."""

    seen: bool
    well: bool
    owed: bool
    left: dict[str, int]
    excused: bool
    days: list[dict[str, Any]] | None = None
    needs: list[dict[str, Any]] | None = None
    helper: str | None = None
    raw: dict = field(default_factory=dict, repr=False)


def week_of(token: str, week: Period) -> Week | None:
    """The week of a link's person; None without a live link and consent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT visits_family_week(%s, %s, %s)::text", [digest_of(token), week.start, week.end])
        text = cursor.fetchone()[0]
    if text is None:
        return None
    told = json.loads(text)
    owed, done = told.get("owed") or {}, told.get("done") or {}
    return Week(
        seen=told["seen"], well=told["well"], owed=bool(owed), excused=bool(told.get("excused")),
        left={kind: max(0, owed[kind] - done.get(kind, 0)) for kind in owed},
        days=told.get("days"), needs=told.get("needs"), helper=told.get("helper"), raw=told,
    )  # fmt: skip
