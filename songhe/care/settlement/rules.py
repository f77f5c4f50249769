"""Arithmetic of money: lines, totals, deductions, signatures. Yuan as Decimal with two places; no framework, no clock.

settled([Line(1, 7, "bath", Decimal(1), Decimal("80.00"))], []) -> Total(orders=1, persons=1, gross=80.00, deducted=0, net=80.00)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from songhe.core.bands import holds, read_band

CENT = Decimal("0.01")


def cents(value: Decimal | int | str | float) -> Decimal:
    """To the fen, halves up, as a cashier rounds.

    >>> cents("2.345")
    Decimal('2.35')
    """
    return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    """One accepted order: so many units at the contract's price, of which `share` per cent are the government's.

    `person`: a number that stands for one person.
    """

    order: int
    person: int
    service: str
    units: Decimal
    price: Decimal
    share: Decimal = Decimal(100)

    @property
    def amount(self) -> Decimal:
        return cents(self.units * self.price * self.share / 100)


@dataclass(frozen=True)
class Deduction:
    """What is taken off, under which rule, with the arithmetic in words."""

    rule: str
    amount: Decimal
    words: str
    orders: tuple[int, ...] = ()


@dataclass(frozen=True)
class Total:
    """`orders` are person-times (人次), `persons` people (人): two counts that are never one (R44)."""

    orders: int
    persons: int
    gross: Decimal
    deducted: Decimal
    net: Decimal


@dataclass(frozen=True)
class Facts:
    """What the deductions of a month look at. `denied`: {order: amount}; shares as counts; `band_percent` of the appraisal."""

    gross: Decimal
    orders: int = 0
    late: int = 0
    denied: Mapping[int, Decimal] | None = None
    upheld: tuple[int, ...] = ()
    score: Decimal | None = None
    band_percent: Decimal | None = None


def each_order(facts: Facts, values: Mapping) -> Deduction | None:
    """So many times the amount of each order that the person denied."""
    denied = facts.denied or {}
    if not denied:
        return None
    times = Decimal(str(values["times"]))
    amount = sum((cents(one * times) for one in denied.values()), Decimal(0))
    return Deduction("", cents(amount), f"{sum(denied.values())} × {times:g}", tuple(sorted(denied)))


def each(facts: Facts, values: Mapping) -> Deduction | None:
    """So many yuan for each complaint upheld."""
    if not facts.upheld:
        return None
    yuan = Decimal(str(values["yuan"]))
    return Deduction("", cents(yuan * len(facts.upheld)), f"{len(facts.upheld)} × {yuan:g}", facts.upheld)


def share(facts: Facts, values: Mapping) -> Deduction | None:
    """So many per cent of the month for each point of the share beyond what is free, up to a ceiling."""
    if not facts.orders:
        return None
    percent = Decimal(facts.late) * 100 / facts.orders
    over = percent - Decimal(str(values["free_percent"]))
    if over <= 0:
        return None
    off = min(over * Decimal(str(values["percent_a_point"])), Decimal(str(values["most_percent"])))
    words = f"{facts.late}/{facts.orders} ＝ {percent:.1f}%，{facts.gross} × {off:.2f}%"
    return Deduction("", cents(facts.gross * off / 100), words)


def band(facts: Facts, values: Mapping) -> Deduction | None:
    """The appraisal's percentage of the month."""
    if not facts.band_percent:
        return None
    return Deduction(
        "", cents(facts.gross * facts.band_percent / 100), f"{facts.gross} × {facts.band_percent:g}%（{facts.score}）"
    )


HOW = {"each_order": each_order, "each": each, "share": share, "band": band}
VALUES = {
    "each_order": {"times"},
    "each": {"yuan"},
    "share": {"free_percent", "percent_a_point", "most_percent"},
    "band": set(),
}


def deductions(facts: Facts, rules: Iterable[tuple[str, str, Mapping]]) -> list[Deduction]:
    """`rules`: (id, how, values). What each takes off; together never more than the month brought in."""
    out: list[Deduction] = []
    left = facts.gross
    for name, how, values in rules:
        one = HOW[how](facts, values)
        if one is None:
            continue
        amount = min(one.amount, left)
        left -= amount
        out.append(Deduction(name, amount, one.words, one.orders))
    return out


def settled(lines: Sequence[Line], off: Sequence[Deduction]) -> Total:
    """The month in one row."""
    gross = sum((line.amount for line in lines), Decimal("0.00"))
    deducted = sum((one.amount for one in off), Decimal("0.00"))
    return Total(
        len(lines), len({line.person for line in lines}), cents(gross), cents(deducted), cents(gross - deducted)
    )


def band_of(score: Decimal, rows: Sequence[Mapping]) -> Mapping:
    """The row of bands that holds a score; the table has no gap and no overlap (checked when the definition is read)."""
    for row in rows:
        found = read_band(row["range"])
        if found is not None and holds(found, float(score)):
            return row
    raise ValueError(f"no band holds {score}")


def signed(agreed: int, needed: int, named: int) -> str:
    """ "full" once N of M agreed, "waiting" before, "impossible" when fewer are named than must sign."""
    if named < needed:
        return "impossible"
    return "full" if agreed >= needed else "waiting"
