"""Where compiled kernels are kept between runs.

numba writes its cache beside the source, or in the user's cache folder. Where neither can be written (a read-only
installation under a service account), a folder below the system's temporary folder is used, so the second run starts at once.
Import this module before numba. ``songhe plan warm`` compiles everything ahead of the first plan.
"""

import os
import tempfile
from pathlib import Path


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def settle_cache() -> None:
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    if _writable(Path(__file__).parent / "__pycache__"):
        return
    home = Path(os.path.expanduser("~")) / ".cache"
    if not _writable(home / "numba"):
        os.environ["NUMBA_CACHE_DIR"] = str(Path(tempfile.gettempdir()) / f"songhe-numba-{os.getuid()}")


settle_cache()
