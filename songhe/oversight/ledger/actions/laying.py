"""Verb: a programme's targets and milestones become lines of the ledger, shared out over the places that owe a part."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.oversight.ledger.access import allow, items_of, within
from songhe.oversight.ledger.actions.items import open_item
from songhe.oversight.ledger.models import Item
from songhe.oversight.programmes import definitions, queries
from songhe.oversight.programmes.definitions import Goal, Programme
from songhe.registry.accounts.models import Post, User
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code

SHARED_BY = ("township", "street", "town", "county")  # villages are too many for a line each: they stand in the figures
MOST_LINES = 60


@transaction.atomic
def lay_out(*, programme: str, by: User | None, post: Post | None, origin: str = "entered") -> list[Item]:
    """One line for each target and milestone that has none yet, with a sub-item for each place that owes a share of it and
    each milestone below its target. Run again it adds what is missing. Raises Refusal, Denied.
    """
    allow(by, post, "ledger.manage")
    found = definitions.named(programme)
    own = within(post, by_code(found.place))
    there = items_of(post).filter(programme=found.id).order_by("pk")
    known = {row.target: row for row in reversed(there)}
    made = []
    for goal in sorted(found.goals, key=lambda goal: goal.section == "milestones"):
        name = goal.figure.get("item") or goal.id
        if name in known:
            continue
        parent = known.get(goal.definition.get("of") or "")
        line = _open(found, goal, own, None if parent is None or parent.closed_on else parent, by, post, origin)
        known[name] = line
        made += [line, *_parts(found, goal, own, line, by, post, origin)]
    if not made:
        raise Refusal(
            "laid_out",
            zh=f"“{found.data['title']['zh']}”的目标和节点都已列入台账。",
            en=f"Every target and milestone of “{found.data['title']['en']}” stands in the ledger.",
        )
    audit.note("ledger.lay_out", "programme", area_id=own.pk, programme=found.id, lines=len(made))
    return made


def _open(programme: Programme, goal: Goal, place: Place, parent: Item | None, by, post, origin: str, **own) -> Item:
    """A line in the words of the notice; `own`: what a part of it has for itself (title, quantity, due_on, starts_on)."""
    data = goal.definition
    due = own.pop("due_on", goal.deadline)
    given = {
        "title": data["subject"]["zh"][:200], "quantity": _quantity(goal.value), "lead_unit": _lead(programme, goal),
        "starts_on": min(goal.start, due),
    } | own  # fmt: skip
    source = programme.data["source"]
    return open_item(
        by=by, post=post, place=place, parent=parent, kind="target", programme=programme.id,
        target=goal.figure.get("item") or goal.id, commitment=(data.get("commitments") or [""])[0],
        detail=data["literal"]["zh"] if data.get("literal") else "", unit=((data.get("unit") or {}).get("zh") or "")[:12],
        source_document=" ".join(filter(None, [source["title"], source.get("number")]))[:200],
        cooperating_units=_names(programme, goal, "help"), due_on=due, due_literal=data["deadline"]["written"][:40],
        origin=origin, **given,
    )  # fmt: skip


def _parts(programme: Programme, goal: Goal, own: Place, line: Item, by, post, origin: str) -> list[Item]:
    """What each place owes, by the annex or by the value for each; of a goal that counts closed lines, those lines."""
    if goal.figure["from"] == "ledger" and goal.value and 1 < goal.value <= MOST_LINES:
        return [
            _open(programme, goal, own, line, by, post, origin, title=f"{line.title}（{n}）", quantity=None)
            for n in range(1, int(goal.value) + 1)
        ]
    shares = _shares(programme, goal, own)
    if not 1 < len(shares) <= MOST_LINES:
        return []
    return [
        _open(
            programme, goal, place, line, by, post, origin, title=f"{place}：{line.title}"[:200],
            quantity=_quantity(value), due_on=due, starts_on=min(start, due), lead_unit=str(place)[:60],
        )
        for place, value, start, due in shares
    ]  # fmt: skip


def _shares(programme: Programme, goal: Goal, own: Place) -> list[tuple[Place, float, date, date]]:
    """(place, what it owes, from, until) of each row of the annex, or of each sub-area where a value is set for each."""
    rows = {row["place"]: row for row in queries.annex_rows(programme, goal)}
    if not rows and (goal.each or {}).get("level") not in SHARED_BY:
        return []
    found = []
    for place in queries.sub_areas(programme, goal, own):
        row = rows.get(place.code)
        year = row.get("year") if row else None
        value = row["shares"][goal.column] if row else goal.each["value"] if goal.each else 0
        due = min(goal.deadline, date(year, 12, 31)) if year else goal.deadline
        start = max(goal.start, date(year, 1, 1)) if year else goal.start
        found.append((place, value, start, due))
    return found


def _quantity(value: float | None) -> Decimal | None:
    return Decimal(str(value)) if value else None


def _names(programme: Programme, goal: Goal, field: str) -> list[str]:
    names = {body["id"]: body["name"]["zh"] for body in programme.data["bodies"]}
    return [names[one] for one in goal.definition.get(field) or []]


def _lead(programme: Programme, goal: Goal) -> str:
    """The units that lead; where the notice names none, those that answer for the whole."""
    found = _names(programme, goal, "lead") or [b["name"]["zh"] for b in programme.data["bodies"] if b["answers"]][:1]
    return "、".join(found)[:60] or programme.data["source"]["issuer"][:60]
