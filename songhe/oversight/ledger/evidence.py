"""Files that prove something: taken in, kept sealed, handed out again with a row in the audit."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.utils import timezone

from songhe.core import audit
from songhe.core.incoming import digest, on_disk
from songhe.core.refusal import Refusal
from songhe.oversight.ledger.access import items_of
from songhe.oversight.ledger.models import Evidence, Item, Progress
from songhe.registry.accounts.access import require
from songhe.registry.accounts.models import Post
from songhe.registry.people import safekeeping

MOST_BYTES = 30 * 1024 * 1024
KINDS = {
    ".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png",
    ".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".txt": "text/plain; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def attach(item: Item, files: Iterable[Any], *, by: int, progress: Progress | None = None) -> list[Evidence]:
    """Keep files (uploads or paths) with an item; part of the caller's transaction. Raises Refusal for what is no proof."""
    return [_attach(item, file, by, progress) for file in files]


def _attach(item: Item, file: Any, by: int, progress: Progress | None) -> Evidence:
    name = Path(str(getattr(file, "name", file))).name[-200:]
    if Path(name).suffix.lower() not in KINDS:
        raise Refusal(
            "evidence_kind",
            zh=f"“{name}”不是可以作佐证的文件。请用 PDF、图片（jpg、png）、Word、Excel 或文本。",
            en=f"“{name}” cannot serve as evidence. Use PDF, a picture (jpg, png), Word, Excel or text.",
            field="files",
        )
    with on_disk(file) as path:
        size = path.stat().st_size
        if not 0 < size <= MOST_BYTES:
            raise Refusal(
                "evidence_size",
                zh=f"“{name}”是空文件或超过 30 MB，没有保存。请压缩后再传。",
                en=f"“{name}” is empty or larger than 30 MB and was not kept. Make it smaller and send it again.",
                field="files",
            )
        stored = safekeeping.keep(path, f"ledger/{timezone.localdate():%Y/%m}/{uuid4().hex}.sealed")
        return Evidence.objects.create(
            item=item, progress=progress, name=name, size=size, sha256=digest(path), stored_as=stored, by=by
        )


@contextmanager
def opened(evidence: Evidence, *, post: Post | None) -> Iterator[tuple[Path, str]]:
    """(a clear copy, its content type) for a post that may see the item; every reading is audited. Raises Denied, Refusal."""
    if post is not None:
        require(post, "ledger.view")
    item = items_of(post).filter(pk=evidence.item_id).first()
    if item is None:
        raise Refusal("no_such_item", zh="没有这份材料，或不在您的辖区内。", en="There is no such file, or it is outside your area.")  # fmt: skip
    audit.note("ledger.evidence.read", "ledger_item", item.pk, area_id=area_of(item), evidence=evidence.pk)
    with safekeeping.opened(evidence.stored_as) as path:
        yield path, KINDS[Path(evidence.name).suffix.lower()]


def one(*, post: Post | None, pk: int) -> Evidence | None:
    """A file of an item that a post may see."""
    return Evidence.objects.filter(item__in=items_of(post).values("pk"), pk=pk).first()


def twins(evidence: Iterable[Evidence], *, post: Post | None) -> dict[int, list[str]]:
    """{evidence id: numbers of other items that show the very same file}: one photograph does not prove two things."""
    rows = list(evidence)
    digests = {row.sha256 for row in rows}
    seen = items_of(post).values("pk")
    others = Evidence.objects.filter(sha256__in=digests, item__in=seen).select_related("item")
    found: dict[str, list[Evidence]] = {}
    for other in others:
        found.setdefault(other.sha256, []).append(other)
    return {
        row.pk: sorted({other.item.number for other in found.get(row.sha256, []) if other.item_id != row.item_id})
        for row in rows
    }


def area_of(row: Any) -> int | None:
    """The lowest place a scoped row belongs to, for the audit."""
    return row.village_id or row.town_id or row.county_id or row.city_id
