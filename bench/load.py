"""Load on loopback: wrk where it is installed, else a plain client of our own in a process of its own.

Both keep `clients` connections open, each sending its next request when the last is answered, for `seconds`.
"""

import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Answered:
    """What one span of load saw. `p95` in milliseconds; `failed` counts answers other than 2xx and broken sockets."""

    requests: int
    seconds: float
    p95: float
    failed: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True)
class Job:
    """What to send. `headers`: one set a turn. `%uuid%`, `%person%` in the body are replaced for each request."""

    port: int
    path: str
    headers: list[dict[str, str]] = field(default_factory=lambda: [{}])
    body: str = ""
    row: str = ""  # with `rows`: the body's `%rows%` becomes that many of these
    rows: int = 0
    people: tuple[int, int] = (1, 1)  # step and count: person ids 1, 1 + step, …


LUA = """
local n, sent = 0, 0
local paths, heads, body, row, rows, step, count = %(paths)s, %(heads)s, %(body)s, %(row)s, %(rows)d, %(step)d, %(count)d
function init(args) math.randomseed(tonumber(args[1])) for i = 1, 20 do math.random() end end
local function filled(text)
  text = text:gsub("%%%%uuid%%%%", function()
    return string.format("%%08x-%%04x-4%%03x-8%%03x-%%06x%%06x", math.random(0, 0xffffffff), math.random(0, 0xffff),
      math.random(0, 0xfff), math.random(0, 0xfff), math.random(0, 0xffffff), math.random(0, 0xffffff)) end)
  return (text:gsub("%%%%person%%%%", function() return string.format("%%d", math.random(0, count - 1) * step + 1) end))
end
function request()
  n = n + 1
  local head = heads[n %% #heads + 1]
  if body == "" then return wrk.format("GET", paths, head) end
  local text = body
  if rows > 0 then
    local all = {}
    for i = 1, rows do all[i] = filled(row) end
    local joined = table.concat(all, ",")
    text = text:gsub("%%%%rows%%%%", function() return joined end)
  else
    text = filled(text)
  end
  return wrk.format("POST", paths, head, text)
end
function done(summary, latency)
  local e = summary.errors
  io.stderr:write(string.format('{"requests": %%d, "seconds": %%f, "p95": %%f, "failed": %%d}', summary.requests,
    summary.duration / 1e6, latency:percentile(95) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def has_wrk() -> bool:
    return shutil.which("wrk") is not None and not os.environ.get("BENCH_NO_WRK")


def run(job: Job, *, clients: int, seconds: float) -> Answered:
    """Send the job for a while; longer where nothing was answered in time. Raises RuntimeError when an answer was refused:
    a refusal is fast and proves nothing."""
    for longer in (1, 4, 16):
        with tempfile.TemporaryDirectory() as folder:
            found = (_wrk if has_wrk() else _own)(job, clients, seconds * longer, Path(folder))
        if found.requests or found.failed:
            break
    if found.failed or not found.requests:
        raise RuntimeError(f"{job.path}: {found.failed} of {found.requests} requests failed")
    return found


def _wrk(job: Job, clients: int, seconds: float, folder: Path) -> Answered:
    values = {
        "paths": _lua(job.path), "heads": "{" + ", ".join(_lua_table(h) for h in job.headers) + "}", "body": _lua(job.body),
        "row": _lua(job.row), "rows": job.rows, "step": job.people[0], "count": job.people[1],
    }  # fmt: skip
    script = folder / "load.lua"
    script.write_text(LUA % values, encoding="utf-8")
    words = ["wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "--timeout", "20s", "-s", str(script)]
    words += [f"http://127.0.0.1:{job.port}{job.path}", "--", str(random.randrange(1 << 30))]  # noqa: S311
    done = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 60, check=False)
    try:
        return Answered(**json.loads(done.stderr[done.stderr.index("{") :]))
    except ValueError:
        raise RuntimeError(f"wrk: {done.stdout}\n{done.stderr}") from None


def _lua(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _lua_table(headers: dict[str, str]) -> str:
    return "{" + ", ".join(f"[{_lua(name)}] = {_lua(value)}" for name, value in headers.items()) + "}"


# our own -------------------------------------------------------------------------------------------------------------


def _own(job: Job, clients: int, seconds: float, folder: Path) -> Answered:
    asked = folder / "job.json"
    asked.write_text(json.dumps({"job": asdict(job), "clients": clients, "seconds": seconds}))
    words = [sys.executable, "-m", "bench.load", str(asked)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 60, check=True)
    return Answered(**json.loads(done.stdout))


class _Client(threading.Thread):
    def __init__(self, job: Job, number: int, until: float):
        super().__init__(daemon=True)
        self.job, self.turn, self.until = job, number, until
        self.times: list[float] = []
        self.failed = 0

    def run(self) -> None:
        with socket.create_connection(("127.0.0.1", self.job.port), timeout=20) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = link.makefile("rb")
            while time.perf_counter() < self.until:
                sent = self._request()
                started = time.perf_counter()
                link.sendall(sent)
                status = _answer(reader)
                self.times.append((time.perf_counter() - started) * 1000)
                self.failed += not 200 <= status < 300

    def _request(self) -> bytes:
        self.turn += 1
        head = self.job.headers[self.turn % len(self.job.headers)]
        text = self.job.body
        if self.job.rows:
            text = text.replace("%rows%", ",".join(self._filled(self.job.row) for _ in range(self.job.rows)))
        elif text:
            text = self._filled(text)
        lines = [f"{'POST' if text else 'GET'} {self.job.path} HTTP/1.1", f"Host: 127.0.0.1:{self.job.port}"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        data = text.encode()
        return "\r\n".join([*lines, f"Content-Length: {len(data)}", "", ""]).encode() + data

    def _filled(self, text: str) -> str:
        step, count = self.job.people
        person = random.randrange(count) * step + 1  # noqa: S311
        return text.replace("%uuid%", str(uuid.uuid4())).replace("%person%", str(person))


def _answer(reader) -> int:
    status, length, chunked = int(reader.readline().split()[1]), 0, False
    while (line := reader.readline().strip().lower()) != b"":
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
        chunked = chunked or line.startswith(b"transfer-encoding: chunked")
    while chunked and (size := int(reader.readline(), 16)):
        reader.read(size + 2)
    reader.readline() if chunked else reader.read(length)
    return status


def main(asked: Path) -> None:
    """The child process: run the clients and print what they saw."""
    told = json.loads(asked.read_text())
    job = Job(**(told["job"] | {"people": tuple(told["job"]["people"])}))
    started = time.perf_counter()
    clients = [_Client(job, number, started + told["seconds"]) for number in range(told["clients"])]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    times = [each for client in clients for each in client.times]
    p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else sum(times)
    seen = Answered(len(times), time.perf_counter() - started, p95, sum(client.failed for client in clients))
    print(json.dumps(asdict(seen)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
