"""`songhe serve`: the site on this machine, by granian (gunicorn where it is missing), until Ctrl-C or SIGTERM."""

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Annotated

import typer

from songhe.core.trouble import Trouble
from songhe.doors.cli.setup import django_ready, lang, var

APPLICATION = "songhe.config.wsgi:application"
app = typer.Typer(add_completion=False)


@app.command(help="启动网站 Serve the site")
def serve(
    port: Annotated[int, typer.Option(help="端口 port")] = 8000,
    host: Annotated[
        str, typer.Option(help="地址；对外服务请放在 TLS 代理之后 address; put a TLS proxy in front")
    ] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="进程数 processes")] = 0,
    threads: Annotated[int, typer.Option(help="每个进程的线程数 threads in each process")] = 8,
    work: Annotated[
        bool, typer.Option("--work/--no-work", help="同时运行后台任务 keep a `songhe work` beside the site")
    ] = True,
) -> None:
    """The command; the demo calls `run_site` itself."""
    refuse_taken_port(host, port)
    django_ready()
    run_site(port=port, host=host, workers=workers, threads=threads, work=work)


def run_site(
    *,
    port: int = 8000,
    host: str = "127.0.0.1",
    workers: int = 0,
    threads: int = 8,
    work: bool = True,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serve until stopped; Django must be ready. `ready()` is called once the site answers; `work` keeps a worker beside it.

    Raises Trouble, before serving anybody, when the role is unsafe, a migration is missing or the port is taken.
    """
    from songhe.core.postgres import refuse_unsafe_role

    refuse_taken_port(host, port)
    refuse_unsafe_role(os.environ["DATABASE_URL"])
    bring_tables_up_to_date()
    collect_static()
    _let_go_of_connections()
    # The serving processes never see the owner's password, so no fault in them can reach past row-level security.
    os.environ.pop("DATABASE_OWNER_URL", None)
    if work:
        worker = _worker()
        atexit.register(worker.terminate)
    address = f"http://{host}:{port}"
    announce = ready or (lambda: print(f"松鹤 Songhe  {address}  (Ctrl-C 停止 to stop)", flush=True))
    threading.Thread(target=_when_it_answers, args=(address, announce), daemon=True).start()
    server = _granian if _has_granian() else _gunicorn
    server(host, port, workers or os.cpu_count() or 1, threads)


def _worker() -> subprocess.Popen:
    """`songhe work` as a process of its own, as the app's role; it ends with this one, even by kill -9."""
    return subprocess.Popen(
        [sys.executable, "-m", "songhe.doors.cli.main", "work", "--beside"],
        preexec_fn=_die_with_parent,
        stdin=subprocess.DEVNULL,
    )


def refuse_taken_port(host: str, port: int) -> None:
    """Raise Trouble when another program listens there: said before anything slow is begun."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Trouble(
                f"不能使用 {host}:{port}（{error.strerror}）。请停止占用它的程序，或加 --port 换一个端口。",
                f"{host}:{port} cannot be used ({error.strerror}). Stop what has it, or choose another --port.",
            ) from None


def bring_tables_up_to_date() -> None:
    """Migrate the private cluster if it is behind; for a city's own database say that somebody must."""
    from django.db import ProgrammingError, connection
    from django.db.migrations.executor import MigrationExecutor

    from songhe.doors.cli.db import migrate_tables

    try:
        executor = MigrationExecutor(connection)
        behind = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except ProgrammingError:
        behind = 1  # a new database: the app's role may not read the table of migrations yet
    if behind and not os.environ.get("DATABASE_OWNER_URL"):
        raise Trouble(
            f"数据库表结构落后 {behind} 步。请先执行 songhe db migrate（需 DATABASE_OWNER_URL）。",
            f"The tables are {behind} migrations behind. Run songhe db migrate first (needs DATABASE_OWNER_URL).",
        )
    if behind:
        migrate_tables()


def collect_static() -> None:
    """Collect the static files if any changed since the last time."""
    import hashlib

    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    seen = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            seen.update(f"{path} {storage.size(path)} {os.path.getmtime(storage.path(path))}\n".encode())
    stamp = var() / "run" / "static.sha256"
    if stamp.exists() and stamp.read_text() == seen.hexdigest() and settings.STATIC_ROOT.is_dir():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(seen.hexdigest())


def _let_go_of_connections() -> None:
    from django.db import connections

    connections.close_all()  # a connection must not be shared with a forked worker


def _has_granian() -> bool:
    import importlib.util

    return not os.environ.get("SONGHE_GUNICORN") and importlib.util.find_spec("granian") is not None


def _granian(host: str, port: int, workers: int, threads: int) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        APPLICATION,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        # A thread keeps its database connection: ending idle threads would only open connections again.
        blocking_threads_idle_timeout=600,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    )
    os.register_at_fork(after_in_child=_die_with_parent)
    # Granian takes a closed terminal for "reload" and would go on serving unseen.
    server.on_startup(lambda: signal.signal(signal.SIGHUP, server.signal_handler_interrupt))
    server.serve()


def _die_with_parent() -> None:
    """In a serving process: end with the main one, even by kill -9, or the port would stay taken."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):  # Linux only
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _gunicorn(host: str, port: int, workers: int, threads: int) -> None:
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--no-control-socket", "--log-level", "warning", "-k", "gthread"),
            *("-b", f"{host}:{port}", "-w", str(workers), "--threads", str(threads), APPLICATION),
        ],
        preexec_fn=_die_with_parent,
    )
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: child.terminate())
    try:
        child.wait()
    except KeyboardInterrupt:
        child.terminate()
        child.wait(40)  # gunicorn gives requests under way 30 s


def _when_it_answers(address: str, announce: Callable[[], None]) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=10).close()  # noqa: S310
        except urllib.error.HTTPError:
            break  # an answer, if only "sign in first"
        except OSError:
            time.sleep(0.1)
        else:
            break
    else:
        said = "网站没有应答，请看上面的错误。" if lang() == "zh" else "The site does not answer; see the errors above."
        print(said, file=sys.stderr, flush=True)
        return
    announce()
