"""Recording visits: one statement for one row or for a phone's three hundred."""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from songhe.care.duties.access import SYSTEM, allowed, covers, user_id
from songhe.care.duties.definitions import follow_up
from songhe.care.visits import rules
from songhe.care.visits.models import CHANNELS
from songhe.core.problem import Problem
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User

MOST_ROWS = 5000


@dataclass(frozen=True)
class Answer:
    """What became of one row, in the order sent.

    `result`: new | same (sent before) | clash (the number holds another record) | unknown (no such person in your area) |
    refused (see `problems`) | held (nothing wrong with it, but with another row; nothing was written).
    """

    uuid: uuid.UUID | None
    person: int | None
    result: str
    visit_id: int | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def stands(self) -> bool:
        """The record is in the books, from now or from before."""
        return self.result in ("new", "same")


class RowsRefused(Refusal):
    """At least one row cannot be recorded and nothing was written; `answers` tells of each row."""

    def __init__(self, answers: Sequence[Answer]):
        self.answers = answers
        bad = [(at, problem) for at, answer in enumerate(answers, 1) for problem in answer.problems]
        one = len(answers) == 1
        super().__init__(
            bad[0][1].code if len(bad) == 1 else "rows_refused",
            zh="；".join((p.zh if one else f"第 {at} 行：{p.zh}") for at, p in bad[:5])
            + ("" if one else " 全部未保存。"),
            en="; ".join((p.en if one else f"Row {at}: {p.en}") for at, p in bad[:5])
            + ("" if one else " Nothing was saved."),
        )


_UNKNOWN = Problem(
    "visit_person_unknown",
    "您的辖区内没有这位老人的档案（可能已迁出）。请核对，或报乡镇处理。",
    "No such person in your area (perhaps moved away). Check, or tell the township.",
)
_CLASH = Problem(
    "visit_clash",
    "这个记录编号已用于另一条不同的记录。请重新打开页面再填，不要改旧记录。",
    "This record number already holds a different record. Open the page again; do not change the old one.",
)
_PROBLEMS = {"unknown": (_UNKNOWN,), "clash": (_CLASH,)}


def record(
    rows: Iterable[Mapping], *, by: User | int, post, channel: str, entered_for: User | int | None = None,
    partial: str = "", now: datetime | None = None, through: Callable[..., dict[uuid.UUID, "Answer"]] | None = None,
) -> list[Answer]:  # fmt: skip
    """Record contacts that happened. Each row is as `rules.clean` reads it; see `Answer` for what comes back.

    `channel`: desk, phone, paper, landline, api, import. `entered_for`: whose visits these are when somebody else enters
    them (paper, landline). One bad row refuses all (RowsRefused, nothing written) unless `partial="rows"`: then it
    refuses only itself. Fact, tally, ladder, referrals and audit row are one statement in the running transaction.
    `through` sends that statement instead of `send` (a door that sets its context in the same round trip).
    """
    allowed(post, "visits.record")
    rows = list(rows)
    _refuse_call(rows, channel)
    is_system = post is None or post is SYSTEM
    if entered_for is not None and user_id(entered_for) != user_id(by) and not is_system:
        _refuse_proxy(user_id(entered_for), post)
    limits = rules.Limits(
        None if is_system and channel == "import" else follow_up().back_days, follow_up().ahead_minutes
    )
    now = now or timezone.now()
    read = _without_doubles([rules.clean(row, now=now, limits=limits) for row in rows])
    answers: list[Answer | None] = [
        None if row else Answer(_number(raw), raw.get("person"), "refused", problems=tuple(wrong))
        for raw, (row, wrong) in zip(rows, read, strict=True)
    ]
    fit = [row for row, _ in read if row]
    if not partial and len(fit) < len(rows):
        raise RowsRefused([answer or Answer(fit_row.uuid, fit_row.person, "held") for answer, (fit_row, _) in zip(answers, read, strict=True)])  # fmt: skip
    maker = user_id(by if entered_for is None else entered_for)
    sent = [_sent(row, channel, maker, is_system) for row in fit]
    kept = (through or send)(sent, partial=bool(partial)) if sent else {}
    full = [answer or kept[row.uuid] for answer, (row, _) in zip(answers, read, strict=True)]
    if not partial and any(answer.problems for answer in full):
        if any(answer.result == "new" for answer in full):  # the same number came from elsewhere at this very moment
            transaction.set_rollback(True)
        raise RowsRefused(full)
    return full


def send(sent: list[dict], *, partial: bool) -> dict[uuid.UUID, Answer]:
    """Call the database once. Keys of a row: see `visits_record` in sql/0001_visits.sql."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT client_uuid, visit_id, person_id, result FROM visits_record(%s::jsonb, %s)",
            [json.dumps(sent, ensure_ascii=False), partial],
        )
        return told(cursor.fetchall())


def told(rows: Iterable[tuple]) -> dict[uuid.UUID, Answer]:
    """Answers by number from the rows (number, visit id, person, result) of `visits_record`."""
    return {
        number: Answer(number, person, result, visit, _PROBLEMS.get(result, ()))
        for number, visit, person, result in rows
    }


def _sent(row: rules.Row, channel: str, maker: int, is_system: bool) -> dict:
    out = {
        "uuid": str(row.uuid), "person": row.person, "mode": row.mode, "outcome": row.outcome,
        "occurred_at": row.occurred_at.isoformat(), "made_by": maker, "channel": channel, "needs": row.needs,
        "note": row.note,
    }  # fmt: skip
    if row.client_at:
        out["client_at"] = row.client_at.isoformat()
    if is_system and channel == "import":  # older records brought in keep who made them and when they were written down
        out["made_by"] = row.made_by or maker
        if row.recorded_at:
            out["recorded_at"] = row.recorded_at.isoformat()
    return out


def _refuse_call(rows: list, channel: str) -> None:
    if channel not in dict(CHANNELS):
        raise Refusal("unknown_channel", zh=f"没有“{channel}”这种渠道。", en=f'There is no channel "{channel}".', field="channel")  # fmt: skip
    if len(rows) > MOST_ROWS:
        raise Refusal(
            "too_many_rows",
            zh=f"一次最多 {MOST_ROWS} 行，收到 {len(rows)} 行。请分批发送。",
            en=f"At most {MOST_ROWS} rows at a time; {len(rows)} came. Send them in parts.",
        )


def _refuse_proxy(helper: int, post: Post) -> None:
    """Entering for somebody else: they must hold a post inside the area of whoever enters."""
    allowed(post, "visits.enter_for")
    held = Post.objects.filter(user=helper, user__is_active=True).select_related("place")
    if not any(covers(post, each.place) and each.may("visits.record") for each in held):
        raise Refusal(
            "helper_unknown",
            zh="代录对象在您的辖区内没有可登记探访的岗位。请核对是替谁录入。",
            en="The person you enter for holds no post in your area that may record visits. Check whose visits these are.",
            field="entered_for",
        )


def _number(raw: Mapping) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(raw.get("uuid")))
    except ValueError:
        return None


def _without_doubles(read: list) -> list:
    """The same number twice in one parcel with different content: the second is refused."""
    first: dict[uuid.UUID, rules.Row] = {}
    out = []
    for row, wrong in read:
        if row and first.setdefault(row.uuid, row) != row:
            out.append((None, [_CLASH]))
        else:
            out.append((row, wrong))
    return out
