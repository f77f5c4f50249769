"""What a post may see and touch of bodies, meetings and requests."""

from typing import TypeVar

from django.db.models import Model

from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post

Row = TypeVar("Row", bound=Model)


def fresh(post: Post | None, row: Row) -> Row:
    """The row as it is now, locked, when it lies in the post's area; raises Refusal."""
    model = type(row)
    seen = model.objects.visible_to(post) if post else model.objects.all()  # type: ignore[attr-defined]
    found = seen.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if found is None:
        name = model._meta.verbose_name
        raise Refusal("outside_area", zh=f"没有这个{name}，或不在您的辖区内。", en=f"There is no such {model.__name__}, or it is outside your area.")  # fmt: skip
    return found


def words(text: str, field: str, zh: str, en: str) -> str:
    """Text that may not be empty."""
    if not text.strip():
        raise Refusal(f"{field}_missing", zh=zh, en=en, field=field)
    return text.strip()
