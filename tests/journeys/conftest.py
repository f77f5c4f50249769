"""Journeys by role in a real browser: the site as the app's role (row-level security on), the second factor off.

    def test_something(city, visitor, axe):
        page = visitor("helper")            # signed in, in a browser of its own
        page.goto(city.url("/people/"))
        assert axe(page) == []

`city` is the small invented world of tests/world.py with rules read, this week open and everybody's helper named.
"""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.utils import timezone

AXE = (Path(__file__).resolve().parents[1] / "vendor/axe.min.js").read_text(encoding="utf-8")
RULES = "['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa']"
CHROMIUM = next((p for p in ("/usr/bin/chromium", shutil.which("chromium"), shutil.which("chromium-browser")) if p and Path(p).exists()), None)  # fmt: skip
PASSWORD = "Songhe-journey-2026"
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's event loop runs beside the test


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    skip = pytest.mark.skip(reason="Chromium is not installed, so no journey can be walked")
    for item in items:
        if here in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)
            # A browser on a loaded machine may stumble: walked once more, and told as R.
            item.add_marker(pytest.mark.flaky(reruns=1))
            if CHROMIUM is None and os.environ.get("CI") != "true":
                item.add_marker(skip)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    if CHROMIUM is None:
        pytest.fail("Chromium is not installed, and CI=true asks for the journeys")
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]}


@dataclass
class City:
    """The invented world, open for work. `users`: name → account; `people`: village code → three files."""

    address: str
    places: dict
    people: dict
    users: dict = field(default_factory=dict)

    def url(self, path: str) -> str:
        return self.address + path


@pytest.fixture
def city(live_server, transactional_db, settings) -> City:
    """One county at work: leader and clerk of it, a township clerk, a helper in the own village, one of another city."""
    settings.MFA_REQUIRED_FROM = ""
    from songhe.care.duties import actions as duties
    from songhe.core import periods
    from songhe.core.acting import everywhere
    from songhe.registry.accounts.models import Post
    from tests import world

    made = world.World()
    found = City(live_server.url, made.places, made.people)
    with everywhere():
        for name, role, code in ROLES:
            post = world.post(role, made.places[code], username=name)
            post.user.set_password(PASSWORD)
            post.user.save(update_fields=["password"])
            found.users[name] = post.user
        assert Post.objects.count() == len(ROLES)
        duties.sync_rules(by=0)
        county, week = made.places["990101"], periods.containing("week", timezone.localdate())
        pairs = [(person.pk, found.users["helper"].pk) for person in made.people[world.OWN]]
        duties.name_helpers(pairs=pairs, by=0)
        duties.open_period(place=county, rule="visiting", period=week, by=0)
    return found


ROLES = [
    ("leader", "leader", "990101"),
    ("clerk", "clerk", "990101"),
    ("secretary", "secretary", "990101"),
    ("town", "township_worker", "990101001"),
    ("village", "village_worker", "990101001001"),
    ("helper", "helper", "990101001001"),
    ("stranger", "helper", "990201001001"),
    ("sysadmin", "system_admin", "990101"),
]


@pytest.fixture
def visitor(city, browser):
    """A function: sign somebody in and hand over the page. `visitor("helper", size="xlarge", width=360, script="off")`."""
    contexts = []

    def enter(name: str, *, size: str = "normal", width: int = 1280, script: str = "on", language: str = "zh-CN"):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale=language, java_script_enabled=script == "on"
        )
        contexts.append(context)
        context.add_cookies([{"name": "size", "value": size, "url": city.address}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        if name:
            page.goto(city.url("/account/login/"))
            page.fill("[name=login]", name)
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url(lambda url: "/account/login" not in url)
        return page

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture
def axe():
    """A function: what axe complains of on a page, and whether it is wider than the window."""

    def look(page) -> list[str]:
        session = page.context.new_cdp_session(page)  # the CSP forbids evaluating text in the page
        session.send("Runtime.evaluate", {"expression": AXE})
        asked = f"axe.run({{runOnly:{RULES}}}).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))"
        answer = session.send("Runtime.evaluate", {"expression": asked, "awaitPromise": True, "returnByValue": True})
        wide = session.send(
            "Runtime.evaluate",
            {"expression": "document.documentElement.scrollWidth - innerWidth", "returnByValue": True},
        )["result"]["value"]
        return answer["result"]["value"] + ([f"page is {wide}px wider than the window"] if wide > 0 else [])

    return look


@pytest.fixture
def site(city):
    """The site as a process of its own, which a journey may kill (field_site.py)."""
    from tests.journeys.field_site import Site

    made = Site()
    made.start()
    yield made
    made.kill()


@pytest.fixture
def line(site):
    """The line between telephone and site, which a journey may spoil."""
    from tests.journeys.field_site import Line

    made = Line(site)
    yield made
    made.close()


@pytest.fixture
def phone(playwright, tmp_path, line):
    """A telephone, still switched off."""
    from tests.journeys.field_site import Phone

    made = Phone(playwright, tmp_path / "phone", line.address)
    yield made
    made.close()
