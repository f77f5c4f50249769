#!/usr/bin/env python3
"""Make .venv and install the named requirement sets into it. Standard library only; runs on a bare Debian python3.

    python3 scripts/bootstrap.py runtime planning sheets demo [dev] [lock]

- Each set is requirements/NAME.lock: exact versions with hashes, wheels only; anything else is refused.
- Nothing is done when .venv already holds exactly these locks (a stamp of their hashes says so).
- Where Python came without `venv` (Debian's python3 without python3-venv), virtualenv is fetched into .boot first.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BOOT = ROOT / ".boot"
STAMP = VENV / ".songhe.json"
OLDEST = (3, 11)
HANDS = 2  # pip unpacks with one core only


def main(sets):
    """Bring .venv up to the sets; returns the exit code."""
    if sys.version_info < OLDEST:
        return say_no(
            f"需要 Python 3.11 或更新，这是 {sys.version.split()[0]}。可用 make PYTHON=python3.11 指定。",
            f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Name another: make PYTHON=python3.11",
        )
    with alone():
        wanted = {name: hash_of(name) for name in sets}
        works = venv_works()
        done = read_stamp() if works else {}
        missing = [name for name in sets if done.get(name) != wanted[name]]
        if not missing and shown() == done.get("root"):
            return 0
        started = time.monotonic()
        if not works and not make_venv():
            return 1
        if missing and not install(missing):
            return 1
        show_package()
        STAMP.write_text(json.dumps({**done, **wanted, "root": shown()}, indent=1))
        print(f"安装完成 Installed: {', '.join(sets)} ({time.monotonic() - started:.0f} s)", flush=True)
    return 0


@contextlib.contextmanager
def alone():
    """Two `make` at once: the second waits, then finds the work done."""
    gate = os.open(ROOT / "requirements", os.O_RDONLY)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)


def hash_of(name):
    """The lock's hash, with the interpreter's version: another Python needs other wheels."""
    text = (ROOT / "requirements" / f"{name}.lock").read_bytes()
    return hashlib.sha256(text + repr(sys.version_info[:2]).encode()).hexdigest()[:16]


def read_stamp():
    """What .venv holds: {set: hash, "root": the folder it shows}."""
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def python():
    """The virtual environment's interpreter."""
    return VENV / "bin" / "python"


def venv_works():
    """Whether .venv runs, with pip, on this version of Python: it may be a copy, half made or older than its Python."""
    ask = "import sys, pip; print(sys.version_info[:2])"
    try:
        said = subprocess.run([python(), "-c", ask], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return said.stdout.strip() == repr(sys.version_info[:2])


def make_venv():
    """Make .venv with `venv`, else with virtualenv fetched into .boot. False, after saying why, if neither works."""
    print("建立虚拟环境 Making .venv", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode == 0 and venv_works():
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    print("  本机 Python 不带 venv，改用 virtualenv。This Python lacks venv: fetching virtualenv", flush=True)
    shutil.rmtree(BOOT, ignore_errors=True)
    # --target is allowed on Debian, where a plain `pip install` is refused (PEP 668).
    got = pip(sys.executable, "--target", BOOT, "-r", ROOT / "requirements" / "boot.lock")
    if got == 0:
        env = {**os.environ, "PYTHONPATH": str(BOOT)}
        subprocess.run([sys.executable, "-m", "virtualenv", "-q", "--no-download", VENV], env=env, check=False)
    shutil.rmtree(BOOT, ignore_errors=True)
    if venv_works():
        return True
    say_no(
        "无法建立虚拟环境。请安装 python3-venv 或 python3-pip 后重试（Debian：apt-get install python3-venv）。",
        "No virtual environment could be made. Install python3-venv or python3-pip (apt-get install python3-venv).",
    )
    return False


def install(sets):
    """Install the locks' packages; False, after saying why, if that fails."""
    pins = pinned(sets)
    print(f"安装 {len(pins)} 个软件包 Installing {len(pins)} packages ({', '.join(sets)})", flush=True)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(HANDS) as hands:
        parts = []
        for hand in range(min(HANDS, len(pins))):
            parts.append(Path(folder) / f"{hand}.txt")
            parts[-1].write_text("".join(pins[hand::HANDS]))
        counter = Counter(len(pins))
        codes = list(hands.map(lambda part: pip(python(), "-r", part, seen=counter.one), parts))
    if not any(codes):
        return True
    say_no(
        "软件包没有装全（原因见上）。多为网络问题：请重试，或用 PIP_INDEX_URL 指定镜像。",
        "Not every package was installed (see above). Often the network: try again, or name a mirror in PIP_INDEX_URL.",
    )
    return False


def pinned(sets):
    """The locks' entries, each once, as text with their hashes. Nothing is resolved (--no-deps), so any part stands alone."""
    found = {}
    for name in sets:
        text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
        for entry in re.split(r"\n(?=\S)", text.strip()):
            if "==" in entry.split("\n")[0] and not entry.startswith("#"):
                found.setdefault(entry.split("\n")[0], entry + "\n")
    return list(found.values())


class Counter:
    """Says every tenth of so many packages, for several hands together."""

    def __init__(self, count):
        self.count, self.seen, self.gate = count, 0, threading.Lock()

    def one(self):
        with self.gate:
            self.seen += 1
            if self.seen % 10 == 0:
                print(f"  {self.seen}/{self.count}", flush=True)


def pip(interpreter, *words, seen=lambda: None):
    """Run pip under the house rules; tells `seen` of each package, and says pip's own words if it fails."""
    rules = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile", "--no-input"]
    quiet = ["--disable-pip-version-check", "--progress-bar", "off", "--no-warn-script-location"]
    env = {
        **os.environ,
        "PIP_USER": "0",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PYTHONUNBUFFERED": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    env.pop("PYTHONPATH", None)
    command = [interpreter, "-m", "pip", "install", *rules, *quiet, *words]
    said = []
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        for line in child.stdout:
            said.append(line)
            if line.startswith(("Collecting", "Requirement already")):
                seen()
    if child.returncode:
        print("".join(said[-25:]), file=sys.stderr)
    return child.returncode


def packages():
    """The folder of installed packages in .venv."""
    return next((VENV / "lib").glob("python*/site-packages"))


def show_package():
    """Let .venv see the checkout, and give it the `songhe` command, without building anything."""
    (packages() / "songhe.pth").write_text(f"{ROOT}\n")
    script = VENV / "bin" / "songhe"
    script.write_text(
        # The guard: a worker process of ours reads this file again, and must not run the command again.
        f'#!{python()}\nimport sys\n\nfrom songhe.doors.cli.main import run\n\nif __name__ == "__main__":\n    sys.exit(run())\n'
        if len(str(python())) < 120 and " " not in str(python())
        # The kernel cuts long #! lines and splits them at blanks.
        else f'#!/bin/sh\nexec "{python()}" -m songhe.doors.cli.main "$@"\n'
    )
    script.chmod(0o755)


def shown():
    """The checkout that .venv shows, or None."""
    with contextlib.suppress(StopIteration, OSError):
        if (VENV / "bin" / "songhe").exists():
            return (packages() / "songhe.pth").read_text().strip()
    return None


def say_no(zh, en):
    """Print why we stop, in both languages; returns 1."""
    print(f"{zh}\n{en}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    names = sys.argv[1:]
    if not names or any(not re.fullmatch(r"[a-z]+", name) for name in names):
        sys.exit(__doc__)
    sys.exit(main(names))
