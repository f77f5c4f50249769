"""What makes a week impossible or meaningless to plan, found before anything is planned."""

from collections import Counter

from songhe.insight.planning.reasons import Reason
from songhe.insight.planning.weekly.model import DAYS


def refusals(people, helpers, duties, pins, forbids, urgent) -> list[Reason]:
    """What makes the request impossible or meaningless, before anything is planned."""
    found = []
    known, staff = {p.id for p in people}, {h.id: h for h in helpers}
    for what, ids in (("人员", [p.id for p in people]), ("帮扶人员", [h.id for h in helpers])):
        found += [
            Reason("duplicate_id", i, f"{what}编号 {i} 重复。", f"The id {i} is used twice.")
            for i, times in Counter(ids).items()
            if times > 1
        ]
    for h in helpers:
        if len(h.minutes) != DAYS or min(h.minutes, default=0) < 0:
            found.append(
                Reason(
                    "helper_minutes",
                    h.id,
                    "每周七天的可用分钟数不对。",
                    "Seven daily minutes, none negative, are needed.",
                )
            )
    for d in duties:
        if d.person not in known:
            found.append(Reason("unknown_person", d.person, "名册中没有这个人。", "Nobody of this id is on the list."))
    for pin in pins:
        if pin.person not in known or (pin.helper is not None and pin.helper not in staff):
            found.append(
                Reason("pin_unknown", pin.person, "指定的人员不存在。", "The pinned person or helper does not exist.")
            )
        elif pin.helper is not None and pin.day is not None and staff[pin.helper].minutes[pin.day] <= 0:
            found.append(
                Reason(
                    "pin_day_off",
                    pin.person,
                    f"{pin.helper} 这一天休息,请改日或换人。",
                    f"{pin.helper} is off that day; choose another.",
                )
            )
        elif any(f.person == pin.person and f.helper == pin.helper for f in forbids):
            found.append(
                Reason(
                    "pin_forbidden", pin.person, "同一人既被指定又被回避。", "The same helper is pinned and forbidden."
                )
            )
    found += [
        Reason("unknown_person", u.person, "名册中没有这个人。", "Nobody of this id is on the list.")
        for u in urgent
        if u.person not in known
    ]
    return found
