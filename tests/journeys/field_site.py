"""What a journey of the telephone page needs: a site that can be killed, a line that misbehaves, a phone that loses power.

site = Site(); site.start(); site.kill(); site.start()         # kill -9, same port afterwards
line = Line(site); line.mode = "drop"                           # every answer is lost after the server committed
phone = Phone(playwright, folder, line.address); phone.open(); phone.kill(); phone.open()
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.journeys.conftest import CHROMIUM, PASSWORD

ROOT = Path(__file__).resolve().parents[2]
PORTAL = "<html><body><h1>欢迎使用免费无线网</h1><form>请输入手机号</form></body></html>"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """The site on a port of its own, on the test's database."""

    def __init__(self):
        self.port, self.process = free_port(), None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, version: str = "") -> None:
        """`version`: another version of the page, as after an upgrade."""
        from django.db import connections

        parts = urlsplit(os.environ["DATABASE_URL"])
        url = urlunsplit(parts._replace(path="/" + connections["default"].settings_dict["NAME"]))
        env = os.environ | {
            "DATABASE_URL": url,
            "SONGHE_MFA_FROM": "",
            "PYTHONPATH": str(ROOT),
            "FIELD_VERSION": version,
        }
        env.pop("DATABASE_OWNER_URL", None)
        words = [sys.executable, "-m", "tests.journeys.field_server", str(self.port)]
        self.process = subprocess.Popen(words, cwd=ROOT, env=env)
        for _ in range(300):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            assert self.process.poll() is None, "the site did not start"
            time.sleep(0.1)
        raise AssertionError("the site did not answer")

    def kill(self) -> None:
        """As when the power fails: no goodbye."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


class Line:
    """Stands between phone and site. `mode` is how it behaves towards the addresses in `on` (all others pass).

    pass · drop (the site answers, the answer is lost) · half (half of it arrives) · portal (HTML of a captive portal) ·
    or a number: that status, without asking the site. `seen` counts the calls that were treated so.
    """

    def __init__(self, site: Site):
        self.site, self.mode, self.on, self.seen, self.asked = site, "pass", ("/field/sync/",), 0, []
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self):
                with contextlib.suppress(OSError):
                    super().handle_one_request()

            def do_GET(self):
                line.carry(self)

            do_POST = do_GET

            def log_message(self, *_words):
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def carry(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        self.asked.append(asked.path)
        strange = self.mode != "pass" and any(asked.path.startswith(prefix) for prefix in self.on)
        self.seen += strange
        mode = self.mode if strange else "pass"
        if mode == "portal":
            return self._say(asked, 200, [("Content-Type", "text/html; charset=utf-8")], PORTAL.encode())
        if isinstance(mode, int):
            return self._say(asked, mode, [("Content-Type", "text/html")], b"<h1>no</h1>")
        try:
            link = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=30)
            link.request(asked.command, asked.path, body, dict(asked.headers))
            got = link.getresponse()
            answer = got.read()
        except OSError:
            asked.close_connection = True  # nobody there: the phone hears nothing
            return None
        if mode == "drop":
            asked.close_connection = True
            return None
        if mode == "half":
            answer = answer[: len(answer) // 2]
        headers = [(name, value) for name, value in got.getheaders() if name.lower() not in ("content-length", "connection", "transfer-encoding")]  # fmt: skip
        return self._say(asked, got.status, headers, answer)

    def _say(self, asked, status: int, headers: list, body: bytes) -> None:
        asked.send_response_only(status)
        for name, value in headers:
            asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(body)))
        asked.end_headers()
        asked.wfile.write(body)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Phone:
    """One telephone: a browser with a disk of its own, 360 px wide."""

    def __init__(self, playwright, folder: Path, address: str, *, height: int = 740):
        self.playwright, self.folder, self.address, self.height = playwright, folder, address, height
        self.context = self.page = None

    def open(self, *, offline: str = "no", ready: str = "yes"):
        """Switch on; `offline="yes"` without a network from the first moment."""
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder), executable_path=CHROMIUM, headless=True, locale="zh-CN", offline=offline == "yes",
            viewport={"width": 360, "height": self.height}, has_touch=True, timezone_id="Asia/Shanghai",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )  # fmt: skip
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        if ready == "yes":
            self.page.goto(self.address + "/field/")
            self.page.locator("html[data-ready=yes]").wait_for()
        return self.page

    def sign_in(self, name: str):
        """Through the ordinary sign-in page, and back to the telephone page until it can do without a network."""
        self.page.goto(self.address + "/account/login/?next=/field/")
        self.page.fill("[name=login]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url("**/field/")
        self.page.locator("html[data-ready=yes]").wait_for()
        self.page.get_by_role("heading", name="今天看望谁").wait_for()
        self.page.locator("html[data-kept=yes]").wait_for()
        return self.page

    def record(self, name: str, way: str = "电话", outcome: str = "平安", when: str = "") -> None:
        """Four taps: the person, the way, the outcome, save. `when`: another time, 2026-11-12T09:30."""
        self._open(name, self.page.get_by_label(way, exact=True))
        self.page.get_by_label(way, exact=True).check()
        self.page.get_by_label(outcome, exact=True).check()
        if when:
            self.page.get_by_text("不是刚才的？").click()
            self.page.get_by_label("日期和时间").fill(when)
        self.page.get_by_role("button", name="保存").click()
        self.page.get_by_role("heading", name="今天看望谁").wait_for()

    def _open(self, name: str, shown) -> None:
        """Tap the person; once more when the list was drawn anew under the finger (an upload just ended)."""
        for last in (False, False, True):
            link = self.page.get_by_role("link", name=f"登记 {name}")
            if not link.count() and not shown.count():  # among those already done
                self.page.locator("details.done > summary").click()
            if not shown.count():
                link.click()
            try:
                shown.wait_for(state="attached", timeout=60_000 if last else 10_000)
            except PlaywrightTimeout:
                if last:
                    raise
            else:
                return

    def waiting(self) -> int:
        return int(self.page.locator(".queue").get_attribute("data-waiting"))

    def expect_waiting(self, count: int, timeout: int = 90_000) -> None:
        self.page.locator(f".queue[data-waiting='{count}']").wait_for(timeout=timeout)

    def go(self, network: str) -> None:
        """`on` or `off`."""
        self.context.set_offline(network == "off")

    def kill(self) -> None:
        """The battery falls out: SIGKILL to this phone's own browser process."""
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if f"--user-data-dir={self.folder}".encode() in words and not any(
                    w.startswith(b"--type=") for w in words
                ):
                    os.kill(int(folder.name), signal.SIGKILL)
        with contextlib.suppress(Exception):
            self.context.close()
        (self.folder / "SingletonLock").unlink(missing_ok=True)
        self.context = self.page = None

    def close(self) -> None:
        if self.context is not None:
            self.context.close()
            self.context = self.page = None
