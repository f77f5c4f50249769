"""Independent check of a solution against its instance: reads both JSON documents itself and shares no code with the solver.

Every rule is stated here again in the plainest way, so that a mistake in the solver cannot hide in a shared function.
"""

EPS = 1e-6


def _read_carers(data):
    offices = (
        data.get("central_offices") or data.get("departing_points") or data.get("terminal_points") or [{"id": "d"}]
    )
    index = {str(o["id"]): int(o.get("distance_matrix_index", i)) for i, o in enumerate(offices)}
    carers = {}
    for c in data["caregivers"]:
        base = c.get("departing_point") or c.get("starting_point_id")
        carers[str(c["id"])] = {**c, "at": index.get(base, 0) if base else int(c.get("distance_matrix_index", 0))}
    return carers, len(offices)


def _read_people(data, offices):
    usual = {s["id"]: s.get("default_duration") for s in data.get("services", [])}
    people = {}
    for i, p in enumerate(data["patients"]):
        needs = {}
        for r in p.get("required_caregivers") or p.get("required_services"):
            needs[r["service"]] = usual[r["service"]] if r.get("duration") is None else r["duration"]
        order = [r["service"] for r in p.get("required_caregivers") or p.get("required_services")]
        people[str(p["id"])] = {
            **p,
            "at": int(p.get("distance_matrix_index", offices + i)),
            "needs": needs,
            "order": order,
        }
    return people


def _rest_fits(rest, stops, travel):
    """Whether a break of the asked length fits between stops; stops are (start, end), travel[i] leads to stop i."""
    first, last = rest["window"]
    free = stops[0][0] - travel[0] if stops else 0
    if not stops or stops[-1][1] <= last + EPS:
        return True
    for (_, end), (start, _), way in zip([(0, min(free, 0)), *stops], stops, travel, strict=False):
        begins = max(end, first)
        if begins <= last + EPS and begins + rest["duration"] + way <= start + EPS:
            return True
    return False


def check(instance: dict, solution: dict) -> dict:
    """-> {feasible, cost, distance, total_tardiness, max_tardiness, violations: [{rule, where, zh, en}]}."""
    carers, offices = _read_carers(instance)
    people = _read_people(instance, offices)
    way = instance["distances"]
    broken = []

    def fail(rule, where, zh, en):
        broken.append({"rule": rule, "where": where, "zh": zh, "en": en})

    done, distance, tardy, seen = {}, 0.0, {}, set()
    for route in solution["routes"]:
        who = str(route.get("caregiver_id", route.get("caregiver")))
        if who not in carers or who in seen:
            fail("carer", who, "护理员不存在或重复。", "Unknown or repeated carer.")
            continue
        seen.add(who)
        carer = carers[who]
        shift = carer.get("working_shift") or [0, float("inf")]
        at, free, stops, travel = carer["at"], float(shift[0]), [], []
        for stop in route["locations"]:
            pid = str(stop.get("patient_id", stop.get("patient")))
            service = stop.get("service_id", stop.get("service"))
            start, end = stop["arrival_time"], stop["departure_time"]
            where = f"{who}:{pid}:{service}"
            if pid not in people or service not in people[pid]["needs"]:
                fail("visit", where, "没有这个服务对象或这项服务。", "No such person or service.")
                continue
            p = people[pid]
            if service not in carer["abilities"]:
                fail("skill", where, "护理员不具备该技能。", "The carer lacks the skill.")
            if who in (p.get("incompatible_caregivers") or ()):
                fail("refused", where, "本人已谢绝该护理员。", "The person refuses this carer.")
            if (pid, service) in done:
                fail("twice", where, "同一项服务安排了两次。", "The service is planned twice.")
            done[pid, service] = (start, who)
            step = way[at][p["at"]]
            distance += step
            opens, shuts = p.get("time_window") or (0, float("inf"))
            if start < opens - EPS:
                fail("early", where, "早于时间窗。", "Starts before the window opens.")
            if start < free + step - EPS:
                fail("travel", where, "赶不到。", "The carer cannot be there yet.")
            if end < start + p["needs"][service] - EPS:
                fail("duration", where, "服务时长不足。", "The service is cut short.")
            tardy[pid, service] = max(0.0, start - shuts)
            stops.append((start, end))
            travel.append(step)
            at, free = p["at"], end
        if stops:
            home = way[at][carer["at"]]
            distance += home
            if free + home > shift[1] + EPS:
                fail("shift", who, "超过下班时间。", "Back after the end of the shift.")
            if carer.get("break") and not _rest_fits(carer["break"], stops, travel):
                fail("rest", who, "没有留出休息。", "No room for the break.")
    for pid, p in people.items():
        missing = [s for s in p["order"] if (pid, s) not in done]
        for s in missing:
            fail("missing", f"{pid}:{s}", "服务没有安排。", "The service is not planned.")
        if missing or len(p["order"]) != 2:
            continue
        (first, a), (second, b) = (done[pid, s] for s in p["order"])
        link = p["synchronization"]
        if a == b:
            fail("two_carers", pid, "两项服务应由两个人做。", "Two different carers are needed.")
        if link["type"] == "simultaneous" and abs(first - second) > EPS:
            fail("together", pid, "两人没有同时开始。", "The two do not start together.")
        if link["type"] == "sequential":
            least, most = link["distance"]
            if not least - EPS <= second - first <= most + EPS:
                fail("gap", pid, "先后间隔不在范围内。", "The gap between the two is out of range.")
    total, worst = sum(tardy.values()), max(tardy.values(), default=0.0)
    return {
        "feasible": not broken,
        "cost": (distance + total + worst) / 3,
        "distance": distance,
        "total_tardiness": total,
        "max_tardiness": worst,
        "violations": broken,
    }
