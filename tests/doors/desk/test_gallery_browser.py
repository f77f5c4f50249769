"""Every part in a real browser: accessible, inside the window, silent under the strict CSP, usable by keyboard."""

import os
import shutil
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread

AXE = (Path(__file__).resolve().parents[2] / "vendor/axe.min.js").read_text(encoding="utf-8")
RULES = "['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa']"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's event loop runs beside the test

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.doors.desk.gallery_urls"),
    pytest.mark.skipif(not CHROMIUM and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]}


@pytest.fixture
def address(settings):
    """The product's templates, static files and CSP served without a database: the gallery needs none."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith(("songhe.", "whitenoise."))]
    server = LiveServerThread("127.0.0.1", StaticFilesHandler, port=0)
    server.start()
    server.is_ready.wait()
    assert not server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture
def gallery(address, context, page):
    """A function that opens the gallery in a type size and width → (page, what the console said)."""

    def open_at(size, width):
        said = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        context.add_cookies([{"name": "size", "value": size, "url": address}])
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{address}/gallery/", wait_until="networkidle")
        return page, said

    return open_at


def violations(page):
    """What axe complains of; run through the debugger, for the CSP forbids evaluating text in the page."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE})
    asked = f"axe.run({{runOnly:{RULES}}}).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))"
    answer = session.send("Runtime.evaluate", {"expression": asked, "awaitPromise": True, "returnByValue": True})
    return answer["result"]["value"]


@pytest.mark.parametrize(
    ("size", "width"), [("normal", 1280), ("large", 1280), ("xlarge", 1280), ("normal", 360), ("large", 360)]
)
def test_the_parts_are_accessible_and_fit(gallery, size, width):
    page, said = gallery(size, width)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    assert page.locator("#gallery-map svg").count() == 1
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == {
        "normal": "16px",
        "large": "22px",
    }.get(size, "30px")


@pytest.mark.parametrize(("size", "least"), [("normal", 44), ("large", 60), ("xlarge", 60)])
def test_buttons_are_big_enough(gallery, size, least):
    page, _ = gallery(size, 1280)
    heights = page.eval_on_selector_all(
        ".btn, .tool, .chip, .nav a, .tabs a, select, .table th a",
        "all => all.filter(e => e.checkVisibility()).map(e => Math.round(e.getBoundingClientRect().height))",
    )
    assert heights
    assert min(heights) >= least


def test_keys_reach_the_search_and_walk_the_rows(gallery):
    page, _ = gallery("normal", 1280)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "site-search"
    page.locator("tr[data-code=A] a").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('tr').dataset.code") == "B"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.closest('tr').dataset.code") == "D"


def test_an_area_of_the_map_opens_its_row(gallery):
    page, _ = gallery("normal", 1280)
    page.locator("#gallery-map svg text", has_text="例一镇").first.click(force=True)
    page.wait_for_url("**/gallery/#a")
