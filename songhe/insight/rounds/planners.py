"""The solvers of `insight.planning`, loaded when somebody plans: an office that does not plan does without their libraries."""

from functools import cache
from importlib import import_module
from types import ModuleType

from songhe.core.refusal import Refusal


@cache
def planner(name: str) -> ModuleType:
    """A module of `insight.planning` with a `warm_up`, such as "weekly.plan", loaded and compiled once in a process. Refused where
    its libraries are not installed."""
    try:
        module = import_module(f"songhe.insight.planning.{name}")
    except ImportError as error:
        raise Refusal(
            "no_planner",
            zh="本机没有安装排班计算组件（requirements/planning.lock），不能排班和测算；其他功能不受影响。请系统管理员安装后再试。",
            en="The planning libraries (requirements/planning.lock) are not installed here, so nothing can be planned; everything else works. Ask the system administrator to install them.",
        ) from error
    module.warm_up()
    return module
