"""双随机抽查: a draw that anybody can repeat from its seed."""

import secrets
from collections.abc import Sequence
from datetime import date

from django.db import transaction

from songhe.core import audit
from songhe.core.refusal import Refusal
from songhe.registry.accounts.models import Post, User
from songhe.registry.facilities import rules
from songhe.registry.facilities.models import Draw
from songhe.registry.facilities.queries.counting import facilities_reached
from songhe.registry.facilities.standing import allow, inside, kept
from songhe.registry.people.standing import outside_area, scope_of
from songhe.registry.places.models import Place


@transaction.atomic
def draw(
    *, by: User | None, post: Post | None, place: Place, kinds: Sequence[str], size: int, on: date, seed: str = "",
    reached: str = "in_use",
) -> Draw:  # fmt: skip
    """Draw `size` facilities that have come as far as `reached`. The seed (made here unless given), the population and the
    result are kept; the row is never changed."""
    user = allow(by, post, "facilities.inspect")
    if not inside(post, place):
        raise outside_area(place)
    population = facilities_reached(post=post, place=place, kinds=kinds, reached=reached, on=on)
    by_uid = {str(uid): pk for uid, pk in population.values_list("uid", "pk")}
    if not 1 <= size <= len(by_uid):
        raise Refusal(
            "draw_size",
            zh=f"范围内有 {len(by_uid)} 处设施，抽取数应在 1 到 {len(by_uid)} 之间。",
            en=f"There are {len(by_uid)} facilities to draw from; ask for 1 to {len(by_uid)}.",
            field="size",
        )
    seed = seed.strip() or secrets.token_hex(16)
    chosen = rules.drawn(list(by_uid), size=size, seed=seed)
    made = Draw(
        place=place, on=on, kinds=list(kinds), seed=seed, size=size, population=sorted(by_uid), by=user,
        drawn=[by_uid[uid] for uid in chosen], **scope_of(place),
    )  # fmt: skip
    kept(made)
    audit.note("facilities.draw", "draw", made.pk, area_id=place.pk, size=size, of=len(by_uid), seed=seed)
    return made
