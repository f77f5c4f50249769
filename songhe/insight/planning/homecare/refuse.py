"""What makes a day of rounds impossible, found before the solver starts. Each rule names its subject and the way out."""

from collections import Counter

import numpy as np

from songhe.insight.planning.homecare.instance import AFTER, SINGLE, TOGETHER, Rounds
from songhe.insight.planning.reasons import Reason


def _able(rounds, person, service):
    return [c for c in rounds.carers if service.skill in c.skills and c.id not in person.refuses]


def _matrix(rounds):
    d = rounds.distances
    places = [p.place for p in rounds.recipients] + [c.base for c in rounds.carers]
    if d.ndim != 2 or d.shape[0] != d.shape[1] or (places and (max(places) >= d.shape[0] or min(places) < 0)):
        yield Reason(
            "matrix_shape", rounds.name, "距离矩阵的行列数与地点数不符,请重新生成距离矩阵。",
            "The distance matrix does not have one row and one column for each place; build it again.",
        )  # fmt: skip
    elif not np.isfinite(d).all() or (d < 0).any():
        yield Reason(
            "matrix_value",
            rounds.name,
            "距离矩阵中有负数或空值,请更正。",
            "The distance matrix holds a negative or missing value.",
        )


def _names(rounds):
    for what, ids in (("服务对象", [p.id for p in rounds.recipients]), ("护理员", [c.id for c in rounds.carers])):
        for name, times in Counter(ids).items():
            if times > 1:
                yield Reason(
                    "duplicate_id", name, f"{what}编号 {name} 出现了 {times} 次,编号必须唯一。",
                    f"The id {name} is used {times} times; ids must be unique.",
                )  # fmt: skip


def _person(rounds, p):
    opens, shuts = p.window
    if not p.services:
        yield Reason("no_service", p.id, "没有写明需要什么服务。", "No service is asked for.")
    if opens > shuts:
        yield Reason(
            "window_reversed",
            p.id,
            f"时间窗起点 {opens:g} 晚于终点 {shuts:g}。",
            f"The window opens at {opens:g} after it shuts at {shuts:g}.",
        )
    if len(p.services) > 2:
        yield Reason(
            "too_many_services",
            p.id,
            "同一次最多安排两项服务,请拆成两条。",
            "At most two services at once; split the entry in two.",
        )
    if len(p.services) == 2 and p.kind not in (TOGETHER, AFTER):
        yield Reason(
            "pair_unlinked",
            p.id,
            "两项服务未写明同时还是先后。",
            "Two services, but not said whether together or one after the other.",
        )
    if p.kind == AFTER and not 0 <= p.gap[0] <= p.gap[1]:
        yield Reason(
            "gap_reversed",
            p.id,
            f"先后间隔 {p.gap[0]:g}–{p.gap[1]:g} 不成立。",
            f"The gap {p.gap[0]:g}–{p.gap[1]:g} cannot be kept.",
        )
    for s in p.services:
        if s.duration <= 0:
            yield Reason("no_duration", p.id, f"服务 {s.skill} 没有时长。", f"Service {s.skill} has no duration.")


def _carers_for(rounds, p):
    able = [_able(rounds, p, s) for s in p.services]
    for s, who in zip(p.services, able, strict=True):
        if not who:
            yield Reason(
                "no_one_with_skill", p.id, f"没有人能做 {s.skill}(或会做的人已被本人谢绝),请增派人员或取消该项。",
                f"Nobody can do {s.skill} here (or everyone who can is refused); add a carer or drop the service.",
            )  # fmt: skip
            continue
        timed = [c for c in who if c.shift]
        if len(timed) == len(who):
            first = min(c.shift[0] for c in who)
            last = max(c.shift[1] for c in who)
            if p.window[1] < first:
                yield Reason(
                    "window_before_shift", p.id, f"时间窗在 {p.window[1]:g} 结束,而最早的班次 {first:g} 才开始。",
                    f"The window shuts at {p.window[1]:g}, before the first shift starts at {first:g}.",
                )  # fmt: skip
            if max(p.window[0], first) + s.duration > last:
                yield Reason(
                    "window_after_shift", p.id, f"时间窗 {p.window[0]:g} 才开始,最晚的班次 {last:g} 前做不完。",
                    f"The window opens at {p.window[0]:g}; it cannot be done before the last shift ends at {last:g}.",
                )  # fmt: skip
    if len(able) == 2 and p.kind != SINGLE and all(able) and len({c.id for c in able[0]} | {c.id for c in able[1]}) < 2:
        yield Reason(
            "needs_two_carers",
            p.id,
            "需要两个人,而只有一个人会做。",
            "Two carers are needed and only one person has the skills.",
        )


def _carer(c):
    if c.shift and c.shift[0] >= c.shift[1]:
        yield Reason(
            "shift_reversed",
            c.id,
            f"班次起点 {c.shift[0]:g} 不早于终点 {c.shift[1]:g}。",
            f"The shift starts at {c.shift[0]:g}, not before its end.",
        )
    rest = c.rest
    if rest and (rest.earliest > rest.latest or rest.length <= 0 or (c.shift and rest.latest < c.shift[0])):
        yield Reason(
            "rest_impossible", c.id, "休息时间的起止或时长不成立。", "The break's window or length cannot be kept."
        )


def refusals(rounds: Rounds) -> list[Reason]:
    """Every reason why no plan can exist; empty when the solver may start."""
    found = [*_names(rounds), *_matrix(rounds)]
    for p in rounds.recipients:
        found += [*_person(rounds, p), *_carers_for(rounds, p)]
    for c in rounds.carers:
        found += _carer(c)
    if not rounds.recipients:
        found.append(Reason("nobody", rounds.name, "没有服务对象。", "There is nobody to serve."))
    return found
