"""A month of service orders through the product's own verbs, with cheats planted on purpose, looked at, called back and settled.

Says by rule what was planted, raised and hit, and whether the settlement is the sum of the accepted orders counted slowly.
"""

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, reduce
from operator import or_
from uuid import UUID

import numpy as np
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import F, QuerySet
from PIL import Image, ImageEnhance

from songhe.care.evidence import actions as evidence
from songhe.care.evidence import rules as looks
from songhe.care.evidence.models import Check, Flag, Proof
from songhe.care.evidence.standing import next_month, start_of
from songhe.care.services import actions as services
from songhe.care.services.models import Dispatch, Entitlement, Item, Order, Provider, Worker
from songhe.care.services.queries import catalogue_for
from songhe.care.services.terms import DELIVERED, QUALIFICATIONS
from songhe.care.settlement import actions as settlement
from songhe.care.settlement.models import Contract, Settlement
from songhe.core.refusal import Refusal
from songhe.core.trouble import Trouble
from songhe.demo import cheating
from songhe.demo.staff import name_for
from songhe.registry.accounts import actions as accounts
from songhe.registry.accounts.models import Post
from songhe.registry.facilities.actions import register_organisation
from songhe.registry.facilities.rules import credit_code_check
from songhe.registry.people.models import Person
from songhe.registry.people.service_code import code_of
from songhe.registry.places.models import Place

SYSTEM = {"by": None, "post": None}
SINCE = date(2020, 1, 1)
PROVIDERS = 2
STROKES = [[100, 500, 500, 200, 900, 700]]
CORNER = (115.0, 38.4)  # degrees: where the invented carers' corners begin; only distances between them matter
DEGREE_KM = 87.0  # kilometres a degree of longitude at that latitude


@dataclass
class Town:
    """What the simulation made: providers with their carers, and who planted what."""

    place: Place
    items: dict[str, Item]
    providers: list[Provider] = field(default_factory=list)
    carers: dict[int, Worker] = field(default_factory=dict)
    planted: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    orders: list[int] = field(default_factory=list)
    signers: list[Post] = field(default_factory=list)


def simulate(*, place: Place, days: int, carers: int, last: date, seed: int, report=None) -> dict:
    """Run it inside the caller's transaction (everywhere); nothing is committed here. `last`: the last day, in a month that is over.

    Raises Trouble when the place has nobody to serve or no catalogue.
    """
    first = last - timedelta(days=days - 1)
    services.sync_catalogues(**SYSTEM)
    living = Person.objects.inside(place).filter(status="living", merged_into=None).exclude(tags=0)
    if not (someone := living.order_by("pk").first()):
        raise Trouble(
            "这里没有可以服务的老年人。请先载入演示城市：songhe demo --no-serve。",
            "Nobody lives here who could be served. Load the demo city first: songhe demo --no-serve.",
        )
    town = Town(place, _items(someone, first))
    people = _people(living, town.items.values())
    least = {name: item.minutes for name, item in town.items.items()}
    visits = cheating.plan(carers=carers, days=days, seed=seed, least=least)
    _enrol(town, visits, first)
    for number, visit in enumerate(report.each("订单 orders", visits, len(visits)) if report else visits):
        _visit(town, visit, number, first, people, seed)
    months = _months(first, last + timedelta(days=1))
    for month in months:
        evidence.look(month=month)
    rules = _rules(town)
    calls = _calls(town, months, seed)
    _decide(town)
    return {
        "place": place.code, "first": first, "last": last, "seed": seed, "orders": _states(town), "sla": _sla(town),
        "rules": rules, "calls": calls, "settlement": _settled(town, months), "made": town.orders,
    }  # fmt: skip


def _people(living: QuerySet[Person], items: Iterable[Item]) -> list[Person]:
    """Up to 400 in special circumstances, first of all those whom the catalogue owes some of the services for that alone."""
    items = list(items)
    owed = Entitlement.objects.filter(
        catalogue=items[0].catalogue_id, items__overlap=[i.code for i in items], ability_levels=[], all_of=0, age_from=0
    )
    bits = reduce(or_, owed.values_list("any_of", flat=True), 0)
    return list(living.alias(owed=F("tags").bitand(bits)).order_by("-owed", "pk")[:400])


def _months(first: date, last: date) -> list[date]:
    out = [first.replace(day=1)]
    while next_month(out[-1]) <= last:
        out.append(next_month(out[-1]))
    return out


def _items(person: Person, on: date) -> dict[str, Item]:
    """A service that asks for position and signature, one for a picture, one for a certificate; each by one carer."""
    catalogue = catalogue_for(person.village, on)
    items = [
        i for i in Item.objects.filter(catalogue=catalogue, carers=1).order_by("position") if "phone" in i.may_order
    ]
    wanted = {
        "plain": lambda i: {"position", "signature"} <= set(i.proofs) and "photo" not in i.proofs and i.minutes >= 30,
        "pictured": lambda i: "photo" in i.proofs,
        "qualified": lambda i: len(i.qualifications) == 1 and "photo" not in i.proofs,
    }
    found = {name: next((i for i in items if fits(i)), None) for name, fits in wanted.items()}
    if missing := [name for name, item in found.items() if item is None]:
        words = "、".join(missing)
        raise Trouble(
            f"服务目录里缺少可用于推演的项目：{words}。", f"The catalogue lacks services to simulate: {words}."
        )
    return found  # type: ignore[return-value]


def _enrol(town: Town, visits: Iterable[cheating.Visit], first: date) -> None:
    used = Provider.objects.filter(organisation__name__startswith="推演机构").count()
    kinds = sorted({item.kind for item in town.items.values()})
    for number in range(PROVIDERS):
        stem = f"9999990{used + number:010d}"
        firm = register_organisation(
            **SYSTEM, name=f"推演机构{used + number + 1}", credit_code=stem + credit_code_check(stem), kind="social", origin="demo"
        )  # fmt: skip
        town.providers.append(
            services.enrol_provider(
                **SYSTEM, organisation=firm, kinds=kinds, areas=[town.place], daily_capacity=500, valid_from=SINCE, origin="demo"
            )
        )  # fmt: skip
    lapse = {v.carer: first + timedelta(days=v.day) for v in visits if v.lapsed}
    for carer in sorted({v.carer for v in visits}):
        town.carers[carer] = _carer(town, carer, lapse.get(carer))
    for role in ("leader", "finance", "clerk"):
        user = accounts.create_user(
            username=f"sim-{role}-{used}", name=name_for(9000 + used), password=None, by=None, origin="demo"
        )  # fmt: skip
        town.signers.append(accounts.give_post(user=user, role=role, place=town.place, valid_from=SINCE, by=None))


def _carer(town: Town, carer: int, lapse: date | None) -> Worker:
    worker = services.enrol_worker(
        **SYSTEM, provider=town.providers[carer % PROVIDERS], name=name_for(8000 + carer), sex="f", place=town.place,
        daily_minutes=720, valid_from=SINCE, origin="demo",
    )  # fmt: skip
    needed = town.items["qualified"].qualifications
    for kind, _label in QUALIFICATIONS:
        until = lapse if lapse and kind in needed else None
        services.certify(
            **SYSTEM, worker=worker, kind=kind, valid_from=SINCE, valid_to=until, number=f"推演{carer:04d}"
        )
    return worker


def _visit(town: Town, visit: cheating.Visit, number: int, first: date, people: list[Person], seed: int) -> None:
    """Asked for the day before, dispatched, taken on, served as planned. Every so often called off or refused first."""
    midnight = start_of(first + timedelta(days=visit.day))
    planned = midnight + timedelta(minutes=visit.planned)
    asked = planned - timedelta(hours=20)
    order = _ask(town, visit, people[number % len(people)], planned, asked)
    town.orders.append(order.pk)
    worker = town.carers[visit.carer]
    act = {**SYSTEM, "order": order}
    plain = not visit.planted and not visit.kept
    if plain and number % 41 == 7:
        services.cancel(**act, reason="person_away", now=asked + timedelta(minutes=30))
        return
    provider = worker.provider
    if plain and number % 29 == 3:  # the other provider is asked first and has no room
        other = next(p for p in town.providers if p.pk != provider.pk)
        services.dispatch(**act, provider=other, starts_at=planned, now=asked + timedelta(minutes=5))
        services.refuse(**act, reason="no_capacity", now=asked + timedelta(minutes=15))
    services.dispatch(**act, provider=provider, workers=[worker], starts_at=planned, now=asked + timedelta(minutes=20))
    services.accept(**act, now=asked + timedelta(minutes=30))
    if plain and number % 53 == 11:
        services.send_back(**act, reason="no_show", now=planned + timedelta(minutes=90))
        services.cancel(**act, reason="nobody_free", now=planned + timedelta(minutes=100))
        return
    _serve(town, visit, order, worker, midnight, number, seed)


def _ask(town: Town, visit: cheating.Visit, person: Person, planned: datetime, asked: datetime) -> Order:
    given = {
        **SYSTEM, "person": person, "item": town.items[visit.service].code, "wanted_from": planned,
        "wanted_to": planned + timedelta(hours=2), "channel": "phone", "now": asked, "origin": "demo", "urgency": "planned",
    }  # fmt: skip
    try:
        return services.request(**given)
    except Refusal:  # the month's quota is used up: they pay themselves
        return services.request(**given, funding="self")


def _serve(
    town: Town, visit: cheating.Visit, order: Order, worker: Worker, midnight: datetime, number: int, seed: int
) -> None:
    begins = midnight + timedelta(minutes=visit.begins)
    ends = begins + timedelta(minutes=visit.lasts)
    code = code_of(order.person_id) if visit.coded else ""
    photos = [picture(visit.photo)] if visit.service == "pictured" else []
    given = evidence.Given(photos=photos, signature=STROKES if visit.signed else [], code=code)
    for kind, at, with_ in (("start", begins, evidence.Given()), ("finish", ends, given)):
        evidence.stamp(
            **SYSTEM, order=order, kind=kind, at=at, number=UUID(int=(seed << 64) + number * 2 + (kind == "finish")), worker=worker,
            position=_position(visit), device=f"sim-{visit.device}", given=with_, now=at + timedelta(hours=visit.late),
        )  # fmt: skip
    asks = set(order.item.proofs)
    for rule in visit.planted:
        if (rule == "incomplete" and "signature" not in asks) or (rule == "unlocated" and "position" not in asks):
            continue
        town.planted.setdefault(rule, set()).add((order.pk, worker.pk))


def _position(visit: cheating.Visit) -> dict | None:
    if not visit.located:
        return None
    east = visit.km / DEGREE_KM
    return {"longitude": CORNER[0] + visit.carer * 0.05 + east, "latitude": CORNER[1], "accuracy": 20}


@cache
def picture(number: int) -> bytes:
    """An invented picture, the same for the same number; a negative one is a copy of the picture `COPIED`, made lighter and smaller."""
    if number < 0:
        seen = Image.open(io.BytesIO(picture(COPIED)))
        seen = ImageEnhance.Brightness(seen.resize((240, 240))).enhance(1.05)
        return _jpeg(seen, 70 + -number % 20)
    rng = np.random.Generator(np.random.Philox(key=[77, number]))
    blocks = rng.integers(0, 255, (9, 9, 3), dtype=np.uint8)
    return _jpeg(Image.fromarray(blocks).resize((320, 320), Image.Resampling.BICUBIC), 90)


COPIED = 203  # day 0, carer 2, third turn: an honest picture that others hand in again


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


# what came of it --------------------------------------------------------------------------------------------------------


def _states(town: Town) -> dict[str, int]:
    return dict(Counter(Order.objects.filter(pk__in=town.orders).values_list("state", flat=True)))


def _sla(town: Town) -> dict:
    served = Order.objects.filter(pk__in=town.orders, started_at__isnull=False)
    met = sum(1 for order in served if order.started_at <= order.arrive_due_at)
    return {"met": met, "of": len(served), "share": round(met / len(served), 4) if served else None}


def _rules(town: Town) -> dict[str, dict]:
    """By rule: planted, raised, recall and precision over (order, carer)."""
    raised: dict[str, set] = {}
    for order, worker, rule in Flag.objects.filter(order__in=town.orders).values_list("order_id", "worker_id", "rule"):
        raised.setdefault(rule, set()).add((order, worker))
    out = {}
    for rule in sorted(looks.RULES):
        quality = looks.quality(town.planted.get(rule, set()), raised.get(rule, set()))
        out[rule] = {
            "planted": quality.planted, "raised": quality.raised, "hit": quality.hit,
            "recall": None if quality.recall is None else round(quality.recall, 4),
            "precision": None if quality.precision is None else round(quality.precision, 4),
        }  # fmt: skip
    return out


def _calls(town: Town, months: list[date], seed: int) -> dict[str, int]:
    """Every provider's month is drawn and called: the people confirm, but for orders nobody came for in earnest (overlap)."""
    out: Counter[str] = Counter()
    denied = {order for order, _worker in town.planted.get("overlap", set())}
    for provider in town.providers:
        for month in months:
            try:
                sample = evidence.draw(**SYSTEM, place=town.place, provider=provider, month=month, seed=f"{seed}-{provider.pk}-{month}")  # fmt: skip
            except Refusal:
                continue
            out["population"] += len(sample.population)
            for number, order in enumerate(Order.objects.in_bulk(sample.drawn).values()):
                outcome = (
                    "denied" if order.pk in denied and number % 2 else "unreached" if number % 17 == 5 else "confirmed"
                )
                evidence.call_back(
                    **SYSTEM, order=order, outcome=outcome, sample=sample, stars=4 if number % 3 else None
                )
                out[outcome] += 1
    return dict(out)


def _decide(town: Town) -> None:
    """A person's decisions: what was planted is not accepted, what was only near is, both with a reason; some still wait."""
    waiting = list(Flag.objects.filter(order__in=town.orders, waits=True, verdict="").order_by("pk"))
    bad = {
        pair for rule in ("overlap", "travel", "photo_reused", "unqualified") for pair in town.planted.get(rule, set())
    }
    answered = waiting[:: len(waiting) // 3 + 1] if len(waiting) > 3 else []
    left = {flag.pk for flag in answered}
    refused = [f for f in waiting if (f.order_id, f.worker_id) in bad and f.pk not in left]
    fine = [f for f in waiting if (f.order_id, f.worker_id) not in bad and f.pk not in left]
    for flags, verdict, reason in ((refused, "refused", "推演：核实不属实"), (fine, "accepted", "推演：已核实")):
        if flags:
            evidence.decide(**SYSTEM, flags=flags, verdict=verdict, reason=reason)


def _settled(town: Town, months: list[date]) -> dict:
    """Each provider's months drawn up, answered, signed by two, and counted again order by order."""
    total, again, rows = Decimal(0), Decimal(0), []
    prices = {item.code: item.price for item in town.items.values()}
    for provider in town.providers:
        contract = settlement.register_contract(
            **SYSTEM, place=town.place, provider=provider, number=f"推演-{provider.pk}", title=f"推演合同（{provider}）",
            buyer="推演购买主体", starts_on=months[0], ends_on=next_month(months[-1]), needed=2, origin="demo",
        )  # fmt: skip
        settlement.add_lot(**SYSTEM, contract=contract, name="全域", places=[town.place], prices=prices)
        for month in months:
            row = _month(town, contract, month)
            if row is None:
                continue
            total += row.gross
            again += slowly(contract, month, prices)
            rows.append({
                "provider": str(provider), "month": f"{month:%Y-%m}", "state": row.state, "person_times": row.orders,
                "persons": row.persons, "gross": row.gross, "deducted": row.deducted, "net": row.net,
                "exceptions": dict(Counter(row.held.values_list("why", flat=True))),
            })  # fmt: skip
    return {"total": total, "recomputed": again, "equal": total == again, "months": rows}


def _month(town: Town, contract: Contract, month: date) -> Settlement | None:
    try:
        row = settlement.draw_up(**SYSTEM, contract=contract, month=month)
    except Refusal as refusal:
        if refusal.code == "month_not_over":
            return None
        raise
    for held in row.held.filter(answer=""):
        settlement.answer(**SYSTEM, held=held, answer="exclude", reason="推演：不予结算")
    settlement.ask(**SYSTEM, settlement=row, signers=[post.user for post in town.signers])
    for post in town.signers[: row.needed]:
        row = settlement.sign(by=post.user, post=post, settlement=row, verdict="agree")
    return row


def slowly(contract: Contract, month: date, prices: dict[str, Decimal]) -> Decimal:
    """The sum of the accepted orders of a provider's month, one by one in Python, from the orders and their checks alone."""
    total = Decimal("0.00")
    held = set(Dispatch.objects.filter(ended_at=None, provider=contract.provider_id).values_list("order_id", flat=True))
    checks = {check.order_id: check for check in Check.objects.all()}
    for order in Order.objects.all().select_related("item"):
        if (
            order.pk not in held
            or order.state not in DELIVERED
            or order.funding != "entitled"
            or not order.government_pays
        ):
            continue
        if (order.service_on.year, order.service_on.month) != (month.year, month.month):
            continue
        check = checks.get(order.pk)
        if check is not None and check.state == "accepted" and order.item.code in prices:
            part = order.government_pays / (order.unit_price * order.quantity)
            total += (prices[order.item.code] * order.quantity * part).quantize(Decimal("0.01"))
    return total


def sweep(orders: list[int]) -> None:
    """Take away the picture files of a simulation that is not kept (the rows go with the transaction)."""
    for name in Proof.objects.filter(stamp__order__in=orders).exclude(stored_as="").values_list("stored_as", flat=True):
        default_storage.delete(name)


def check_now() -> None:
    """What the database would check at the end of the transaction is checked now: it may be rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
