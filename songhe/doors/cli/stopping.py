"""Long computations end well: asked once to stop, they finish with the best so far; asked again, at once."""

import signal
import sys
import threading
from functools import partial

import click
import typer

from songhe.doors.cli.setup import lang


def stop_on_signal() -> threading.Event:
    """Set by Ctrl-C or SIGTERM until the command ends. A second one ends the process."""
    stop = threading.Event()

    def ask(number, _frame):
        if stop.is_set():
            sys.exit(128 + number)
        stop.set()
        zh = "正在收尾，保留已有最好的结果……再按一次立即退出。"
        typer.echo(zh if lang() == "zh" else "Stopping with the best so far; once more to leave at once.", err=True)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before = signal.signal(number, ask)
            if context := click.get_current_context(silent=True):
                context.call_on_close(partial(signal.signal, number, before))
    return stop
