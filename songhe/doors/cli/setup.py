"""What every command needs before it touches Django: a database that answers, the keys, the settings."""

import os
import secrets
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # psycopg is loaded only by commands that need it
    from songhe.core.postgres import Cluster

ROOT = Path(__file__).resolve().parents[3]


def var() -> Path:
    """The folder for data, keys and running state: SONGHE_VAR, else var/ beside the package."""
    return Path(os.environ.get("SONGHE_VAR") or ROOT / "var").absolute()


def lang() -> str:
    """The language of what commands print, "zh" or "en": SONGHE_LANG, else the terminal's; one that names none: zh."""
    said = os.environ.get("SONGHE_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "zh" if said.startswith("zh") or said.split(".")[0] in ("", "C", "POSIX") else "en"


def keys_ready() -> None:
    """Put the secret key and the data keys into the environment, made once into var/secrets.json unless given."""
    from songhe.core.vault import given, secret

    makers = {
        "SONGHE_SECRET_KEY": ("secret_key", lambda: secrets.token_urlsafe(48)),
        "SONGHE_DATA_KEY": ("data_key", lambda: "k1:" + secrets.token_hex(32)),
    }
    for variable, (name, make) in makers.items():
        _put(variable, given(variable) or secret(var(), name, make))


def database_ready() -> "Cluster":
    """Ensure the database and put its addresses into the environment; it is let go of when this process ends."""
    from songhe.core.postgres import ensure

    cluster = ensure(var())
    _put("DATABASE_URL", cluster.app_url)
    _put("DATABASE_OWNER_URL", cluster.owner_url)
    return cluster


def django_ready() -> "Cluster":
    """Database, keys and `django.setup()`. Call it at the start of a command, before importing any model."""
    stop_in_order()
    keys_ready()
    cluster = database_ready()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songhe.config.settings")
    os.environ.setdefault("SONGHE_VAR", str(var()))
    import django

    django.setup()
    return cluster


def _put(name: str, value: str) -> None:
    os.environ[name] = value
    os.environ.pop(name + "_FILE", None)  # read already, its line end cut off


def stop_in_order() -> None:
    """Turn SIGTERM and a closed terminal into an ordinary exit, so that the database is let go of."""

    def leave(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, leave)
