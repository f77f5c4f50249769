"""Invented staff: one login a role, a worker in every village, helpers by need. All marked 演示."""

from collections.abc import Iterable
from datetime import date

import numpy as np

from songhe.demo.names import MEN, SURNAMES, WOMEN
from songhe.registry.accounts import actions
from songhe.registry.accounts.models import User
from songhe.registry.places.models import Place

PASSWORD = "Songhe-demo-2026"  # printed by `songhe demo`; these accounts exist in a demonstration only  # noqa: S105
SINCE = date(2023, 8, 1)
# (username, role, where): "city", "town" and "village" are the show places chosen in `songhe.demo.city`.
LOGINS = (
    ("juzhang", "leader", "city"),
    ("keyuan", "clerk", "city"),
    ("shequban", "community_clerk", "city"),
    ("mishu", "secretary", "city"),
    ("caiwu", "finance", "city"),
    ("xiangzhen", "township_worker", "town"),
    ("cungongzuo", "village_worker", "village"),
    ("bangfu", "helper", "village"),
    ("pinggu", "assessor", "town"),
    ("yanshou", "inspector", "city"),
    ("xitong", "system_admin", "city"),
    ("anquan", "security_admin", "city"),
    ("shenji", "audit_admin", "city"),
    ("laixi", "clerk", "laixi"),
    ("tangshan", "clerk", "tangshan"),
    ("xuzhou", "clerk", "xuzhou"),
    ("diaodu", "dispatcher", "city"),
    ("jigou", "operator", "city"),
    ("huli", "care_worker", "city"),
)


def name_for(number: int) -> str:
    """An invented name for the n-th member of staff."""
    rng = np.random.default_rng(number + 77)
    given = WOMEN if rng.random() < 0.6 else MEN
    return SURNAMES[int(rng.random() ** 2 * 60)] + given[rng.integers(len(given))] + given[rng.integers(len(given))]


def make_logins(places: dict[str, Place]) -> dict[str, User]:
    """One account with a password for each role; those that exist are left alone, those of places not given left out."""
    made = {}
    for number, (username, role, where) in enumerate(LOGINS):
        if where not in places:
            continue
        user = User.objects.filter(username=username).first()
        if user is None:
            name = name_for(number)
            user = actions.create_user(username=username, name=name, password=PASSWORD, by=None, origin="demo")
            actions.give_post(user=user, role=role, place=places[where], valid_from=SINCE, by=None)
        made[username] = user
    return made


def logins() -> dict[str, User]:
    """The accounts with a password, by user name."""
    return {user.username: user for user in User.objects.filter(username__in=[name for name, _role, _where in LOGINS])}


def make_helpers(villages: Iterable[tuple[Place, int]]) -> dict[int, list[int]]:
    """For each (village, people in difficulty): its helpers' account numbers, one for about twelve, without passwords."""
    wanted = [(f"demo-{place.code}-{n + 1}", place, n) for place, count in villages for n in range(1 + count // 12)]
    known = dict(User.objects.filter(username__startswith="demo-").values_list("username", "pk"))
    fresh = [(name, name_for(int(place.code) + n), "helper", place) for name, place, n in wanted if name not in known]
    known |= zip(
        (row[0] for row in fresh), actions.enlist(rows=fresh, valid_from=SINCE, by=None, origin="demo"), strict=True
    )
    found: dict[int, list[int]] = {}
    for username, place, _n in wanted:
        found.setdefault(place.pk, []).append(known[username])
    return found
