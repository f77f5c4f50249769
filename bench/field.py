"""field: the telephone page against its own budget: what it weighs, how soon it opens on a slow phone, how fast a queue empties.

A helper with 300 people, the site as `songhe serve` starts it on an own small database, Debian's Chromium at 360 px. The
"other" of each line is the budget (issue: phone page): 150 kB, 300 kB, 1 s at a sixth of the CPU, 5 s for 300 records.
"""

import gzip
import shutil
import statistics
import tempfile
import time
import urllib.request
from datetime import date
from pathlib import Path

from bench.ground import Ground, say
from bench.results import Result
from bench.site import serving

DATABASE, PEOPLE, SLOWER = "bench_field", 300, 6
NAME, PASSWORD = "bench-helper", "Songhe-bench-field-2026"
# asking the page whether it is there yet is work of the same slow processor: nobody asks before this time
UNDISTURBED_MS = 3000
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


def measure(ground: Ground, *, rounds: int) -> list[Result]:
    """field.load, field.list (kB, gzip), field.open (ms), field.sync (s). Without Chromium the first only."""
    _village(ground)
    with serving(ground) as port:
        address = f"http://127.0.0.1:{port}"
        found = [_line("field.load", first_load(port) / 1000, 150, "kB", 1, "all files of the first load, gzip")]
        if not Path(CHROMIUM).exists():
            say("field.list, field.open, field.sync left out: Chromium is not installed")
            return found
        return found + _on_the_phone(address, rounds)


def _line(name: str, ours: float, budget: float, unit: str, n: int, note: str) -> Result:
    return Result(name, ours, budget, unit, n, "its budget", "at most", 1.0, note=note)


def first_load(port: int) -> int:
    """Bytes of the frame and everything it keeps, each file compressed."""
    from songhe.doors.field import shell

    size = 0
    for path in [*shell.files(), "/field/sw.js"]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            size += len(gzip.compress(answer.read(), 6))
    return size


def _on_the_phone(address: str, rounds: int) -> list[Result]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        context = play.chromium.launch_persistent_context(
            folder, executable_path=CHROMIUM, headless=True, locale="zh-CN", viewport={"width": 360, "height": 740},
            args=["--no-sandbox", "--disable-gpu"],
        )  # fmt: skip
        page = context.new_page()
        weight = _sign_in(page, address)
        opened = statistics.median(_opened(page, address) for _ in range(rounds))
        synced = statistics.median(_synced(page) for _ in range(max(1, rounds // 2)))
        context.close()
    return [
        _line("field.list", weight / 1000, 300, "kB", 1, f"{PEOPLE} people, as sent"),
        _line("field.open", opened, 1000, "ms", rounds, f"{PEOPLE} people on screen, CPU {SLOWER}× slower, from the phone's own store"),
        _line("field.sync", synced, 5, "s", max(1, rounds // 2), f"{PEOPLE} waiting records"),
    ]  # fmt: skip


def _sign_in(page, address: str) -> int:
    """Signs in; answers the bytes of the list as it came."""
    page.goto(address + "/account/login/?next=/field/")
    page.fill("[name=login]", NAME)
    page.fill("[name=password]", PASSWORD)
    with page.expect_response("**/field/list/") as got:
        page.press("[name=password]", "Enter")
    page.locator("html[data-kept=yes]").wait_for()
    page.locator("li.person").nth(PEOPLE - 1).wait_for(state="attached")
    return len(got.value.body())


def _opened(page, address: str) -> float:
    """Milliseconds from navigation until all people stand in the page, offline, on a slow processor."""
    client = page.context.new_cdp_session(page)
    page.context.set_offline(True)
    client.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address + "/field/", wait_until="commit")
    page.wait_for_timeout(UNDISTURBED_MS)
    page.locator("html[data-ready=yes]").wait_for()
    assert page.locator("li.person").count() == PEOPLE
    took = page.evaluate("() => performance.getEntriesByName('songhe-ready')[0].startTime")
    client.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.context.set_offline(False)
    return took


# Puts records into the queue as the page's own form does, through its own modules.
FILL = """async (count) => {
  const { app, keep } = await import("/static/field/app.js");
  const people = app.list.people;
  for (let at = 0; at < count; at++) {
    const one = people[at % people.length];
    await keep("visit", { person: one.id, name: one.name, mode: "call", outcome: "well", needs: [], note: "",
      occurred_at: new Date(Date.now() - 60000 - at).toISOString() }, { post: one.post });
  }
}"""


def _synced(page) -> float:
    """Seconds from the network's return until nothing waits."""
    page.context.set_offline(True)
    page.evaluate(FILL, PEOPLE)
    page.locator(f".queue[data-waiting='{PEOPLE}']").wait_for()
    began = time.perf_counter()
    page.context.set_offline(False)
    page.locator(".queue[data-waiting='0']").wait_for(timeout=120_000)
    return time.perf_counter() - began


def _village(ground: Ground) -> None:
    """A small database of its own: one village, one helper, 300 people, this week open."""
    ground.copy(DATABASE)
    ground.use(DATABASE)
    from django.utils import timezone

    from songhe.care.duties import actions as duties
    from songhe.core import names, periods
    from songhe.core.acting import everywhere
    from songhe.registry.accounts import actions as accounts
    from songhe.registry.accounts.models import User
    from songhe.registry.people import sealing
    from songhe.registry.people.models import Person
    from songhe.registry.places.actions import put_places
    from songhe.registry.places.models import Place

    rows = [
        ("990000", "虚构省"),
        ("990100", "甲市"),
        ("990101", "甲县"),
        ("990101001", "甲镇"),
        ("990101001001", "甲村"),
    ]
    with everywhere():
        put_places([{"code": c, "name": n} for c, n in rows], source="bench", source_date=date(2020, 1, 1))
        village = Place.objects.get(code="990101001001")
        user = accounts.create_user(username=NAME, name="测速", password=PASSWORD, by=None)
        User.objects.filter(pk=user.pk).update(must_change_password=False)
        accounts.give_post(user=user, role="helper", place=village, valid_from=date(2020, 1, 1), by=None)
        people = [_person(Person, sealing, names, village, at) for at in range(PEOPLE)]
        Person.objects.bulk_create(people)
        duties.sync_rules(by=0)
        duties.name_helpers(pairs=[(p.pk, user.pk) for p in people], by=0)
        week = periods.containing("week", timezone.localdate())
        duties.open_period(place=village.county, rule="visiting", period=week, by=0)


def _person(model, sealing, names, village, at: int):
    name = "王李张刘陈"[at % 5] + "秀建玉桂"[at // 5 % 4] + "英国兰芳"[at // 20 % 4]
    return model(
        name=name, name_sort=names.keys(name).sort, search=sealing.search_value(sealing.search_terms(name)), sex="f",
        birth=date(1940 + at % 20, 1 + at % 12, 1), tags=1, origin="demo",
        phone_sealed=sealing.seal("phone", f"130000{at:05d}"), **village.areas(),
    )  # fmt: skip
