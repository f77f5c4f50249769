"""The product's own server on a free loopback port, started as `songhe serve` does, ended with the measure."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from bench.ground import ROOT, Ground


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(ground: Ground, *, workers: int = 0, threads: int = 8) -> Iterator[int]:
    """Yields the port of a site that answers on the database in use."""
    port = free_port()
    words = [sys.executable, "-m", "songhe.doors.cli.main", "serve", "--port", str(port)]
    words += ["--workers", str(workers), "--threads", str(threads)]
    env = os.environ | {"SONGHE_HOSTS": "127.0.0.1", "SONGHE_LANG": "en"}
    log = ground.var / "run" / "site.log"
    with open(log, "wb") as out:
        site = subprocess.Popen(words, cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)
    try:
        _wait(site, port, log)
        yield port
    finally:
        site.send_signal(signal.SIGTERM)
        try:
            site.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(site.pid, signal.SIGKILL)
            site.wait()


def _wait(site: subprocess.Popen, port: int, log) -> None:
    for _ in range(600):
        if site.poll() is not None:
            raise RuntimeError(f"the site ended: {log.read_text()[-2000:]}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the site does not answer: {log.read_text()[-2000:]}")
