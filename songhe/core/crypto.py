"""Personal fields at rest: sealed with SM4-GCM (GB/T 32907, GB/T 36624), found again by an HMAC-SM3 blind index (GB/T 32905).

    ring = Keyring.parse("k2:<hex secret>,k1:<hex secret>")
    cell = ring.seal("13800001234", ad=b"person.phone")   -> b"k2:" + 12-byte nonce + cipher text + 16-byte tag
    ring.open_sealed(cell, ad=b"person.phone")            -> "13800001234"
    ring.blind("13800001234", "phone")                    -> 32 bytes, equal for equal text and purpose

The newest key (largest number) seals; every key in the ring opens. `ad` names the column, so a sealed cell moved to another
column does not open. The blind key does not turn with the sealing keys, or equality and uniqueness would break half way:
it comes from the ring's "blind" secret if one is given, else from the oldest key. Before that key is retired, give its
secret as "blind" or rebuild the index columns. A key may seal 2^32 fields (random 96-bit nonces, SP 800-38D §8.3).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from songhe.core.gcm import MAX_BLOCKS, Gcm
from songhe.core.problem import Problem, Refused

NONCE, TAG = 12, 16
CHUNK = 4096  # rows of a bulk pass: the tables and columns stay in the processor's cache
_KEY_ID = re.compile(r"k[1-9]\d{0,3}")


class BadKey(Refused):
    """The key ring cannot be used as given."""


class BadSeal(Refused):
    """A sealed value that does not open: damaged, moved from another column, or sealed by a key not in the ring."""


class Keyring:
    """Secrets by key id (`k1`, `k2`, …), each at least 16 bytes; optionally a separate secret for the blind index."""

    def __init__(self, secrets: dict[str, bytes], blind: bytes | None = None):
        if not secrets:
            raise BadKey(_no_key())
        for name, secret in [*secrets.items(), ("blind", blind if blind is not None else b"\0" * 16)]:
            if name != "blind" and not _KEY_ID.fullmatch(name):
                raise BadKey(_bad_id(name))
            if len(secret) < 16:
                raise BadKey(_short(name))
        order = sorted(secrets, key=lambda k: int(k[1:]))
        self.newest = order[-1]
        self._keys = {k: _derive(secrets[k], f"songhe field {k}", 16) for k in order}
        self._blind = blind if blind is not None else secrets[order[0]]
        self._macs: dict[str, Callable[[bytes], bytes]] = {}
        self._bulk: dict[str, Gcm] = {}

    @classmethod
    def parse(cls, text: str) -> Keyring:
        """ "k2:<hex>,k1:<hex>[,blind:<hex>]", as it stands in the environment. Raises BadKey."""
        secrets: dict[str, bytes] = {}
        for part in filter(None, (p.strip() for p in text.split(","))):
            name, _, value = part.partition(":")
            try:
                secret = bytes.fromhex(value.strip())
            except ValueError:
                raise BadKey(_not_hex(name)) from None
            if name in secrets:
                raise BadKey(_bad_id(name))
            secrets[name] = secret
        blind = secrets.pop("blind", None)
        return cls(secrets, blind)

    @classmethod
    def from_secret(cls, secret: str | bytes) -> Keyring:
        """A ring with the one key k1, from any long secret string (the demo's, a test's)."""
        return cls({"k1": secret.encode() if isinstance(secret, str) else secret})

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._keys)})"  # never the secrets

    # one field at a time ------------------------------------------------------------------------------------------

    def seal(self, text: str, ad: bytes = b"") -> bytes:
        """Encrypt one field under the newest key."""
        nonce = os.urandom(NONCE)
        encryptor = Cipher(algorithms.SM4(self._keys[self.newest]), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(ad)
        body = encryptor.update(text.encode()) + encryptor.finalize()
        return b"".join((self.newest.encode(), b":", nonce, body, encryptor.tag))

    def open_sealed(self, sealed: bytes | memoryview, ad: bytes = b"") -> str:
        """Decrypt one field. Raises BadSeal."""
        key_id, body = _split(bytes(sealed))
        key = self._keys.get(key_id)
        if key is None:
            raise BadSeal(_unknown_key(key_id))
        nonce, text, tag = body[:NONCE], body[NONCE:-TAG], body[-TAG:]
        decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(ad)
        try:
            return (decryptor.update(text) + decryptor.finalize()).decode()
        except InvalidTag:
            raise BadSeal(_damaged()) from None

    def is_current(self, sealed: bytes | memoryview) -> bool:
        """Whether the field is sealed by the newest key (rotation looks for those that are not)."""
        return _split(bytes(sealed))[0] == self.newest

    def reseal(self, sealed: bytes | memoryview, ad: bytes = b"") -> bytes:
        """The same field under the newest key."""
        return self.seal(self.open_sealed(sealed, ad), ad)

    # many at once -------------------------------------------------------------------------------------------------

    def seal_many(self, texts: Sequence[str | None], ad: bytes = b"") -> list[bytes | None]:
        """seal() over a column; None stays None. The order is kept."""
        data = [None if t is None else t.encode() for t in texts]
        out: list[bytes | None] = [None] * len(data)
        gcm = self._gcm(self.newest)
        head = self.newest.encode() + b":"
        for blocks, rows in _by_blocks(data):
            if blocks > MAX_BLOCKS:
                for row in rows:
                    out[row] = self.seal(texts[row] or "", ad)
            else:
                for at in range(0, len(rows), CHUNK):
                    _seal_chunk(gcm, head, data, rows[at : at + CHUNK], blocks, ad, out)
        return out

    def open_many(self, cells: Sequence[bytes | memoryview | None], ad: bytes = b"") -> list[str | None]:
        """open_sealed() over a column; None stays None. Raises BadSeal if any cell does not open."""
        out: list[str | None] = [None] * len(cells)
        bodies: dict[str, list[bytes | None]] = {}
        for row, cell in enumerate(cells):
            if cell is not None:
                key_id, body = _split(bytes(cell))
                if key_id not in self._keys:
                    raise BadSeal(_unknown_key(key_id))
                if key_id not in bodies:
                    bodies[key_id] = [None] * len(cells)
                bodies[key_id][row] = body
        for key_id, column in bodies.items():
            for blocks, rows in _by_blocks(column, NONCE + TAG):
                if blocks > MAX_BLOCKS:
                    for row in rows:
                        out[row] = self.open_sealed(bytes(cells[row] or b""), ad)
                else:
                    for at in range(0, len(rows), CHUNK):
                        _open_chunk(self._gcm(key_id), column, rows[at : at + CHUNK], blocks, ad, out)
        return out

    def _gcm(self, key_id: str) -> Gcm:
        if key_id not in self._bulk:
            self._bulk[key_id] = Gcm(self._keys[key_id])
        return self._bulk[key_id]

    # the blind index ----------------------------------------------------------------------------------------------

    def blind(self, text: str, purpose: str) -> bytes:
        """HMAC-SM3 of the text under the purpose's own key: 32 bytes. Give the text already normalised."""
        return self._mac(purpose)(text.encode())

    def blind_many(self, texts: Sequence[str | None], purpose: str) -> list[bytes | None]:
        """blind() over a column; None stays None."""
        mac = self._mac(purpose)
        return [None if t is None else mac(t.encode()) for t in texts]

    def _mac(self, purpose: str) -> Callable[[bytes], bytes]:
        if purpose not in self._macs:
            self._macs[purpose] = hmac_sm3(_derive(self._blind, f"songhe blind {purpose}", 32))
        return self._macs[purpose]


def hmac_sm3(key: bytes) -> Callable[[bytes], bytes]:
    """HMAC-SM3 with the two key blocks hashed once: copying a half-done hash is twice as fast as hmac.digest()."""
    padded = (key if len(key) <= 64 else _sm3(key).digest()).ljust(64, b"\0")
    inner, outer = _sm3(bytes(b ^ 0x36 for b in padded)), _sm3(bytes(b ^ 0x5C for b in padded))

    def mac(data: bytes) -> bytes:
        first, second = inner.copy(), outer.copy()
        first.update(data)
        second.update(first.digest())
        return second.digest()

    return mac


class _LibrarySm3:
    """hashlib's face on cryptography's SM3, for a system OpenSSL that was built without it."""

    def __init__(self, data: bytes = b"", state: Any = None):
        self._state = state or hashes.Hash(hashes.SM3())
        self._state.update(data)

    def update(self, data: bytes) -> None:
        self._state.update(data)

    def copy(self) -> _LibrarySm3:
        return _LibrarySm3(state=self._state.copy())

    def digest(self) -> bytes:
        return self._state.copy().finalize()


@lru_cache(maxsize=1)
def _has_sm3() -> bool:
    return "sm3" in hashlib.algorithms_available


def _sm3(data: bytes) -> Any:
    return hashlib.new("sm3", data) if _has_sm3() else _LibrarySm3(data)


def _derive(secret: bytes, purpose: str, size: int) -> bytes:
    """HKDF-SM3: an independent sub-key for each purpose, so no key does two jobs."""
    return HKDF(hashes.SM3(), length=size, salt=b"songhe", info=purpose.encode()).derive(secret)


def _split(sealed: bytes) -> tuple[str, bytes]:
    head, colon, body = sealed.partition(b":")
    if not colon or len(head) > 5 or len(body) < NONCE + TAG:
        raise BadSeal(_damaged())
    return head.decode("ascii", "replace"), body


def _by_blocks(column: Sequence[bytes | None], extra: int = 0) -> Iterable[tuple[int, list[int]]]:
    groups: dict[int, list[int]] = {}
    for row, value in enumerate(column):
        if value is not None:
            groups.setdefault((len(value) - extra + 15) // 16, []).append(row)
    return groups.items()


def _columns(values: list[bytes], width: int) -> tuple[np.ndarray, np.ndarray]:
    sizes = np.fromiter(map(len, values), np.int64, len(values))
    flat = np.frombuffer(b"".join([v.ljust(width, b"\0") for v in values]), np.uint8)
    return flat.reshape(len(values), width), sizes


def _seal_chunk(
    gcm: Gcm, head: bytes, data: list[bytes | None], rows: list[int], blocks: int, ad: bytes, out: list[bytes | None]
) -> None:
    count, width, start = len(rows), blocks * 16, len(head) + NONCE
    plain, sizes = _columns([data[r] or b"" for r in rows], width)
    nonces = np.frombuffer(os.urandom(NONCE * count), np.uint8).reshape(count, NONCE)
    cipher, tags = gcm.seal(nonces, plain, sizes, ad)
    cells = np.empty((count, start + width + TAG), np.uint8)
    cells[:, : len(head)] = np.frombuffer(head, np.uint8)
    cells[:, len(head) : start] = nonces
    cells[:, start : start + width] = cipher
    cells[np.arange(count)[:, None], (start + sizes)[:, None] + np.arange(TAG)] = tags
    flat, step = cells.tobytes(), cells.shape[1]
    ends = (sizes + (start + TAG)).tolist()
    for at, (row, end) in enumerate(zip(rows, ends, strict=True)):
        out[row] = flat[at * step : at * step + end]


def _open_chunk(
    gcm: Gcm, column: list[bytes | None], rows: list[int], blocks: int, ad: bytes, out: list[str | None]
) -> None:
    count, width = len(rows), blocks * 16
    cells, whole = _columns([column[r] or b"" for r in rows], NONCE + width + TAG)
    sizes = whole - (NONCE + TAG)
    tags = cells[np.arange(count)[:, None], (NONCE + sizes)[:, None] + np.arange(TAG)]
    cipher = cells[:, NONCE : NONCE + width].copy()
    cipher[np.arange(width) >= sizes[:, None]] = 0
    plain, right = gcm.open(np.ascontiguousarray(cells[:, :NONCE]), cipher, sizes, tags, ad)
    if not right:
        raise BadSeal(_damaged())
    flat = plain.tobytes()
    for at, (row, size) in enumerate(zip(rows, sizes.tolist(), strict=True)):
        out[row] = flat[at * width : at * width + size].decode()


def _no_key() -> Problem:
    return Problem(
        "key_missing",
        "没有加密密钥，个人信息无法保存。请在运行环境中设置密钥（形如 k1:<十六进制>），并另存一份。",
        "There is no encryption key, so personal fields cannot be stored. Set one in the environment (k1:<hex>) and keep a copy.",
    )


def _bad_id(name: str) -> Problem:
    return Problem(
        "key_bad_id",
        f"密钥名“{name[:20]}”不合规或重复。请用 k1、k2、k3……，每个只出现一次。",
        f'The key id "{name[:20]}" is not allowed or stands twice. Use k1, k2, k3 …, each once.',
    )


def _short(name: str) -> Problem:
    return Problem(
        "key_too_short",
        f"密钥 {name} 太短，至少要16字节（32个十六进制字符）。请重新生成。",
        f"Key {name} is too short: at least 16 bytes (32 hex characters). Make a new one.",
    )


def _not_hex(name: str) -> Problem:
    return Problem(
        "key_not_hex",
        f"密钥“{name[:20]}”的内容不是十六进制。请核对是否复制完整，写法为 k1:<十六进制>。",
        f'The secret of key "{name[:20]}" is not hexadecimal. Check that it was copied whole; write k1:<hex>.',
    )


def _unknown_key(key_id: str) -> Problem:
    return Problem(
        "seal_unknown_key",
        f"这条加密信息用的是密钥 {key_id}，现在的密钥串里没有它。请把旧密钥加回运行环境后再打开。",
        f"This field was sealed with key {key_id}, which is not in the key ring. Add the old key back and try again.",
    )


def _damaged() -> Problem:
    return Problem(
        "seal_damaged",
        "这条加密信息打不开：内容被改动、来自别的栏目，或密钥不对。请从备份恢复该记录，并告知系统管理员。",
        "This sealed field does not open: it was changed, comes from another column, or the key is wrong. "
        "Restore the row from a backup and tell the system administrator.",
    )
