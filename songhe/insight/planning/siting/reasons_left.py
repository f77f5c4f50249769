"""Who stays out of reach, and which constraint did it."""

from songhe.insight.planning.reasons import Reason


def unreached(demand, sites, reachable, served, chosen) -> list[Reason]:
    """``served[i]``: all of demand i is; ``chosen``: the open sites."""
    left = []
    for i, d in enumerate(demand):
        if served[i] or d.weight <= 0:
            continue
        if not reachable[i].any():
            left.append(
                Reason(
                    "no_site_near",
                    d.id,
                    "所有候选地点都超出规定时间,需增设候选点或改用上门、流动服务。",
                    "Every candidate site is too far; add candidates or serve this place at home.",
                )
            )
        elif reachable[i, chosen].any():
            left.append(
                Reason(
                    "no_room",
                    d.id,
                    "在规定时间内的地点都已满员,至少有一部分人排不进;增加容量或再设一处。",
                    "The sites within reach are full and leave some of its people out; enlarge one or add another.",
                )
            )
        else:
            near = sites[int(reachable[i].argmax())].id
            left.append(
                Reason(
                    "count_used_up",
                    d.id,
                    f"名额或经费已用于覆盖更多人的地点;增加一处(如 {near})即可覆盖。",
                    f"The number of sites or the money went where more people are; one more (such as {near}) would reach it.",
                )
            )
    return left
