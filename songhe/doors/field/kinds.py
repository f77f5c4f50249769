"""What a telephone may send: a kind of record, and who receives it. A new kind is one line here and one in kinds.js.

Each receiver gets the rows of its kind and the post they were made under; it answers each row by itself:
{"uuid", "result": kept | clash | returned | held, "code", "zh", "en"}. Held: not wrong, but this post may not send it now.
"""

import base64
import uuid
from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from songhe.care.evidence import actions as delivery
from songhe.care.meals import actions as counting
from songhe.care.visits import actions, queries
from songhe.core.refusal import Refusal
from songhe.registry.accounts.access import Denied
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities.models import Facility
from songhe.registry.people.assessment import Assessor, Findings

CODE_NO = (
    "code_no", "服务已登记。填的服务码与老人卡片上的不符，记为未核实，由回访核实。",
    "The service is on record. The code is not the one on the person's card: marked as unverified, a call-back will tell.",
)  # fmt: skip
VISIT_KEYS = ("uuid", "person", "mode", "outcome", "occurred_at", "needs", "note", "client_at")


def told(number: str, result: str, code: str = "", zh: str = "", en: str = "") -> dict:
    return {"uuid": number, "result": result, "code": code, "zh": zh, "en": en}


def visits(rows: list[dict], user: User, post: Post) -> list[dict]:
    """Calls and home visits: one statement for all of them."""
    fit = [row for row in rows if _is_visit(row["body"])]
    sent = [{key: row["body"][key] for key in VISIT_KEYS if key in row["body"]} | {"uuid": row["uuid"]} for row in fit]
    answers = actions.record(sent, by=user, post=post, channel="phone", partial="rows") if sent else []
    before = _kept_before(answers, fit, post)
    kept = iter(answers)
    return [_visit_told(row, next(kept), before) if _is_visit(row["body"]) else _unreadable(row) for row in rows]


def _kept_before(answers: list[actions.Answer], rows: list[dict], post: Post) -> set[uuid.UUID]:
    """Refused now, but kept when it came the first time and its answer was lost."""
    doubtful = {}
    stands = {
        answer.uuid for answer in answers if answer.stands
    }  # a second row of the same number is no second sending
    for answer, row in zip(answers, rows, strict=True):
        moment = _moment(row["body"]["occurred_at"])
        number = uuid.UUID(row["uuid"])
        if answer.result in ("unknown", "refused") and moment is not None and number not in stands:
            doubtful[number] = timezone.localdate(moment)
    return queries.kept_before(post=post, sent=doubtful)


def _is_visit(body: dict) -> bool:
    texts = (body.get("mode"), body.get("outcome"), body.get("occurred_at"), body.get("note", ""))
    needs = body.get("needs", [])
    return all(isinstance(text, str) for text in texts) and isinstance(needs, list) and all(isinstance(n, str) for n in needs)  # fmt: skip


def _visit_told(row: dict, answer: actions.Answer, before: set[uuid.UUID]) -> dict:
    if answer.stands or uuid.UUID(row["uuid"]) in before:
        return told(row["uuid"], "kept")
    problem = answer.problems[0]
    return told(row["uuid"], "returned", problem.code, problem.zh, problem.en)


def corrections(rows: list[dict], user: User, post: Post) -> list[dict]:
    """Telephone, door, best time to call: in the order they were written."""

    def one(row: dict) -> dict:
        body = row["body"]
        made = actions.correct(
            number=uuid.UUID(row["uuid"]), person=body["person"], fact=body["fact"], value=body["value"],
            based_on=body["based_on"], client_at=_moment(body.get("client_at")), by=user, post=post,
        )  # fmt: skip
        return told(row["uuid"], "clash" if made.state == "clash" else "kept")

    return [_alone(one, row) for row in rows]


def assessments(rows: list[dict], user: User, post: Post) -> list[dict]:
    """Ability assessments filled in offline, each with its signatures."""

    def one(row: dict) -> dict:
        body, found = row["body"], row["body"]["findings"]
        names = [str(name).strip()[:40] for name in body["assessors"]]
        actions.assess_at_door(
            number=uuid.UUID(row["uuid"]), person=body["person"], on=date.fromisoformat(body["on"]), answers=body["answers"],
            findings=Findings(found["coma"], found["mental_diagnosis"], found["risk_events"]),
            assessors=[Assessor(name, bool(m)) for name, m in zip(names, body["medical"], strict=True)], names=names,
            informant=str(body["informant"])[:40], informant_relation=str(body.get("relation") or "")[:16],
            reason=body["reason"], agency=str(body.get("agency") or "")[:80], signatures=body["signatures"],
            client_at=_moment(body.get("client_at")), by=user, post=post,
        )  # fmt: skip
        return told(row["uuid"], "kept")

    return [_alone(one, row) for row in rows]


def deliveries(rows: list[dict], user: User, post: Post) -> list[dict]:
    """Starts and finishes of paid orders, with what proves them."""

    def one(row: dict) -> dict:
        body = row["body"]
        given = delivery.Given(
            photos=[base64.b64decode(text, validate=True) for text in body.get("photos") or []],
            signature=[[int(at) for at in stroke] for stroke in body.get("signature") or []],
            code=str(body.get("code") or "")[:6],
        )  # fmt: skip
        at = _moment(body["occurred_at"])
        if at is None:
            raise ValueError("occurred_at")
        made = delivery.stamp(
            by=user, post=post, order=body["order"], kind=body["step"], at=at, number=uuid.UUID(row["uuid"]), given=given,
            position=body.get("position"), device=str(body.get("device") or ""), client_at=_moment(body.get("client_at")),
        )  # fmt: skip
        return (
            told(row["uuid"], "kept", *CODE_NO)
            if given.code and delivery.code_refused(made)
            else told(row["uuid"], "kept")
        )

    return [_alone(one, row) for row in rows]


def enclosures(rows: list[dict], user: User, post: Post) -> list[dict]:
    """A position or a photograph added to a visit of one's own."""

    def one(row: dict) -> dict:
        body = row["body"]
        actions.enclose(
            number=uuid.UUID(row["uuid"]), visit=uuid.UUID(body["visit"]), position=body.get("position") or None,
            photo=base64.b64decode(body.get("photo") or "", validate=True), client_at=_moment(body.get("client_at")),
            by=user, post=post,
        )  # fmt: skip
        return told(row["uuid"], "kept")

    return [_alone(one, row) for row in rows]


def meals_eaten(rows: list[dict], user: User, post: Post) -> list[dict]:
    """Meals counted at a point's till: together by point, each answered by itself. A second one is kept, unpaid, and said."""
    read = {row["uuid"]: _meal(row) for row in rows}
    answers: dict[str, dict] = {}
    for point in {meal["point"] for meal in read.values() if meal}:
        mine = [meal for meal in read.values() if meal and meal["point"] == point]
        try:
            with transaction.atomic():
                found = counting.count(by=user, post=post, facility=_point(post, point), rows=mine, channel="phone")
            answers |= {str(each.uuid): _meal_told(each) for each in found}
        except Refusal as refusal:
            for meal in mine:
                answers[str(meal["uuid"])] = told(str(meal["uuid"]), "returned", refusal.code, refusal.zh, refusal.en)
    return [answers[str(read[row["uuid"]]["uuid"])] | {"uuid": row["uuid"]} if read[row["uuid"]] else _unreadable(row) for row in rows]  # fmt: skip


def _meal(row: dict) -> dict | None:
    """What `count` takes, or None: somebody's number or card, a meal, a moment, a point."""
    body = row["body"]
    try:
        person, card, at = body.get("person"), str(body.get("card") or "")[:32], _moment(body["occurred_at"])
        named = isinstance(person, int) and not isinstance(person, bool) and 0 < person < 2**63
        if at is None or not (named or card):
            return None
        who = {"person": person} if named else {"card": card}
        return who | {
            "uuid": uuid.UUID(row["uuid"]), "point": uuid.UUID(body["point"]), "meal": str(body["meal"]), "at": at,
            "way": body.get("way") or None, "client_at": _moment(body.get("client_at")),
        }  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _point(post: Post, uid: uuid.UUID) -> Facility:
    """The point; for one that is not the post's, what `count` refuses in words."""
    return Facility.objects.visible_to(post).filter(uid=uid).first() or Facility(pk=0)


def _meal_told(answer: counting.Answer) -> dict:
    number, problem = str(answer.uuid), answer.problem
    if problem is None:
        return told(number, "kept")
    return told(number, "kept" if answer.result == "duplicate" else "returned", problem.code, problem.zh, problem.en)


KINDS: dict[str, Callable[[list[dict], User, Post], list[dict]]] = {
    "visit": visits,
    "correction": corrections,
    "assessment": assessments,
    "delivery": deliveries,
    "enclosure": enclosures,
    "meal": meals_eaten,
}


def receive(kind: str, rows: list[dict], user: User, post: Post) -> list[dict]:
    """All rows of one kind, in a savepoint of their own: lost rights hold them, nothing of them stays."""
    if kind not in KINDS:
        zh = "这一版网站不认识这种记录。记录留在本机，请更新网站后再试。"
        return [told(row["uuid"], "held", "kind_unknown", zh, "This server does not know this kind of record yet; it stays on the phone.") for row in rows]  # fmt: skip
    try:
        with transaction.atomic():
            return KINDS[kind](rows, user, post)
    except Denied as denied:
        return [told(row["uuid"], "held", "denied", str(denied), str(denied)) for row in rows]


def _alone(receiver: Callable[[dict], dict], row: dict) -> dict:
    try:
        with transaction.atomic():
            return receiver(row)
    except Denied:
        raise
    except Refusal as refusal:
        return told(row["uuid"], "returned", refusal.code, refusal.zh, refusal.en)
    except (KeyError, TypeError, ValueError, AttributeError):
        return _unreadable(row)


def _unreadable(row: dict) -> dict:
    return told(row["uuid"], "returned", "unreadable", "这一条缺少内容或写法不对。请打开它重新填写。", "This record is incomplete or malformed. Open it and fill it in again.")  # fmt: skip


def _moment(text) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
