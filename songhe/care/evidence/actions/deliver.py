"""A carer begins and ends an order: the fact, its proofs, the order's own step, the audit row; or a supervisor enters it."""

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from songhe.care.evidence import definitions
from songhe.care.evidence.models import Check, Proof, Stamp
from songhe.care.evidence.standing import allow, areas_of, in_words, order_of, reason_given
from songhe.care.services import actions as services
from songhe.care.services.models import Crew, Order, Worker
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities import photos as pictures
from songhe.registry.people import safekeeping, sealing, service_code

AHEAD = timedelta(minutes=10)  # a telephone's clock may be fast by so much
MOST_POINTS, MOST_PHOTOS = 6000, 4


@dataclass(frozen=True)
class Given:
    """What came with a stamp: pictures as bytes, a signature as strokes (whole numbers 0–1000), a code as it was typed."""

    photos: Sequence[bytes] = ()
    signature: Sequence[Sequence[int]] = ()
    code: str = ""


@transaction.atomic
def stamp(
    *, by: User | None, post: Post | None, order: Order | int, kind: str, at: datetime, number: UUID,
    position: Mapping[str, Any] | None = None, device: str = "", given: Given = Given(), worker: Worker | None = None,
    client_at: datetime | None = None, now: datetime | None = None,
) -> Stamp:  # fmt: skip
    """A start or a finish from a telephone. The same `number` with the same content answers with the row that stands.

    `position`: {"longitude", "latitude", "accuracy"} in degrees and metres, or None: the stamp is kept and is unverified.
    The order begins with the first carer's start and is done with the last carer's finish. Raises Refusal, Denied.
    """
    user = allow(by, post, "services.serve")
    digest = _digest(order, kind, at, given)
    if (before := _kept(number, digest)) is not None:
        return before
    row = order_of(post, order)
    now = now or timezone.now()
    _refuse_time(at, now)
    crew = _crew(row)
    carer = _of_crew(row, crew, worker) if worker else _own_worker(row, crew, user)
    made = Stamp(
        client_uuid=number, digest=digest, order=row, worker=carer, kind=_kind(kind), at=at, client_at=client_at,
        received_at=now, device=str(device)[:36], by=user, **_position(position), **areas_of(row),
    )  # fmt: skip
    _write(made, row, crew, given, by, post)
    return made


@transaction.atomic
def override(
    *, by: User | None, post: Post | None, order: Order, worker: Worker, kind: str, at: datetime, reason: str,
    given: Given = Given(), now: datetime | None = None,
) -> Stamp:  # fmt: skip
    """A supervisor enters a start or finish that no telephone sent, with the reason. It has no position: unverified."""
    user = allow(by, post, "evidence.override")
    row = order_of(post, order)
    why = reason_given(reason)
    now = now or timezone.now()
    if at > now + AHEAD:
        raise _ahead()
    crew = _crew(row)
    made = Stamp(
        client_uuid=uuid4(), digest=_digest(row, kind, at, given), order=row, worker=_of_crew(row, crew, worker), kind=_kind(kind),
        at=at, received_at=now, channel="desk", reason=why, by=user, **areas_of(row),
    )  # fmt: skip
    _write(made, row, crew, given, by, post)
    return made


def _write(made: Stamp, row: Order, crew: list[int], given: Given, by: User | None, post: Post | None) -> None:
    with in_words():
        made.save(force_insert=True)
    _prove(made, given)
    _step(made, row, crew, by, post)
    detail = {"worker": made.worker_id, "channel": made.channel, "located": int(made.longitude is not None)}
    audit.note(f"evidence.{made.kind}", "order", row.pk, area_id=row.village_id, **detail)


def _kept(number: UUID, digest: bytes) -> Stamp | None:
    before = Stamp.objects.filter(client_uuid=number).first()
    if before is not None and bytes(before.digest) != digest:
        raise Refusal(
            "number_taken",
            zh="这个编号已用于另一条记录。请重新打开订单再登记一次。",
            en="This number belongs to another record. Open the order again and record it anew.",
        )
    return before


def _digest(order: Order | int, kind: str, at: datetime, given: Given) -> bytes:
    pictures_ = [hashlib.sha256(photo).hexdigest() for photo in given.photos]
    said = [
        getattr(order, "pk", order),
        kind,
        at.isoformat(),
        pictures_,
        [list(s) for s in given.signature],
        given.code,
    ]
    return hashlib.sha256(json.dumps(said).encode()).digest()


def _kind(kind: str) -> str:
    if kind not in ("start", "finish"):
        raise Refusal("kind", zh="只有开始和结束两种登记。", en="There is only a start and a finish.", field="kind")
    return kind


def _refuse_time(at: datetime, now: datetime) -> None:
    if at > now + AHEAD:
        raise _ahead()
    days = definitions.on(timezone.localdate(at)).most_days
    if now - at > timedelta(days=days):
        raise Refusal(
            "too_late",
            zh=f"已超过 {days} 天，手机不能再补录。请机构主管补录并写明理由。",
            en=f"More than {days} days have passed. A supervisor has to enter it, with the reason.",
            field="at",
        )


def _ahead() -> Refusal:
    return Refusal("at_ahead", zh="时间比现在还晚。请核对手机时间。", en="The time lies ahead of now. Check the clock.", field="at")  # fmt: skip


def _crew(row: Order) -> list[int]:
    live = Crew.objects.filter(dispatch__order=row, dispatch__ended_at=None)
    return list(live.order_by("worker_id").values_list("worker_id", flat=True))


def _own_worker(row: Order, crew: list[int], user: int) -> Worker:
    found = Worker.objects.filter(user=user, pk__in=crew).first()
    if found is None:
        raise _not_yours(row)
    return found


def _of_crew(row: Order, crew: list[int], worker: Worker) -> Worker:
    if worker.pk not in crew:
        raise _not_yours(row)
    return worker


def _not_yours(row: Order) -> Refusal:
    return Refusal(
        "not_yours_now",
        zh=f"{row.number} 号单现在没有派给这名护理员（可能已改派或取消）。已经服务过的，请机构主管核实后补录。",
        en=f"Order {row.number} is not with this carer now. If it was served, the supervisor can enter it after checking.",
        field="order",
    )


def _position(given: Mapping[str, Any] | None) -> dict[str, float | None]:
    """Degrees and metres, or nothing where the telephone gave none or nonsense: never a reason to refuse."""
    try:
        longitude, latitude = float(given["longitude"]), float(given["latitude"])
        accuracy = max(0.0, float(given.get("accuracy") or 0))
    except (TypeError, KeyError, ValueError, AttributeError):
        return {}
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90 and accuracy < 1e7):
        return {}
    return {"longitude": longitude, "latitude": latitude, "accuracy": accuracy}


def _prove(made: Stamp, given: Given) -> None:
    if given.code:
        _prove_by_code(made, given.code)
    strokes = [list(stroke) for stroke in given.signature]
    if 4 <= sum(len(stroke) for stroke in strokes) <= MOST_POINTS:
        Proof.objects.create(stamp=made, kind="signature", sealed=sealing.seal("signature", json.dumps(strokes)))
    for data in list(given.photos)[:MOST_PHOTOS]:
        _photo(made, data)


def _prove_by_code(made: Stamp, typed: str) -> None:
    """The person's own code, as it held at that time; a wrong one is kept (sealed) and proves nothing: unverified, not lost."""
    if service_code.matches(made.order.person_id, typed, made.at):
        Proof.objects.create(stamp=made, kind="code")
    else:
        Proof.objects.create(stamp=made, kind="code_no", sealed=sealing.seal("code", typed[:12]))


def code_refused(made: Stamp) -> bool:
    """Whether a code came with a stamp and was not the person's."""
    return Proof.objects.filter(stamp=made, kind="code_no").exists()


def _photo(made: Stamp, data: bytes) -> None:
    """A picture that shows nothing or cannot be read proves nothing; the stamp stands without it (rule `incomplete`)."""
    try:
        picture = pictures.read(data)
    except pictures.BadPhoto:
        return
    clean = pictures.stripped(picture)
    with tempfile.NamedTemporaryFile() as file:
        file.write(clean)
        file.flush()
        stored = safekeeping.keep(Path(file.name), f"evidence/{made.at:%Y/%m}/{uuid4().hex}.sealed")
    Proof.objects.create(
        stamp=made, kind="photo", sha256=hashlib.sha256(data).hexdigest(), dhash=pictures.dhash(picture),
        phash=pictures.phash(picture), stored_as=stored,
    )  # fmt: skip


def _step(made: Stamp, row: Order, crew: list[int], by: User | None, post: Post | None) -> None:
    """The order moves with its first start and with its last finish."""
    if made.kind == "start" and row.state == "accepted":
        services.start(by=by, post=post, order=row, at=made.at)
    elif made.kind == "start" and row.state not in ("serving", "done"):
        raise _not_yours(row)
    if made.kind == "finish":
        ends = list(Stamp.objects.filter(order=row, kind="finish", worker__in=crew).values_list("at", flat=True))
        if len(ends) == len(crew):
            if row.state == "serving":  # else it was finished at the desk before its evidence came
                services.finish(by=by, post=post, order=row, at=max(ends))
            Check.objects.bulk_create([Check(order=row, **areas_of(row))], ignore_conflicts=True)
