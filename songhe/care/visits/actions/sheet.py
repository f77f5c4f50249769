"""The paper sheet of one helper and one week, entered at a desk: keyboard lines or ready rows."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from songhe.care.duties.access import allowed, user_id
from songhe.care.visits import rules
from songhe.care.visits.actions.record import Answer, RowsRefused, record
from songhe.care.visits.models import Receipt, Visit
from songhe.core.periods import Period, parse
from songhe.registry.accounts.models import User


def record_sheet(
    lines: Sequence[str], *, people: Sequence[int], helper: User | int, week: str | Period, sheet: uuid.UUID, by, post,
    partial: str = "", channel: str = "paper", now: datetime | None = None,
) -> list[Answer]:  # fmt: skip
    """Record a whole sheet: `lines` as `rules.parse_line` reads them, `people` in the order of the printed rows.

    `sheet` is the number printed on the paper (or of the form): the same sheet typed again adds nothing, because each
    record's number follows from sheet, row, way, day and place in the line. Answers come in the order of the contacts.
    """
    allowed(post, "visits.enter_for")
    now = now or timezone.now()
    period = parse(week, "week") if isinstance(week, str) else week
    by_row = dict(enumerate(people, 1))
    found: list[rules.Contact] = []
    refused: list[Answer] = []
    for line in lines:
        contacts, wrong = rules.parse_line(line, week=period.start, rows=len(people))
        if wrong:
            refused.append(Answer(None, None, "refused", problems=tuple(wrong)))
        found += contacts
    if refused and not partial:
        held = [Answer(row["uuid"], row["person"], "held") for row in _numbered(found, by_row, sheet, now)]
        raise RowsRefused([*refused, *held])
    done = record_contacts(
        found, people=by_row, helper=helper, sheet=sheet, by=by, post=post, channel=channel, partial=partial, now=now
    )
    return done + refused


def record_contacts(
    contacts: Sequence[rules.Contact], *, people: Mapping[int, int], helper: User | int, sheet: uuid.UUID, by, post,
    channel: str, partial: str = "", now: datetime | None = None,
) -> list[Answer]:  # fmt: skip
    """Record what a sheet says, read or typed: `people` by row number; each record's number follows from sheet and place."""
    now = now or timezone.now()
    rows = _numbered(contacts, people, sheet, now)
    _keep_times(rows, now)
    entered_for = helper if user_id(helper) != user_id(by) else None
    return record(rows, by=by, post=post, channel=channel, entered_for=entered_for, partial=partial, now=now)


def _keep_times(rows: list[dict], now: datetime) -> None:
    """Today's contacts typed before noon got the moment of typing: typed again later they keep it, or they would clash."""
    today = now.astimezone(rules.ZONE).date()
    fresh = [row["uuid"] for row in rows if row["occurred_at"].astimezone(rules.ZONE).date() == today]
    if not fresh:
        return
    ids = Receipt.objects.filter(client_uuid__in=fresh).values_list("visit_id", flat=True)  # has the index by number
    known = Visit.objects.filter(occurred_on=today, id__in=list(ids))
    times = dict(known.values_list("client_uuid", "occurred_at"))
    for row in rows:
        row["occurred_at"] = times.get(row["uuid"], row["occurred_at"])


def _numbered(
    contacts: Sequence[rules.Contact], people: Mapping[int, int], sheet: uuid.UUID, now: datetime
) -> list[dict]:
    out: list[dict] = []
    seen: dict[str, int] = {}
    for contact in contacts:
        key = f"{contact.row} {contact.mode} {contact.day}"
        seen[key] = seen.get(key, 0) + 1
        out.append(
            {
                "uuid": uuid.uuid5(sheet, f"{key} {seen[key]}"),
                "person": people[contact.row],
                "mode": contact.mode,
                "outcome": contact.outcome,
                "occurred_at": rules.at_noon(contact.day, now),
                "needs": contact.needs,
            }
        )
    return out
