"""A file that comes in, whether as a path or as an upload: its bytes on disk, its digest, its own name."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from songhe.core.refusal import Refusal


@contextmanager
def on_disk(file: Any) -> Iterator[Path]:
    """A path to the file's bytes. Raises Refusal for a path where nothing lies."""
    if isinstance(file, (str, Path)):
        if not Path(file).is_file():
            raise Refusal("no_file", zh=f"找不到文件 {file}。", en=f"There is no file {file}.", field="file")
        yield Path(file)
        return
    with tempfile.NamedTemporaryFile(suffix=".incoming") as copy:
        file.seek(0)
        for part in file.chunks() if hasattr(file, "chunks") else iter(lambda: file.read(1 << 20), b""):
            copy.write(part)
        copy.flush()
        yield Path(copy.name)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def name_of(file: Any) -> str:
    """The file's own name, without folders, at most 200 characters."""
    return Path(str(getattr(file, "name", file))).name[-200:]
