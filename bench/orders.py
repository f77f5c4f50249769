"""Twenty desks and two hundred care workers at once over HTTP: no order in two hands, no step lost, audit = history.

    python -m bench.orders [--desks 20] [--workers 200] [--seconds 60] [--var var/bench]

Desks take calls and dispatch whatever waits, all from one list, so that several click on the same order; each provider's manager
accepts on a board that refreshes itself; workers begin and finish what is theirs from the telephone page. Then the database is asked
what happened, twice: by its rows and by replaying the audit chain, which is verified first. Throughput is steps that were answered
(each with its page, session, access, refusals and audit), against transactions of pgbench's own TPC-B-like script on the same
cluster and machine.
"""

import argparse
import http.client
import json
import os
import random
import re
import subprocess
import sys
import threading
import time as clock
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

from bench.contacts import program
from bench.ground import ROOT, Ground, ground, say
from bench.results import Result
from bench.site import serving

DATABASE = "bench_orders"
SINCE = date(2024, 1, 1)
ZONE = ZoneInfo("Asia/Shanghai")
TEAM = 20  # workers of one provider
CSRF = "b" * 32
WEEK = {day: (time(0, 0), time(23, 59)) for day in range(7)}
EVERY_S = 10  # how often whoever has nothing to do looks again: as often as the board refreshes itself


@dataclass
class World:
    """Cookies of desks, providers' managers and workers (with the account's number), and the people who call."""

    desks: list[str]
    managers: list[str]
    workers: list[tuple[str, int]]
    people: list[str]


@dataclass
class Tally:
    """What was answered: steps by verb, stale clicks refused, pages and parcels in all, anything that should not be."""

    steps: Counter = field(default_factory=Counter)
    answers: int = 0
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str) -> None:
        with self.lock:
            self.steps[name] += 1

    def fault(self, text: str) -> None:
        with self.lock:
            self.wrong.append(text[:200])


def fill(found: Ground, desks: int, workers: int) -> World:
    """A county of its own in a database of its own: places, people, providers and accounts through the product's verbs."""
    found.copy(DATABASE)
    found.use(DATABASE)
    from songhe.care.services import actions
    from songhe.core.acting import everywhere
    from songhe.registry.people.models import Person
    from songhe.registry.places.actions import put_places
    from songhe.registry.places.models import Place

    os.environ["SONGHE_MFA_FROM"] = ""
    with everywhere():
        codes = ["130000", "130682", "130682001", *(f"130682001{n:03d}" for n in range(1, 11))]
        put_places([{"code": code, "name": f"虚构{code}"} for code in codes], source="bench", source_date=SINCE)
        places = {place.code: place for place in Place.objects.all()}
        actions.sync_catalogues(by=None)
        villages = [places[code] for code in codes[3:]]
        people = [
            Person(name=f"虚构{n}", name_sort=f"{n:06d}", search="", sex="f", birth=date(1944, 1, 1), **villages[n % 10].areas())
            for n in range(max(200, 4 * workers))
        ]  # fmt: skip
        Person.objects.bulk_create(people)
        county = places["130682"]
        teams = [_provider(n, county) for n in range(max(2, workers // TEAM))]
        staff = [_worker(n, teams[n % len(teams)], villages[n % 10], county) for n in range(workers)]
        callers = [_post(f"desk-{n}", "dispatcher", county) for n in range(desks)]
        managers = [_manager(n, team, county) for n, team in enumerate(teams)]
        return World(
            [_cookie(u) for u in callers], [_cookie(u) for u in managers], [(_cookie(u), u.pk) for u in staff],
            [str(p.uid) for p in people],
        )  # fmt: skip


def _provider(n: int, county):
    from songhe.care.services import actions
    from songhe.registry.facilities.models import Organisation

    firm = Organisation.objects.create(name=f"虚构服务{n}", credit_code=f"99999999{n:010d}", kind="company")
    return actions.enrol_provider(
        by=None, post=None, organisation=firm, kinds=["cleaning", "bath", "personal_care"], areas=[county],
        daily_capacity=9999, valid_from=SINCE,
    )  # fmt: skip


def _manager(n: int, provider, county):
    from songhe.care.services import actions

    user = _post(f"manager-{n}", "operator", county)
    actions.seat(by=None, post=None, provider=provider, user=user, valid_from=SINCE)
    return user


def _worker(n: int, provider, village, county):
    from songhe.care.services import actions

    user = _post(f"worker-{n}", "care_worker", county)
    worker = actions.enrol_worker(
        by=None, post=None, provider=provider, name=f"护理{n}", sex="f", place=village, daily_minutes=1440,
        valid_from=SINCE, user=user,
    )  # fmt: skip
    actions.set_shifts(by=None, post=None, worker=worker, week=WEEK, valid_from=SINCE)
    for kind in ("care_worker", "bath_aide"):
        actions.certify(by=None, post=None, worker=worker, kind=kind, valid_from=SINCE)
    return user


def _post(name: str, role: str, place):
    from songhe.registry.accounts.models import Post, User

    user = User.objects.create(username=name, name=name)
    Post.objects.create(user=user, role=role, place=place, valid_from=SINCE)
    return user


def _cookie(user) -> str:
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={CSRF}"


# at work -----------------------------------------------------------------------------------------------------------------


class Browser:
    """One signed-in browser on one kept connection."""

    def __init__(self, port: int, cookie: str, tally: Tally):
        self.link, self.cookie, self.tally = http.client.HTTPConnection("127.0.0.1", port, timeout=120), cookie, tally

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path, None)

    def post(self, path: str, **given) -> tuple[int, str]:
        """(status, where it leads) for 302, else (status, the page)."""
        return self._ask("POST", path, urlencode(given | {"csrfmiddlewaretoken": CSRF}, doseq=True))

    def send(self, path: str, body: dict) -> tuple[int, str]:
        """What the telephone page sends."""
        return self._ask("POST", path, json.dumps(body), "application/json")

    def _ask(self, method: str, path: str, body, kind: str = "application/x-www-form-urlencoded") -> tuple[int, str]:
        headers = {"Cookie": self.cookie, "Content-Type": kind, "X-CSRFToken": CSRF}
        self.link.request(method, path, body=body, headers=headers)
        answer = self.link.getresponse()
        text = answer.read().decode()
        with self.tally.lock:
            self.tally.answers += 1
        return answer.status, answer.headers.get("Location", "") if answer.status == 302 else text


def desk(browser: Browser, world: World, waiting: list[int], tally: Tally, until: float, seed: int) -> None:
    """Takes a call, puts the order on everybody's list, then dispatches one that somebody else may be dispatching too."""
    rng = random.Random(seed)  # noqa: S311
    while clock.monotonic() < until:
        person = rng.choice(world.people)
        status, where = browser.post(
            f"/services/call/?person={person}", item=rng.choice(["cleaning", "nursing", "bath-home"]), quantity=1,
            channel="phone", funding="self",
        )  # fmt: skip
        if status == 302:
            tally.add("request")
            waiting.append(int(re.search(r"/orders/(\d+)/", where)[1]))
        else:
            tally.fault(f"request {status} {where[:120]}")
        if waiting:
            _dispatch(browser, rng.choice(waiting[-8:]), waiting, tally)


def _dispatch(browser: Browser, order: int, waiting: list[int], tally: Tally) -> None:
    path = f"/services/orders/{order}/"
    status, page = browser.get(path)
    offered = re.findall(r'name="dispatch-choice" value="([\d:,]+)"', page)
    if status != 200 or not offered:
        return
    status, _page = browser.post(path, do="dispatch", expect="waiting", **{"dispatch-choice": random.choice(offered)})  # noqa: S311
    if status == 302:
        tally.add("dispatch")
        while order in waiting:
            waiting.remove(order)
    elif status == 422:
        tally.add("refused")  # somebody was faster, or the crew was taken meanwhile
    else:
        tally.fault(f"dispatch {status}")


def manager(browser: Browser, tally: Tally, until: float, seed: int) -> None:
    """Accepts what was sent to this provider, at most five orders a look at the board."""
    _late(seed)
    while clock.monotonic() < until:
        status, page = browser.get("/services/orders/?state=dispatched")
        if status != 200:
            tally.fault(f"orders {status}")
            return
        for order in list(dict.fromkeys(re.findall(r"/services/orders/(\d+)/", page)))[:5]:
            status, _page = browser.post(f"/services/orders/{order}/", do="accept", expect="dispatched")
            tally.add("accept" if status == 302 else "refused") if status in (302, 422) else tally.fault(
                f"accept {status}"
            )
        _rest(until)


def worker(browser: Browser, user: int, tally: Tally, until: float, seed: int) -> None:
    """Begins and finishes what is theirs, from the telephone's list and by its parcels."""
    _late(seed)
    while clock.monotonic() < until:
        status, page = browser.get("/field/list/")
        if status != 200:
            tally.fault(f"list {status}")
            return
        mine = [
            order for order in json.loads(page)["orders"] if "finish" not in order["stamps"]
        ]  # the other carer is not done yet
        for order in mine[:3]:
            _stamp(browser, user, order, tally)
        if not mine:
            _rest(until)


def _stamp(browser: Browser, user: int, order: dict, tally: Tally) -> None:
    step = "finish" if order["stamps"] else "start"
    body = {
        "order": order["id"],
        "step": step,
        "occurred_at": datetime.now(ZONE).isoformat(),
        "device": f"bench-{user}",
    }
    row = {"uuid": str(uuid4()), "kind": "delivery", "post": order["post"], "body": body}
    status, told = browser.send("/field/sync/", {"owner": user, "rows": [row]})
    answer = json.loads(told)["rows"][0] if status == 200 else {"result": "", "zh": told[:120]}
    why = f"{step} of order {order['id']} with {sorted(order['stamps'])}: {status} {answer['result']}"
    kept = answer["result"] == "kept"
    tally.add(f"{step} of a carer") if kept else tally.fault(f"{why} {answer.get('code', '')} {answer.get('zh', '')}")


def _late(seed: int) -> None:
    """Not everybody in the same second."""
    clock.sleep(random.Random(seed).random() * EVERY_S)  # noqa: S311


def _rest(until: float) -> None:
    clock.sleep(min(EVERY_S, max(0.0, until - clock.monotonic())))


def at_work(port: int, world: World, seconds: float) -> tuple[Tally, float]:
    """Everybody at once for so long; (what was answered, steps a second)."""
    tally, waiting = Tally(), []
    until = clock.monotonic() + seconds
    jobs = [
        *(
            lambda c=c, n=n: desk(Browser(port, c, tally), world, waiting, tally, until, n)
            for n, c in enumerate(world.desks)
        ),
        *(lambda c=c, n=n: manager(Browser(port, c, tally), tally, until, n) for n, c in enumerate(world.managers)),
        *(lambda c=c, u=u: worker(Browser(port, c, tally), u, tally, until, u) for c, u in world.workers),
    ]
    threads = [threading.Thread(target=_guarded, args=(job, tally)) for job in jobs]
    started = clock.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 300)
    done = sum(count for name, count in tally.steps.items() if name != "refused")
    return tally, done / (clock.monotonic() - started)


def _guarded(job, tally: Tally) -> None:
    try:
        job()
    except Exception as error:
        tally.fault(f"{type(error).__name__}: {error}")


# what happened -----------------------------------------------------------------------------------------------------------

CHECKS = {
    "orders held twice": "SELECT count(*) FROM (SELECT order_id FROM services_dispatch WHERE ended_at IS NULL GROUP BY 1 HAVING count(*) > 1) x",
    "workers in two places": "SELECT count(*) FROM services_crew a JOIN services_crew b ON a.worker_id = b.worker_id AND a.id < b.id AND a.live AND b.live AND a.during && b.during",
    "crews not whole": "SELECT count(*) FROM services_order o JOIN services_dispatch d ON d.order_id = o.id AND d.ended_at IS NULL WHERE o.carers <> (SELECT count(*) FROM services_crew c WHERE c.dispatch_id = d.id AND c.live)",
    "states that are not the last step": "SELECT count(*) FROM services_order o WHERE o.state <> (SELECT s.to_state FROM services_step s WHERE s.order_id = o.id ORDER BY s.id DESC LIMIT 1)",
    "histories with a gap": "SELECT count(*) FROM (SELECT from_state, coalesce(lag(to_state) OVER (PARTITION BY order_id ORDER BY id), '') AS before FROM services_step) x WHERE from_state <> before",
    "orders begun or done without their carers' stamps": """
        SELECT count(*) FROM services_order o WHERE (o.state IN ('serving', 'done'), o.state = 'done') IS DISTINCT FROM (
            EXISTS (SELECT 1 FROM evidence_stamp s WHERE s.order_id = o.id AND s.kind = 'start'),
            o.carers = (SELECT count(*) FROM evidence_stamp s WHERE s.order_id = o.id AND s.kind = 'finish'))""",
    "orders whose audit says otherwise": """
        SELECT count(*) FROM services_order o
        WHERE (SELECT array_agg(s.to_state::text ORDER BY s.id) FROM services_step s WHERE s.order_id = o.id)
              IS DISTINCT FROM
              (SELECT array_agg(a.detail ->> 'state' ORDER BY a.id) FROM core_audit a
               WHERE a.subject = 'order' AND a.subject_id = o.id AND a.detail ? 'state')""",
}  # fmt: skip


AUDIT = """SELECT subject_id, verb, detail FROM core_audit WHERE subject = 'order' AND detail ? 'state' ORDER BY id"""


def checked(found: Ground) -> dict[str, int]:
    """{what must not be: how often it is}, from the rows and by replaying the audit."""
    from songhe.core import audit

    with found.owner(DATABASE) as link:
        told = {name: link.execute(query).fetchone()[0] for name, query in CHECKS.items()}
        rows = link.execute(AUDIT).fetchall()
        stands = dict(link.execute("SELECT id, state FROM services_order").fetchall())
        holds = dict(link.execute("SELECT order_id, id FROM services_dispatch WHERE ended_at IS NULL").fetchall())
    found.use(DATABASE)
    told["links of the audit chain broken"] = len(audit.verify(using="owner").broken)
    return told | replayed(rows, stands, holds)


def replayed(rows: list[tuple], stands: dict[int, str], holds: dict[int, int]) -> dict[str, int]:
    """The audit walked from the first row: who holds an order after each, and how it ends. Rows: (order, verb, detail)."""
    state: dict[int, str] = {}
    holder: dict[int, int] = {}
    twice = 0
    for order, verb, detail in rows:
        state[order] = detail["state"]
        if verb == "services.dispatch":
            twice += order in holder
            holder[order] = detail["dispatch"]
        elif detail["state"] in ("returned", "cancelled"):
            holder.pop(order, None)
        elif order in holder and detail.get("dispatch") not in (None, holder[order]):
            twice += 1  # somebody serves who does not hold it
    return {
        "replay: two hands on an order": twice,
        "replay: another state than the row's": sum(state.get(pk) != now for pk, now in stands.items()),
        "replay: another holder than the row's": sum(holder.get(pk) != holds.get(pk) for pk in stands),
    }


def lost(found: Ground, tally: Tally) -> int:
    """Steps that were answered and are not in the database."""
    names = {"request": "waiting", "dispatch": "dispatched", "accept": "accepted"}
    stamps = {"start of a carer": "start", "finish of a carer": "finish"}
    with found.owner(DATABASE) as link:
        kept = dict(link.execute("SELECT to_state, count(*) FROM services_step GROUP BY 1").fetchall())
        kept |= dict(link.execute("SELECT kind, count(*) FROM evidence_stamp GROUP BY 1").fetchall())
    return sum(max(0, tally.steps[verb] - kept.get(state, 0)) for verb, state in (names | stamps).items())


def pgbench(found: Ground, clients: int, seconds: float) -> float:
    """Transactions a second of pgbench's own script on this cluster, on a database of its own."""
    tool = program()
    if tool is None:
        return float("nan")
    found.copy("bench_tpcb")
    with found.owner("bench_tpcb", autocommit=True) as link:
        link.execute("CREATE SCHEMA IF NOT EXISTS public")
        role = found.app("bench_tpcb")["PGUSER"]
        link.execute(f'GRANT CREATE ON SCHEMA public TO "{role}"')
    env = os.environ | found.app("bench_tpcb")
    subprocess.run([tool, "-i", "-q", "-s", "10"], env=env, check=True, capture_output=True)
    words = [tool, "-n", "-c", str(clients), "-j", "2", "-T", str(max(1, round(seconds)))]
    done = subprocess.run(words, env=env, check=True, capture_output=True, text=True)
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def run(found: Ground, *, desks: int, workers: int, seconds: float) -> dict:
    """The whole run; `faults` is empty and every check 0 when all is well."""
    say(f"orders: filling for {desks} desks and {workers} workers …")
    world = fill(found, desks, workers)
    with serving(found, threads=16) as port:
        say(f"orders: at work for {seconds:g} s …")
        tally, rate = at_work(port, world, seconds)
    plain = pgbench(found, desks, min(seconds, 10))
    return {
        "steps": dict(tally.steps), "answers": tally.answers, "steps_per_s": round(rate, 2), "pgbench_tps": round(plain, 1),
        "ratio": round(rate / plain, 4), "lost": lost(found, tally), "checks": checked(found),
        "faults": tally.wrong[:20], "desks": desks, "workers": workers, "seconds": seconds,
    }  # fmt: skip


def wrong(told: dict) -> list[str]:
    """What a run must not show: steps lost, anything counted by a check, an answer that should not be, nothing done."""
    out = [name for name, count in told["checks"].items() if count] + list(told["faults"])
    out += ["steps lost"] if told["lost"] else []
    idle = [
        verb
        for verb in ("request", "dispatch", "accept", "start of a carer", "finish of a carer")
        if not told["steps"].get(verb)
    ]
    return out + [f"no {verb} in {told['seconds']:g} s" for verb in idle if told["seconds"] >= 30]


def measure(found: Ground, *, seconds: float, desks: int = 20, workers: int = 200) -> list[Result]:
    """One line: steps a second of everybody at once. Raises RuntimeError when an order was lost or held twice."""
    told = run(found, desks=desks, workers=workers, seconds=seconds)
    if bad := wrong(told):
        raise RuntimeError(f"orders: {'; '.join(bad)}")
    against = f"pgbench TPC-B-like, {desks} clients"
    note = f"{desks} desks, {workers} workers, {seconds:g} s; {told['steps'].get('refused', 0)} late clicks refused"
    return [Result("orders", told["steps_per_s"], told["pgbench_tps"], "steps/s", 1, against, note=note)]


def main(words: list[str] | None = None) -> int:
    """JSON on stdout; 0 when nothing was lost, nothing held twice and nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.orders", description=__doc__)
    parser.add_argument("--desks", type=int, default=20)
    parser.add_argument("--workers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--var", type=Path, default=ROOT / "var" / "bench")
    asked = parser.parse_args(words)
    with ground(asked.var) as found:
        told = run(found, desks=asked.desks, workers=asked.workers, seconds=asked.seconds)
    print(json.dumps(told, ensure_ascii=False, indent=1))
    for each in wrong(told):
        say(f"orders: {each}")
    return 1 if wrong(told) else 0


if __name__ == "__main__":
    sys.exit(main())
