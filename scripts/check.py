"""`make check`: everything CI refuses a change for, run to the end, with a plain summary.

A step whose script is not there is left out: the floors of a house stand before its documents do.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = str(BIN / "python")
# Comparing models with migrations needs settings but no data: an address nobody answers at keeps the real database out.
NOWHERE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
    "DATABASE_OWNER_URL": "",
    "SONGHE_SECRET_KEY": "only for checks",
    "SONGHE_DATA_KEY": "k1:" + "00" * 32,
    "DJANGO_SETTINGS_MODULE": "songhe.config.settings",
}
STEPS: list[tuple[str, list[str]]] = [
    ("ruff", [str(BIN / "ruff"), "check", "--quiet", "--output-format", "concise", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "--output-format", "concise", "."]),
    ("floors", [str(BIN / "lint-imports"), "--no-logo"]),
    ("migrations", [PYTHON, "-W", "ignore", "-m", "django", "makemigrations", "--check", "--dry-run"]),
    ("django", [PYTHON, "-W", "ignore", "-m", "django", "check", "--fail-level", "WARNING"]),
    ("doors", [PYTHON, "scripts/doors_lint.py"]),
    ("docs", [PYTHON, "scripts/rules_doc.py", "--check"]),
    ("translations", [PYTHON, "scripts/translations.py", "--check"]),
    ("vendor", [PYTHON, "scripts/vendor.py", "--check"]),
    ("types", [str(BIN / "mypy"), "--no-error-summary", *("songhe/core/postgres.py", "songhe/core/postmaster.py")]),
]


def main() -> int:
    """Run every step; 1 if any failed."""
    failed = []
    steps = [(name, words) for name, words in STEPS if _there(words)]
    for name, words in steps:
        started = time.monotonic()
        done = subprocess.run(
            words, cwd=ROOT, env=os.environ | NOWHERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        took = f"{time.monotonic() - started:.1f} s"
        print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name:13} {took}", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout.decode(errors="replace").rstrip(), flush=True)
    print(f"check: {len(steps) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def _there(words: list[str]) -> bool:
    return all((ROOT / word).exists() for word in words if word.startswith("scripts/"))


if __name__ == "__main__":
    sys.exit(main())
