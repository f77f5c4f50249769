"""Secrets made once on this machine and kept in var/secrets.json, readable by its owner only (0600).

For real duty the environment comes first (docs/deploy.md); this file serves the demo and the private cluster.
"""

import fcntl
import json
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from songhe.core.trouble import Trouble


def secret(var: Path, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
    """The secret called `name`, made by `make()` when first asked for; two processes asking at once get one."""
    file = var / "secrets.json"
    make_private_folder(var)
    with open(var / ".secrets.lock", "a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        kept = _read(file)
        if name not in kept:
            kept[name] = make()
            write_private(file, json.dumps(kept, indent=1))
        return kept[name]


def given(name: str) -> str:
    """The environment's value for `name`, or the content of the file named by `name`_FILE (systemd credentials); "" if none."""
    if named := os.environ.get(name + "_FILE"):
        return Path(named).read_text(encoding="utf-8").strip()
    return os.environ.get(name, "")


def write_private(file: Path, text: str) -> None:
    """Replace `file` in one step, mode 0600, owned like its folder (root in another's folder leaves it theirs)."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    own_like_folder(fresh)
    os.replace(fresh, file)


def make_private_folder(folder: Path) -> None:
    """Make `folder` if absent; others may pass through it (the database's user must reach var/pg) but not list it."""
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o711, exist_ok=True)
        own_like_folder(folder)


def own_like_folder(path: Path) -> None:
    """As root, give `path` to the owner of the folder it stands in; otherwise nothing."""
    if os.geteuid() == 0:
        parent = path.parent.stat()
        os.chown(path, parent.st_uid, parent.st_gid)


def _read(file: Path) -> dict[str, str]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise Trouble(
            f"无权读取 {file}：它由另一个用户建立。请用建立它的用户运行，或用 SONGHE_VAR 指定另一个目录。",
            f"{file} cannot be read: another user made it. Run as that user, or name another folder in SONGHE_VAR.",
        ) from None
    except ValueError:
        raise Trouble(
            f"{file} 已损坏，无法读取。请从备份恢复；没有备份则其中的密钥已丢失，已加密的资料无法解开。",
            f"{file} is damaged. Restore it from a backup; without one its keys, and what they sealed, are lost.",
        ) from None
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        os.chmod(file, 0o600)
    return kept
