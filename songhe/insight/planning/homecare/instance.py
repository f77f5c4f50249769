"""A day of home service rounds: people to serve, carers, distances. Plain data, read from the benchmark's JSON.

Times and distances are in one unit (minutes in the benchmark). ``distances[i][j]`` is from place i to place j; without
explicit indices place 0.. are the bases in their order, then the people in theirs.

Example::

    rounds = read_rounds(json.load(open("toy.json")))
    rounds.recipients[3].gap  # (0, 0): both carers start at once
"""

from dataclasses import dataclass

import numpy as np

SINGLE, TOGETHER, AFTER = "single", "simultaneous", "sequential"


@dataclass(frozen=True)
class Service:
    """One visit a person needs: the skill, and how long it takes."""

    skill: str
    duration: float


@dataclass(frozen=True)
class Recipient:
    """A person to be served. ``window`` is when each service may start; starting after its end is tardy, not forbidden.

    ``kind`` couples two services: both at once, or the second ``gap`` = (least, most) after the start of the first.
    """

    id: str
    place: int
    window: tuple[float, float]
    services: tuple[Service, ...]
    kind: str = SINGLE
    gap: tuple[float, float] = (0.0, 0.0)
    refuses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rest:
    """A break of ``length`` that must start within ``earliest..latest``, wherever the carer is, unless work ends before."""

    earliest: float
    latest: float
    length: float


@dataclass(frozen=True)
class Carer:
    id: str
    skills: frozenset[str]
    base: int = 0
    shift: tuple[float, float] | None = None
    rest: Rest | None = None


@dataclass(frozen=True)
class Rounds:
    name: str
    recipients: tuple[Recipient, ...]
    carers: tuple[Carer, ...]
    distances: np.ndarray


def _window(record, far):
    window = record.get("time_window")
    return (float(window[0]), float(window[1])) if window else (0.0, far)


def _recipient(record, place, durations, far):
    needs = record.get("required_caregivers") or record.get("required_services") or []
    services = []
    for need in needs:
        length = need.get("duration")
        if length is None:
            length = durations.get(need["service"], 0)
        services.append(Service(need["service"], float(length)))
    together = record.get("synchronization") or {}
    kind = together.get("type", SINGLE) if len(services) > 1 else SINGLE
    gap = tuple(float(x) for x in together.get("distance") or (0, 0)) if kind == AFTER else (0.0, 0.0)
    return Recipient(
        id=str(record["id"]),
        place=int(record.get("distance_matrix_index", place)),
        window=_window(record, far),
        services=tuple(services),
        kind=kind,
        gap=gap,
        refuses=frozenset(record.get("incompatible_caregivers") or ()),
    )


def _carer(record, bases):
    shift = record.get("working_shift")
    rest = record.get("break")
    base = record.get("departing_point") or record.get("starting_point_id")
    return Carer(
        id=str(record["id"]),
        skills=frozenset(record.get("abilities") or ()),
        base=bases.get(base, 0) if base else int(record.get("distance_matrix_index", 0)),
        shift=(float(shift[0]), float(shift[1])) if shift else None,
        rest=Rest(float(rest["window"][0]), float(rest["window"][1]), float(rest["duration"])) if rest else None,
    )


def read_rounds(data: dict, name: str = "") -> Rounds:
    """Benchmark JSON (older and newer key names) -> Rounds. Raises KeyError or ValueError when a field is missing."""
    offices = (
        data.get("central_offices") or data.get("departing_points") or data.get("terminal_points") or [{"id": "d"}]
    )
    bases = {str(o["id"]): int(o.get("distance_matrix_index", i)) for i, o in enumerate(offices)}
    durations = {s["id"]: s.get("default_duration") or 0 for s in data.get("services", [])}
    far = max([60 * 24.0, *(float(p["time_window"][1]) for p in data["patients"] if p.get("time_window"))])
    recipients = [_recipient(p, len(offices) + i, durations, far) for i, p in enumerate(data["patients"])]
    return Rounds(
        name=name or str(data.get("name", "")),
        recipients=tuple(recipients),
        carers=tuple(_carer(c, bases) for c in data["caregivers"]),
        distances=np.array(data["distances"], dtype=float),
    )
