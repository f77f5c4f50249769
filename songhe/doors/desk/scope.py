"""Area and period live in the URL (`?area=130682001&period=2026-W46`), so that every view can be sent as a link."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.utils import timezone

from songhe.core import periods
from songhe.core.periods import Period
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post
from songhe.registry.places.models import Place
from songhe.registry.places.queries import by_code


@dataclass(frozen=True)
class Scope:
    """Where and when a page looks: always inside the post's own area."""

    post: Post
    place: Place
    period: Period
    today: date

    def link(self, path: str, **changes) -> str:
        """`path` with this area and period, some of them changed; None drops a parameter."""
        values = {"area": self.place.code, "period": self.period.code} | changes
        return f"{path}?{urlencode({k: v for k, v in values.items() if v not in (None, '')})}"


def scope_of(request, kind: str = "week") -> Scope:
    """The scope of a request; Refusal for an area outside the post's, or a period that does not exist."""
    today = timezone.localdate()
    post = request.post
    code = request.GET.get("area", "")
    place = by_code(code, post=post) if code and code != post.place.code else post.place
    text = request.GET.get("period", "")
    try:
        period = periods.parse(text) if text else periods.containing(kind, today)
    except periods.BadPeriod as bad:
        raise Refusal("period", zh=bad.text("zh"), en=bad.text("en"), field="period") from bad
    return Scope(post, place, period, today)
