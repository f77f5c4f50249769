"""An invented month of carers' days in which it is known who cheated how: a plan in plain data, carried out by `simulate`.

plan(carers=6, days=8, seed=1) -> [Visit(day=0, carer=0, turn=0, …, planted=()), …]   `planted`: rules that must speak up

Every planted pattern has honest neighbours that come close to its line without crossing it: three minutes of overlap, the
very least of minutes, a fast road.
"""

from dataclasses import dataclass, replace

import numpy as np

TURNS = (8 * 60, 10 * 60 + 30, 13 * 60, 15 * 60 + 30)  # minutes after midnight
PATTERNS = (
    "overlap",
    "travel",
    "too_short",
    "long_day",
    "unlocated",
    "incomplete",
    "photo_reused",
    "late_entry",
    "one_device",
)
NEAR = ("near_overlap", "near_travel", "near_short", "coded")
LONG = 175  # minutes: four of them make more than ten hours


@dataclass(frozen=True)
class Visit:
    """One carer's part of one order as it will be reported. Times in minutes after midnight of `day` (counted from 0).

    `service`: plain, pictured (asks for a photograph) or qualified. `km`: how far east of the carer's own corner.
    `photo` numbers a picture, `device` a telephone; `late` hours until it reached the server. `kept`: never called off, because
    another one of that day is planted beside it.
    """

    day: int
    carer: int
    turn: int
    planned: int
    begins: float
    lasts: float
    service: str = "plain"
    km: float = 0.0
    located: bool = True
    signed: bool = True
    coded: bool = False
    photo: int = 0
    device: int = 0
    late: float = 0.0
    lapsed: bool = False
    kept: bool = False
    planted: tuple[str, ...] = ()


def plan(*, carers: int, days: int, seed: int, least: dict[str, int]) -> list[Visit]:
    """Every carer's every day; each day has a pattern, a near miss or nothing special. `least`: minutes by service."""
    out: list[Visit] = []
    for day in range(days):
        for carer in range(carers):
            rng = np.random.Generator(np.random.Philox(key=[seed, day * 1000 + carer]))
            number = day * carers + carer
            rows = _ordinary(day, carer, rng, least)
            if number % 2 == 0:
                rows = _PATTERNS[PATTERNS[number // 2 % len(PATTERNS)]](rows, least)
                rows = [replace(row, kept=True) for row in rows]
            elif number % 4 == 1:
                rows = _PATTERNS[NEAR[number // 4 % len(NEAR)]](rows, least)
            out += rows
    return _many_on_one(_lapsed(out, days, carers, least))


def _ordinary(day: int, carer: int, rng: np.random.Generator, least: dict[str, int]) -> list[Visit]:
    rows = []
    for turn, planned in enumerate(TURNS[: 3 + int(rng.integers(0, 2))]):
        service = "pictured" if turn == 2 else "plain"
        rows.append(
            Visit(
                day, carer, turn, planned, planned + float(rng.integers(0, 12)), least[service] + float(rng.integers(1, 9)),
                service=service, km=float(rng.uniform(0, 1.5)), device=carer + 1, photo=day * 100000 + carer * 100 + turn + 1,
                late=float(rng.uniform(0, 0.2)),
            )
        )  # fmt: skip
    return rows


def _with(rows: list[Visit], at: int, *rules: str, **changes) -> list[Visit]:
    rows = list(rows)
    rows[at] = replace(rows[at], **changes, planted=(*rows[at].planted, *rules))
    return rows


def _overlap(rows, least):
    end = rows[0].begins + rows[0].lasts
    return _with(_with(rows, 1, "overlap", begins=end - 20), 0, "overlap")


def _near_overlap(rows, least):
    return _with(rows, 1, begins=rows[0].begins + rows[0].lasts - 3, km=rows[0].km)


def _travel(rows, least):
    return _with(_with(rows, 1, "travel", begins=rows[0].begins + rows[0].lasts + 20, km=60.0), 2, km=0.5)


def _near_travel(rows, least):
    return _with(_with(rows, 1, begins=rows[0].begins + rows[0].lasts + 30, km=25.0), 2, km=0.5)


def _too_short(rows, least):
    return _with(rows, 1, "too_short", lasts=max(5.0, least[rows[1].service] * 0.5))


def _near_short(rows, least):
    return _with(rows, 1, lasts=least[rows[1].service] - 1.0)


def _long_day(rows, least):
    out, clock = [], 7 * 60.0
    for row in (rows * 2)[:4]:
        at = len(out)
        planted = ("long_day",) if at == 3 else ()
        out.append(
            replace(
                row, turn=at, planned=int(clock), begins=clock, lasts=float(LONG), planted=planted, photo=row.photo + at
            )
        )
        clock += LONG + 15
    return out


def _unlocated(rows, least):
    return _with(rows, 0, "unlocated", located=False)


def _coded(rows, least):
    return _with(rows, 0, "unlocated", located=False, coded=True, signed=False)


def _incomplete(rows, least):
    return _with(rows, 0, "incomplete", signed=False)


def _photo_reused(rows, least):
    """The picture of an earlier order of the same day's neighbour: an odd number means a copy (`simulate.picture`)."""
    return _with(rows, 2, "photo_reused", photo=-rows[2].photo)


def _late_entry(rows, least):
    return _with(rows, 1, "late_entry", late=40.0)


def _one_device(rows, least):
    return [replace(row, planted=(*row.planted, "one_device")) for row in rows]


_PATTERNS = {
    "overlap": _overlap, "near_overlap": _near_overlap, "travel": _travel, "near_travel": _near_travel,
    "too_short": _too_short, "near_short": _near_short, "long_day": _long_day, "unlocated": _unlocated, "coded": _coded,
    "incomplete": _incomplete, "photo_reused": _photo_reused, "late_entry": _late_entry, "one_device": _one_device,
}  # fmt: skip


def _many_on_one(rows: list[Visit]) -> list[Visit]:
    """On a day with the pattern `one_device`, the telephone of its carer reports for two more, whose rows are planted too."""
    carers = {row.carer for row in rows}
    marked = {(row.day, row.carer) for row in rows if "one_device" in row.planted}
    shared: dict[tuple[int, int], int] = {}
    for day, carer in sorted(marked):
        free = [c for c in sorted(carers) if (day, c) not in marked and (day, c) not in shared][:2]
        shared |= {(day, other): carer + 1 for other in free}
    return [
        replace(row, device=shared[row.day, row.carer], planted=(*row.planted, "one_device"))
        if (row.day, row.carer) in shared
        else row
        for row in rows
    ]


def _lapsed(rows: list[Visit], days: int, carers: int, least: dict[str, int]) -> list[Visit]:
    """Every third day somebody whose paper ended the day before serves an order that was planned for that day."""
    extra = [
        Visit(
            day, carers + number, 0, TURNS[0], 24 * 60 + TURNS[0] + 5.0, least["qualified"] + 4.0, service="qualified",
            device=carers + number + 1, photo=day * 100000 + 90000 + number, lapsed=True, planted=("unqualified",),
        )
        for number, day in enumerate(range(0, days - 1, 3))
    ]  # fmt: skip
    return rows + extra
