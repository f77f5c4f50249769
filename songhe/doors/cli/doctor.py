"""`songhe doctor`: what this machine has and lacks, and what is therefore off. Exit code 1 if it cannot run."""

import ctypes
import importlib.util
import json
import platform
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from songhe.core.trouble import Trouble
from songhe.core.vault import given
from songhe.doors.cli import setup

app = typer.Typer(add_completion=False)
MARKS = {"ok": "●", "off": "▲", "bad": "■"}
GIB = 1024**3


@dataclass(frozen=True)
class Finding:
    """One line: `state` is ok (works), off (a function is missing) or bad (the product cannot run)."""

    name: str
    state: str
    zh: str
    en: str


@app.command(help="检查本机缺什么、因此哪些功能不可用 Say what is missing and what is therefore off")
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
    lang: Annotated[str, typer.Option(help="zh / en")] = "",
) -> None:
    """The command."""
    findings = [finding for check in CHECKS for finding in check()]
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            typer.echo(f"{MARKS[finding.state]} {finding.zh if (lang or setup.lang()) == 'zh' else finding.en}")
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


def python() -> Iterator[Finding]:
    """The interpreter: 3.11 or newer."""
    state = "ok" if sys.version_info >= (3, 11) else "bad"
    text = f"Python {platform.python_version()}"
    yield Finding("python", state, f"{text}（需 3.11 或更新）", f"{text} (3.11 or newer)")


def database() -> Iterator[Finding]:
    """Whether a database answers, which kind it is, and whether the app's role is bound by row-level security."""
    from songhe.core.postgres import role_faults

    try:
        cluster = setup.database_ready()
        version, encoding, locale = _ask_database(cluster.app_url)
    except Trouble as trouble:
        yield Finding("database", "bad", trouble.zh, trouble.en)
        return
    except Exception as error:
        yield Finding("database", "bad", f"数据库没有应答：{error}", f"The database does not answer: {error}")
        return
    zh, en = KINDS[cluster.kind]
    yield Finding("database", "ok", f"PostgreSQL {version}，{zh}", f"PostgreSQL {version}, {en}")
    if encoding != "UTF8" or locale in ("C", "POSIX"):
        yield Finding(
            "locale",
            "bad",
            f"数据库编码 {encoding}、区域 {locale}：中文检索会失灵。请以 UTF8 和 C.UTF-8 重建数据库。",
            f"Database encoding {encoding}, locale {locale}: Chinese search fails. Make it anew with UTF8, C.UTF-8.",
        )
    faults = role_faults(cluster.app_url)
    if not faults:
        yield Finding("role", "ok", "数据库角色受行级安全约束", "The database role is bound by row-level security")
    for fault in faults:
        yield Finding("role", "bad", f"{fault.zh}：网站将拒绝启动", f"{fault.en}: the site refuses to start")


KINDS = {
    "url": ("由 DATABASE_URL 指定", "named by DATABASE_URL"),
    "debian": ("私有实例（系统软件包）", "a private cluster (Debian's packages)"),
    "wheel": (
        "私有实例（Python 轮子，只供演示和测试）",
        "a private cluster (from a wheel: for the demo and tests only)",
    ),
}


def _ask_database(url: str) -> tuple[str, str, str]:
    import psycopg

    with psycopg.connect(url, connect_timeout=10) as link:
        row = link.execute(
            "SELECT current_setting('server_version'), pg_encoding_to_char(encoding), datcollate FROM pg_database "
            "WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    return row[0].split()[0], row[1], row[2]


def keys() -> Iterator[Finding]:
    """Where the keys come from, and that nobody else can read them."""
    if all(given(name) for name in ("SONGHE_SECRET_KEY", "SONGHE_DATA_KEY")):
        yield Finding("keys", "ok", "密钥由环境提供", "Keys come from the environment")
        return
    file = setup.var() / "secrets.json"
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except FileNotFoundError:
        yield Finding("keys", "ok", f"密钥将在首次启动时生成：{file}", f"Keys will be made at the first start: {file}")
        return
    except PermissionError:
        yield Finding("keys", "bad", f"无权读取 {file}", f"{file} cannot be read")
        return
    if mode & 0o077:
        yield Finding("keys", "bad", f"{file} 可被他人读取：chmod 600", f"{file} can be read by others: chmod 600")
    else:
        zh = f"密钥在 {file}（仅本用户可读）。请另存备份：丢失则已加密资料无法解开"
        en = (
            f"Keys are in {file} (readable by this user only). Keep a copy: without them sealed fields cannot be opened"
        )
        yield Finding("keys", "ok", zh, en)


def chromium() -> Iterator[Finding]:
    """The browser of the tests."""
    found = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
    if found:
        yield Finding("chromium", "ok", f"浏览器 {found}", f"Browser {found}")
    else:
        zh = "没有 Chromium：浏览器测试会跳过（产品本身不受影响）。补装：make setup-system"
        en = (
            "No Chromium: browser tests are skipped (the product itself does not need it). To add it: make setup-system"
        )
        yield Finding("chromium", "off", zh, en)


def fonts() -> Iterator[Finding]:
    """Chinese fonts for PDFs: those of the system, or the city's own in fonts/."""
    own = sorted(p.name for p in (setup.ROOT / "fonts").glob("*.[to]tf"))
    known = [name for name in own + _system_fonts() if name]
    if known:
        yield Finding(
            "fonts",
            "ok",
            f"中文字体 {known[0]} 等 {len(known)} 种",
            f"Chinese fonts: {known[0]} and others, {len(known)}",
        )
    else:
        zh = "没有中文字体：PDF 通报和挂图中的汉字会是空框。补装：make setup-system，或把字体放入 fonts/"
        en = "No Chinese fonts: characters in PDFs show as boxes. Run make setup-system, or put fonts into fonts/"
        yield Finding("fonts", "off", zh, en)


def _system_fonts() -> list[str]:
    if shutil.which("fc-list"):
        said = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False).stdout
        return sorted({line.split(",")[0].strip() for line in said.splitlines()})
    return [p.stem for p in Path("/usr/share/fonts").rglob("*CJK*")]


def pango() -> Iterator[Finding]:
    """The libraries that turn pages into PDF."""
    lacking = [n for n in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0") if not _loads(n)]
    if lacking:
        zh = f"缺少 {'、'.join(lacking)}：不能生成 PDF（.docx 不受影响）。补装：make setup-system"
        en = f"Missing {', '.join(lacking)}: no PDF output (.docx is not affected). To add them: make setup-system"
        yield Finding("pdf", "off", zh, en)
    else:
        yield Finding("pdf", "ok", "可以生成 PDF", "PDF output works")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def planning() -> Iterator[Finding]:
    """The solvers of rounds, dispatch and siting."""
    lacking = [n for n in ("numba", "scipy", "highspy", "pyvrp", "vroom") if importlib.util.find_spec(n) is None]
    if lacking:
        zh = f"缺少 {'、'.join(lacking)}：路线、派单、选址计算不可用。补装：make setup"
        en = f"Missing {', '.join(lacking)}: rounds, dispatch and siting are off. To add them: make setup"
        yield Finding("planning", "off", zh, en)
    else:
        yield Finding("planning", "ok", "排程计算库齐全", "The planning libraries are there")


def sheets() -> Iterator[Finding]:
    """What reads photographed paper sheets."""
    if importlib.util.find_spec("cv2") is None:
        zh = "缺少 opencv-python-headless：收回的纸单不能拍照识读，只能键盘录入。补装：make setup"
        en = "opencv-python-headless is missing: returned sheets cannot be read from photographs, only typed. To add it: make setup"
        yield Finding("sheets", "off", zh, en)
    else:
        yield Finding("sheets", "ok", "纸单识读组件在", "Photographed sheets can be read")


def disk() -> Iterator[Finding]:
    """Space where the data stand: the demo city takes about 1 GB, a prefecture's year 13 GB."""
    folder = setup.var() if setup.var().exists() else setup.var().parent
    free = shutil.disk_usage(folder).free / GIB
    state = "ok" if free >= 5 else "off" if free >= 1 else "bad"
    more = "" if free >= 5 else "：演示约需 1 GB，正式使用请留 50 GB 以上"
    more_en = "" if free >= 5 else ": the demo takes about 1 GB; leave more than 50 GB for real use"
    yield Finding("disk", state, f"{folder} 剩余 {free:.1f} GB{more}", f"{free:.1f} GB free at {folder}{more_en}")


def clock() -> Iterator[Finding]:
    """The time zone in which weeks and months are counted, and that its data are present."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    right = now.utcoffset() is not None and now.year >= 2026
    zh = f"北京时间 {now:%Y-%m-%d %H:%M}（周、月按此计算）" + ("" if right else "：请校准本机时钟")
    en = f"Beijing time {now:%Y-%m-%d %H:%M} (weeks and months are counted in it)" + (
        "" if right else ": set the clock"
    )
    yield Finding("clock", "ok" if right else "bad", zh, en)


CHECKS: list[Callable[[], Iterator[Finding]]] = [
    python,
    database,
    keys,
    chromium,
    fonts,
    pango,
    planning,
    sheets,
    disk,
    clock,
]
