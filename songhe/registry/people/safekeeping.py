"""Original files kept sealed: SM4-GCM over the whole file under a key of its own, drawn from the process's key ring.

stored = keep(Path("名册.xlsx"), "rosters/2026/11/….sealed")     # the name under which default_storage holds it
with opened(stored) as path: …                                    # a private temporary copy in clear, gone afterwards
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.core.files import File
from django.core.files.storage import default_storage

from songhe.core.refusal import Refusal
from songhe.registry.people import sealing

MARK = b"songhe1\n"
SALT, NONCE, TAG, BLOCK = 16, 12, 16, 1 << 20


def _key(salt: bytes) -> bytes:
    return sealing.ring().blind(salt.hex(), "file key")[:16]


def keep(path: Path, name: str) -> str:
    """Seal a file into default_storage; returns the name it got there."""
    with tempfile.TemporaryFile() as sealed:
        with path.open("rb") as clear:
            _seal(clear, sealed)
        sealed.seek(0)
        return default_storage.save(name, File(sealed))


def _seal(clear: BinaryIO, sealed: BinaryIO) -> None:
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    encryptor = Cipher(algorithms.SM4(_key(salt)), modes.GCM(nonce)).encryptor()
    sealed.write(MARK + salt + nonce)
    while block := clear.read(BLOCK):
        sealed.write(encryptor.update(block))
    sealed.write(encryptor.finalize() + encryptor.tag)


@contextmanager
def opened(name: str) -> Iterator[Path]:
    """A temporary clear copy, checked against its tag. Raises Refusal when the original is gone or damaged."""
    if not name or not default_storage.exists(name):
        raise Refusal(
            "original_gone",
            zh="原始文件已不在。请重新上传。",
            en="The original file is gone. Upload it again.",
            field="file",
        )
    with tempfile.NamedTemporaryFile(suffix=".roster") as clear:
        with default_storage.open(name, "rb") as sealed:
            _open(sealed, clear)
        clear.flush()
        yield Path(clear.name)


def _open(sealed: BinaryIO, clear: BinaryIO) -> None:
    size = sealed.seek(0, os.SEEK_END)
    sealed.seek(size - TAG)
    tag = sealed.read(TAG)
    sealed.seek(0)
    head = sealed.read(len(MARK) + SALT + NONCE)
    left = size - len(head) - TAG
    salt, nonce = head[len(MARK) : len(MARK) + SALT], head[len(MARK) + SALT :]
    decryptor = Cipher(algorithms.SM4(_key(salt)), modes.GCM(nonce, tag)).decryptor()
    while left > 0:
        block = sealed.read(min(BLOCK, left))
        left -= len(block)
        clear.write(decryptor.update(block))
    try:
        clear.write(decryptor.finalize())
    except InvalidTag:
        raise Refusal(
            "original_damaged",
            zh="原始文件已损坏或被改动，不能使用。请重新上传。",
            en="The original file is damaged or was changed. Upload it again.",
            field="file",
        ) from None
