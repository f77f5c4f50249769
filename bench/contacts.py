"""P1: one contact over HTTP, and three hundred in one request, against pgbench running the same statement.

The statement is the product's own (`doors.api.recording.STATEMENT`): token asked again, areas set, fact, tally, receipt and
audit row, durable when answered, row-level security on. pgbench makes person and UUID by itself and sends nothing over HTTP.
"""

import json
import os
import re
import shutil
import subprocess
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import load, staff
from bench.ground import Ground
from bench.prefecture import Size
from bench.results import Result, side_by_side
from bench.site import serving

CLIENTS = 16
PHONES = 4
ROWS = 300


def measure(ground: Ground, size: Size, *, seconds: float, rounds: int, only: set[str]) -> list[Result]:
    """P1a and P1b. Each round runs pgbench and then the site for `seconds`."""
    headers = staff.tokens(CLIENTS)
    with serving(ground) as port:
        one, many = _jobs(port, headers, size)
        found = []
        if "P1a" in only:
            load.run(one, clients=CLIENTS, seconds=1)  # the server's threads open their connections
            before = _kept(ground, size)
            sent = []

            def over_http() -> float:
                sent.append(load.run(one, clients=CLIENTS, seconds=seconds))
                return sent[-1].rate

            rate, plain = side_by_side(over_http, lambda: pgbench(ground, size, seconds), rounds)
            _refuse_lost(ground, size, before, sum(s.requests for s in sent))
            p95 = sorted(s.p95 for s in sent)[len(sent) // 2]
            found.append(Result("P1a", rate, plain, "contacts/s", rounds, f"pgbench, the same statement, {CLIENTS} clients", "at least", 0.20, note=f"p95 {p95:.0f} ms"))  # fmt: skip
        if "P1b" in only:
            load.run(many, clients=PHONES, seconds=1)
            rate, plain = side_by_side(
                lambda: ROWS * load.run(many, clients=PHONES, seconds=seconds).rate,
                lambda: pgbench(ground, size, seconds),
                rounds,
            )
            found.append(Result("P1b", rate, plain, "contacts/s", rounds, f"pgbench, a row a statement, {CLIENTS} clients", "at least", 0.5))  # fmt: skip
    return found


def _moment() -> str:
    """A time of today, or of yesterday just after midnight: inside the running week's last days."""
    zone = ZoneInfo("Asia/Shanghai")
    now = datetime.now(zone)
    noon = datetime.combine(now.date(), time(0, 30), zone)
    return (noon if noon < now else now - timedelta(minutes=5)).isoformat()


def _row() -> str:
    return json.dumps({"uuid": "%uuid%", "person": "%person%", "mode": "call", "outcome": "well", "occurred_at": _moment()}).replace('"%person%"', "%person%")  # fmt: skip


def _jobs(port: int, headers: list[dict[str, str]], size: Size) -> tuple[load.Job, load.Job]:
    people = (size.step, size.owed)
    return (
        load.Job(port, "/api/visits", headers, body=_row(), people=people),
        load.Job(port, "/api/visits/batch", headers, body='{"rows": [%rows%]}', row=_row(), rows=ROWS, people=people),
    )


def _kept(ground: Ground, size: Size) -> int:
    with ground.owner(size.database) as link:
        row = link.execute("SELECT count(*) FROM visits_visit WHERE channel = 'api' AND note = ''").fetchone()
        return row[0] if row else 0


def _refuse_lost(ground: Ground, size: Size, before: int, answered: int) -> None:
    """Every answered request is a row: at most the requests under way at the end of each span are rows without an answer."""
    kept = _kept(ground, size) - before
    if kept < answered:
        raise RuntimeError(f"{answered} contacts were answered, {kept} are in the database")


# pgbench -------------------------------------------------------------------------------------------------------------


def program() -> str | None:
    """pgbench on the path, or that of the newest Debian PostgreSQL."""
    if found := shutil.which("pgbench"):
        return found
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    return str(places[-1]) if places else None


def script(size: Size) -> str:
    """The product's statement with pgbench's variables in it."""
    from songhe.doors.api import recording
    from songhe.registry.accounts.models import Token

    post = staff.clerk()
    token = Token.objects.filter(post=post, revoked_at=None).order_by("-pk").first()
    assert token is not None
    values = {
        "areas": "'{" + ",".join(map(str, post.areas())) + "}'", "user": f"'{post.user_id}'", "post": f"'{post.pk}'",
        "token": str(token.pk), "role": f"'{post.role}'", "place": str(post.place_id), "on": "current_date",
        "rows": "(" + _row_of_pgbench(post.user_id) + ")",
    }  # fmt: skip
    text = re.sub(r"--.*", "", recording.STATEMENT).strip()
    text = re.sub(r"%\((\w+)\)s", lambda found: values[found[1]], text).replace("%%", "%")
    return f"\\set person random(0, {size.owed - 1}) * {size.step} + 1\n{text};\n"


def _row_of_pgbench(user: int) -> str:
    return (
        "jsonb_build_array(jsonb_build_object('uuid', gen_random_uuid(), 'person', :person::bigint, 'mode', 'call', 'outcome', 'well', "
        f"'occurred_at', '{_moment()}', 'made_by', {user}, 'channel', 'api', 'needs', '[]'::jsonb, 'note', 'pgbench', 'client_at', NULL))"
    )


def pgbench(ground: Ground, size: Size, seconds: float) -> float:
    """Transactions a second of that statement as the app's role."""
    found = program()
    assert found is not None  # asked before the measure begins
    file = ground.var / "run" / "contact.sql"
    file.write_text(script(size), encoding="utf-8")
    for longer in (1, 4, 16):  # on a busy machine the first second may pass with connecting
        span = max(1, round(seconds * longer))
        words = [found, "-n", "-M", "prepared", "-c", f"{CLIENTS}", "-j", "1", "-T", f"{span}", "-f", str(file)]
        env = os.environ | ground.app(size.database)
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        if done.returncode or "number of failed transactions: 0" not in done.stdout:
            raise RuntimeError(f"pgbench: {done.stdout}\n{done.stderr}")
        if rate := re.search(r"tps = ([\d.]+)", done.stdout):
            return float(rate[1])
    raise RuntimeError(f"pgbench finished nothing: {done.stdout}")
