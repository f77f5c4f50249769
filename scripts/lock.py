"""Pin every requirement again: hashes, wheels only, no addresses, for Linux and Python 3.11 to 3.13 at once.

    make lock                    keeps today's pins where they still fit
    make lock ARGS=--upgrade     takes the newest of everything

The sets build on one another, so that a package stands at one version in all of them.
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
ORDER = ("runtime", "planning", "sheets", "demo", "dev", "lock", "boot")


def main() -> int:
    """Compile each set in order; stops at the first that fails."""
    for name in ORDER:
        print(f"lock {name}", flush=True)
        done = subprocess.run(
            [
                *(
                    Path(sys.executable).with_name("uv"),
                    "pip",
                    "compile",
                    f"{name}.in",
                    "-o",
                    f"{name}.lock",
                    "--quiet",
                ),
                *("--generate-hashes", "--universal", "--only-binary", ":all:", "--python-version", "3.11"),
                *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", *sys.argv[1:]),
            ],
            cwd=FOLDER,
            check=False,
        )
        if done.returncode:
            return done.returncode
        if "://" in (FOLDER / f"{name}.lock").read_text():
            print(f"{name}.lock holds an address: a city's mirror would be bypassed", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
