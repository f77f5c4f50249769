"""A position or a photograph that a helper chose to add to a visit of their own. Never asked for, never counted, once a visit."""

import hashlib
import io
import json
import math
import tempfile
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from songhe.care.duties.access import allowed, user_id
from songhe.care.visits.actions.correct import number_taken
from songhe.care.visits.models import Enclosure, Receipt, Visit
from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities import photos
from songhe.registry.people import safekeeping, sealing

MOST_BYTES = 1_500_000  # of a photograph; the phone page sends a fifth of it
FARTHEST = 100_000  # metres of a position's accuracy; beyond that it says nothing


@transaction.atomic
def enclose(
    *, number: uuid.UUID, visit: uuid.UUID, by: User, post: Post, position: Mapping[str, Any] | None = None,
    photo: bytes = b"", client_at: datetime | None = None,
) -> Enclosure:  # fmt: skip
    """Keep what was added to a visit, sealed. The same number with the same content gives the row made before.

    `position`: {"lat", "lon", "accuracy" in metres}; `photo`: a picture, kept without what the telephone wrote into it.
    Raises Refusal: no such visit of one's own, a second enclosure, nothing in it, no position, no picture. Or Denied.
    """
    allowed(post, "visits.record")
    where = _position(position) if position else None
    digest = hashlib.sha256(json.dumps([str(visit), where]).encode() + photo).digest()
    before = Enclosure.objects.filter(client_uuid=number).first()
    if before is not None:
        if bytes(before.digest) != digest:
            raise number_taken()
        return before
    if where is None and not photo:
        raise Refusal("enclosure_empty", zh="没有位置，也没有照片。", en="Neither a position nor a photograph.")
    row = _visit(visit, post, user_id(by))
    if Enclosure.objects.filter(visit_id=row.id).exists():
        raise Refusal("enclosed_before", zh="这次探访已附过位置或照片，不用再附。", en="This visit has its position or photograph already.")  # fmt: skip
    made = Enclosure.objects.create(
        client_uuid=number, digest=digest, person_id=row.person_id, visit_id=row.id, visit_on=row.occurred_on,
        position_sealed=sealing.seal("position", json.dumps(where)) if where else None,
        stored_as=_kept(photo, number) if photo else "", made_by=user_id(by), client_at=client_at,
        village_id=row.village_id, town_id=row.town_id, county_id=row.county_id, city_id=row.city_id,
    )  # fmt: skip
    audit.note("visits.enclose", "person", row.person_id, area_id=row.village_id, visit=row.id)
    return made


def position_of(row: Enclosure) -> dict | None:
    """{"lat", "lon", "accuracy"} in clear, or None."""
    return json.loads(sealing.open_field("position", row.position_sealed)) if row.position_sealed else None


def _visit(number: uuid.UUID, post: Post, user: int) -> Visit:
    receipt = Receipt.objects.filter(client_uuid=number).first()
    seen = Visit.objects.visible_to(post) if post else Visit.objects.all()
    row = seen.filter(occurred_on=receipt.occurred_on, id=receipt.visit_id).first() if receipt else None
    if row is None or row.made_by != user:
        raise Refusal(
            "enclosure_no_visit",
            zh="系统里没有它所附的那次探访（可能被退回或已删除）。请先改好那条探访；附的位置和照片可以不要。",
            en="The visit it was added to is not on record (returned, or removed). Mend that one first; what was added can be dropped.",
        )
    return row


def _position(given: Mapping[str, Any]) -> dict[str, float]:
    values = [given.get(name) for name in ("lat", "lon", "accuracy")]
    numbers = [float(v) for v in values if isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v)]
    if len(numbers) != 3 or abs(numbers[0]) > 90 or abs(numbers[1]) > 180 or not 0 <= numbers[2] <= FARTHEST:
        raise Refusal("position", zh="位置的写法不对。请去掉位置再传。", en="The position is malformed. Take it off and send again.")  # fmt: skip
    return {"lat": round(numbers[0], 6), "lon": round(numbers[1], 6), "accuracy": round(numbers[2], 1)}


def _kept(photo: bytes, number: uuid.UUID) -> str:
    if len(photo) > MOST_BYTES:
        raise Refusal(
            "photo_large", zh="照片太大。请换一张小些的。", en="The picture is too large. Choose a smaller one."
        )
    try:
        clear = photos.stripped(photos.read(photo))
    except photos.BadPhoto as bad:
        raise Refusal(bad.code, zh=bad.zh, en=bad.en) from None
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(clear)
        file.flush()
        return safekeeping.keep(Path(file.name), f"visits/{timezone.localdate():%Y/%m}/{number}.sealed")


def photo_of(row: Enclosure) -> io.BytesIO:
    """The picture in clear. Raises Refusal when it is gone."""
    with safekeeping.opened(row.stored_as) as path:
        return io.BytesIO(path.read_bytes())
