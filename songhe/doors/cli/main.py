"""`songhe …`: one line a command.

A command's module is imported only when it is called, so that reading and planning never load Django and
`songhe --help` answers at once. A module gives `app`, a Typer. With `group` it holds sub-commands
(`songhe people import`), else it is the command itself.
"""

import importlib
import importlib.util
import os
import sys
from dataclasses import dataclass

import typer
from typer.core import TyperGroup

from songhe.doors.cli.setup import lang


@dataclass(frozen=True)
class Entry:
    """Where a command stands and what it is for."""

    module: str
    zh: str
    en: str
    group: bool = False


DOOR = "songhe.doors.cli."
COMMANDS = {
    "demo": Entry(DOOR + "demo", "载入演示城市并打开网站", "Load the demo city and serve it"),
    "serve": Entry(DOOR + "serve", "启动网站", "Serve the site"),
    "doctor": Entry(
        DOOR + "doctor", "检查本机缺什么、因此哪些功能不可用", "Say what is missing here and what is therefore off"
    ),
    "db": Entry(
        DOOR + "db", "数据库：升级表结构、启动、停止、角色", "Database: migrate, start, stop, roles", group=True
    ),
    "places": Entry(DOOR + "places", "行政区划：导入、查看", "Places: import, show", group=True),
    "accounts": Entry(DOOR + "accounts", "账号与岗位", "Accounts and posts", group=True),
    "people": Entry(DOOR + "people", "老年人名册：导入、撤销、查找", "Older people: import, undo, find", group=True),
    "duties": Entry(DOOR + "duties", "探访责任：开期、应访、漏访", "Duties: open a period, due, missed", group=True),
    "visits": Entry(DOOR + "visits", "探访记录", "Visits", group=True),
    "facilities": Entry(DOOR + "facilities", "机构设施：名单、核查、抽查", "Facilities: list, check, draw", group=True),
    "field": Entry(DOOR + "field", "纸单：打印、识读", "Paper sheets: print, read", group=True),
    "indicators": Entry(DOOR + "indicators", "指标：分子、分母、比率", "Indicators: numerator, denominator, rate"),
    "outbox": Entry(DOOR + "outbox", "待发短信：取走", "Messages that wait: fetch them"),
    "programmes": Entry(
        DOOR + "programmes", "工程：核对、承诺、进度", "Programmes: check, commitments, status", group=True
    ),
    "bulletins": Entry(DOOR + "bulletins", "通报：起草、签发、列表", "Bulletins: make, issue, list", group=True),
    "ledger": Entry(DOOR + "ledger", "台账：查看、导入、导出", "Ledger: list, import, export", group=True),
    "orders": Entry(DOOR + "orders", "服务订单：名单、经过", "Service orders: list, history", group=True),
    "meetings": Entry(DOOR + "meetings", "会议和决定的落实", "Meetings and what became of decisions", group=True),
    "audit": Entry(DOOR + "audit", "审计链核验", "Verify the audit chain", group=True),
    "read": Entry(DOOR + "read", "读一份通知，得到工作清单草稿", "Read a notice into a draft programme"),
    "plan": Entry(DOOR + "plan", "路线、派单、选址的排程计算", "Plan rounds, dispatch and sites", group=True),
    "work": Entry(DOOR + "work", "后台任务进程", "Background worker"),
    "bench": Entry(DOOR + "bench", "测量速度", "Measure speed"),
    "beds": Entry(DOOR + "beds", "家庭养老床位和设备", "Home-based care beds and devices", group=True),
    "meals": Entry(DOOR + "meals", "助餐点、人次和人数", "Meal points, meals and persons", group=True),
    "volunteers": Entry(DOOR + "volunteers", "志愿组织：名单、导入", "Volunteer groups: list, import", group=True),
}


class LazyGroup(TyperGroup):
    """Looks a command up in COMMANDS and imports its module only to run it."""

    def list_commands(self, ctx):  # type: ignore[no-untyped-def]
        return [name for name, entry in COMMANDS.items() if _written(entry)]

    def get_command(self, ctx, name):  # type: ignore[no-untyped-def]
        entry = COMMANDS.get(name)
        if entry is None or not _written(entry):
            return None
        if _only_listing():
            return _stand_in(name, entry)
        app = importlib.import_module(entry.module).app
        command = typer.main.get_group(app) if entry.group else typer.main.get_command(app)
        command.name = name
        command.help = command.help or _about(entry)
        return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # locals may hold personal data
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(
    help="松鹤 Songhe：县域养老服务——从承诺到家门口，再回到一个数。"
    if lang() == "zh"
    else "Songhe: elder care of a county."
)
def songhe() -> None:
    """Only the root of the commands."""


def run() -> None:
    """The console script: a Trouble or a refusal is one sentence and exit code 1, never a traceback."""
    try:
        app()
    except Exception as error:
        said = str(error) if type(error).__name__ == "OperationalError" else getattr(error, lang(), None)
        if not isinstance(said, str) or os.environ.get("SONGHE_DEBUG"):
            raise
        print(said, file=sys.stderr)
        sys.exit(1)


def _written(entry: Entry) -> bool:
    return importlib.util.find_spec(entry.module) is not None


def _only_listing() -> bool:
    return all(word in ("-h", "--help") for word in sys.argv[1:])


def _about(entry: Entry) -> str:
    return entry.zh if lang() == "zh" else entry.en


def _stand_in(name: str, entry: Entry):  # type: ignore[no-untyped-def]
    stand_in = typer.Typer(add_completion=False)
    stand_in.command(name, help=_about(entry))(lambda: None)
    return typer.main.get_command(stand_in)


if __name__ == "__main__":
    run()
