"""Checked lines made ready for COPY: personal columns sealed and blinded, search keys and ids made, one block a chunk.

    prepared = Preparer(job)(frame)    # frame: raw text of up to reading.CHUNK lines
    prepared.copy                      # bytes for COPY … FROM STDIN (FORMAT binary), columns as in STAGED
    prepared.keys                      # line and 17 digits of each good line, by which doubles in the file are found

Runs in worker processes: knows no framework and no database; everything it needs is in the Job.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from struct import pack

import numpy as np
import polars as pl

from songhe.core import names
from songhe.core.crypto import Keyring
from songhe.core.surnames import ALSO, COMPOUND, SINGLE
from songhe.registry.people import searchkeys
from songhe.registry.people.roster import binary
from songhe.registry.people.roster.checking import check
from songhe.registry.people.roster.examining import Fault
from songhe.registry.people.roster.villages import Villages
from songhe.registry.people.searchkeys import AD

NAMES_KEPT = 400_000
_ONE, _TWO = b"\0\0\0\x05n:", b"\0\0\0\x08n:"  # what stands before one and two characters in the array of keys
_HEAD = {n: pack(">iiiii", 1, 0, binary.TEXT_OID, keys + 1, 1) for n, keys in ((2, 5), (3, 7))}
TAIL_BYTES = 4 + 2 + searchkeys.TAIL  # the last element of `terms`: length, "t:" and the blinded tail
NOTES_KEPT = 200  # doubts and repairs kept for each chunk; the rest are only counted
STAGED = (  # in the order in which `_block` writes them
    ("line", "int"), ("uid", "uuid"), ("sex", "text"), ("birth", "date"), ("id_blind", "bytea"), ("tags", "int"),
    ("village_id", "bigint"), ("town_id", "bigint"), ("county_id", "bigint"), ("city_id", "bigint"),
    ("name", "text"), ("name_sort", 'text COLLATE "C"'), ("terms", "text[]"),
    ("id_sealed", "bytea"), ("phone_sealed", "bytea"), ("phone_blind", "bytea"), ("address_sealed", "bytea"),
    ("circumstance_from", "date"), ("living", "text"), ("marital", "text"), ("ethnicity", "text"), ("hukou", "text"),
    ("former_name", "text"), ("ability_level", "smallint"), ("ability_on", "date"), ("ability_due", "date"),
    ("case_file_on", "date"), ("verified_on", "date"), ("source", "text"), ("contact_name", "text"),
    ("contact_relation", "text"), ("contact_sealed", "bytea"), ("contact_blind", "bytea"),
)  # fmt: skip
_MAKERS = {"date": binary.day, "text": binary.text, "smallint": binary.int2}
_OPTIONAL = STAGED[17:-2]


@dataclass(frozen=True)
class Job:
    """What a worker needs to know about one import."""

    secret: str = field(repr=False)
    villages: Villages
    today: date
    fast: bool = True


@dataclass(slots=True)
class Prepared:
    """A chunk ready for the database."""

    rows: int
    copy: bytes
    lines: np.ndarray
    keys: np.ndarray
    faults: list[Fault]
    notes: list[Fault]
    notes_total: int
    contacts: bool
    tagged: bool


class Preparer:
    """Turns raw frames into Prepared chunks; keeps the key ring and the caches of one process."""

    def __init__(self, job: Job):
        self.job = job
        self.ring = Keyring.parse(job.secret)
        self.tail = searchkeys.tail_maker(self.ring)
        self.areas = {
            v.id: b"".join(map(binary.int8, (v.id, v.town_id, v.county_id, v.city_id))) for v in job.villages.now
        }
        self.names: dict[str, tuple[str, bytes]] = {}  # name -> its pinyin, and its three fields but for the ID tail
        self.tails: dict[str, bytes] = {}
        self.sounds: dict[str, str] = {}

    def __call__(self, frame: pl.DataFrame) -> Prepared:
        checked = check(frame, self.job.villages, today=self.job.today, fast=self.job.fast)
        good = self._sorted(checked.good)
        return Prepared(
            rows=frame.height,
            copy=self._block(good),
            lines=checked.good["line"].to_numpy(),
            keys=checked.good["key"].to_numpy(),
            faults=checked.faults,
            notes=checked.notes[:NOTES_KEPT],
            notes_total=len(checked.notes),
            contacts=bool(good["contact_name"].is_not_null().any() or good["contact_phone"].is_not_null().any()),
            tagged=bool((good["tags"] != 0).any()),
        )

    def _sorted(self, good: pl.DataFrame) -> pl.DataFrame:
        """In the order of the lists, so that rows go into the indexes side by side."""
        seen = good["name"].unique().drop_nulls().to_list()
        if len(self.names) >= NAMES_KEPT:
            self.names.clear()
        for name in seen:
            if name not in self.names:
                self.names[name] = self._quick(name) or self._slow(name)
        if not seen:
            return good
        sorts = good["name"].replace_strict(seen, [self.names[n][0] for n in seen], return_dtype=pl.String)
        return good.with_columns(sorts.alias("name_sort")).sort("village_id", "name_sort")

    def _slow(self, name: str) -> tuple[str, bytes]:
        return searchkeys.sort_key(name), self._named(name, searchkeys.name_terms(name))

    def _quick(self, name: str) -> tuple[str, bytes] | None:
        """The same for two or three different characters with one reading of the surname: nearly all names, a tenth of the time."""
        count, encoded = len(name), name.encode()
        if not 2 <= count <= 3 or len(encoded) != 3 * count or len(set(name)) < count or name[0] in ALSO or "·" in name:
            return None
        if count == 3 and name[:2] in COMPOUND:
            return None
        sounds = [SINGLE.get(name[0]) or self._sound(name[0]), *map(self._sound, name[1:])]
        sort, whole = " ".join(sounds), "".join(sounds).encode()
        if not (sort.isascii() and all(sounds)):
            return None
        marks = "".join([s[0] for s in sounds]).encode()
        a, b, c = encoded[:3], encoded[3:6], encoded[6:]
        grams = _ONE + a + _ONE + b + (_ONE + c + _TWO + a + b + _TWO + b + c if c else _TWO + a + b)
        inside = b"%s%ci:%s%cs:%s" % (grams + bytes(3), len(marks) + 2, marks + bytes(3), len(whole) + 2, whole)
        head = _HEAD[count]
        sorted_by = sort.encode()
        return sort, b"".join(
            (
                (3 * count).to_bytes(4, "big"), encoded, len(sorted_by).to_bytes(4, "big"), sorted_by,
                (len(head) + len(inside) + TAIL_BYTES).to_bytes(4, "big"), head, inside,
            )
        )  # fmt: skip

    def _sound(self, char: str) -> str:
        found = self.sounds.get(char)
        if found is None:
            found = self.sounds[char] = (names.syllables(char) or ("",))[0]
        return found

    @staticmethod
    def _named(name: str, terms: list[str]) -> bytes:
        """The fields name, name_sort and terms; the last element of terms, the blinded ID tail, follows."""
        head = binary.array_head(terms, 1, TAIL_BYTES)
        return binary.text(name) + binary.text(searchkeys.sort_key(name)) + head

    def _tail(self, tail: str) -> bytes:
        made = self.tails.get(tail)
        if made is None:
            made = self.tails[tail] = binary.field(self.tail(tail).encode())
        return made

    def _name_pieces(self, good: pl.DataFrame) -> list[bytes]:
        """Former names are rare: a row that has one is read for itself."""
        called, former = good["name"].to_list(), good["former_name"].to_list()
        if not good["former_name"].is_not_null().any():
            return [self.names[name][1] for name in called]
        return [
            self._named(n, searchkeys.all_name_terms(n, f)) if f else self.names[n][1]
            for n, f in zip(called, former, strict=True)
        ]

    def _block(self, good: pl.DataFrame) -> bytes:
        if not good.height:
            return b""
        ids, phones = good["id_number"].to_list(), good["phone"].to_list()
        ring = self.ring
        births = (good["birth"].to_physical() - (binary.EPOCH - date(1970, 1, 1)).days).to_numpy()
        columns: list[binary.Column] = [
            binary.fixed(
                [
                    (good["line"].to_numpy().astype(">i4"), 4),
                    (new_uids(good.height), 16),
                    (np.frombuffer("".join(good["sex"].to_list()).encode(), np.uint8), 1),
                    (births.astype(">i4"), 4),
                    (np.frombuffer(b"".join(ring.blind_many(ids, "id")), np.uint8), 32),  # type: ignore[arg-type]
                    (good["tags"].to_numpy().astype(">i4"), 4),
                ]
            ),
            [self.areas[village] for village in good["village_id"].to_list()],
            self._name_pieces(good),
            [self._tail(number[-4:]) for number in ids],
            *binary.cells(ring.seal_many(ids, AD["id_number"])),
            *binary.cells(ring.seal_many(phones, AD["phone"])),
            *binary.cells(ring.blind_many(phones, "phone")),
            *binary.cells(ring.seal_many(good["address"].to_list(), AD["address"])),
            *(binary.by_value(good[name], _MAKERS[kind]) for name, kind in _OPTIONAL),
            *binary.cells(ring.seal_many(good["contact_phone"].to_list(), AD["contact"])),
            *binary.cells(ring.blind_many(good["contact_phone"].to_list(), "phone")),
        ]
        return binary.START + binary.body(columns, len(STAGED)) + binary.END


def new_uids(count: int) -> np.ndarray:
    """UUIDs of version 7 in rising order (see rules.new_uid), (count, 16) bytes: 4,096 to a millisecond, the rest random."""
    start = time.time_ns() // 1_000_000
    order = np.arange(count, dtype=np.uint64)
    both = np.empty((count, 2), ">u8")
    both[:, 0] = (
        ((np.uint64(start) + (order >> np.uint64(12))) << np.uint64(16))
        | np.uint64(0x7000)
        | (order & np.uint64(0xFFF))
    )
    both[:, 1] = np.frombuffer(os.urandom(8 * count), np.uint64) & np.uint64((1 << 62) - 1) | np.uint64(2 << 62)
    return both.view(np.uint8).reshape(count, 16)


# in several processes ------------------------------------------------------------------------------------------------

_preparer: Preparer | None = None


def _start(job: Job) -> None:
    global _preparer
    os.nice(5)  # the database, which does the larger half, goes first
    _preparer = Preparer(job)


def _run(frame: pl.DataFrame) -> Prepared:
    assert _preparer is not None
    return _preparer(frame)


@contextmanager
def preparing(job: Job, workers: int) -> Iterator[Callable[[Iterator[pl.DataFrame]], Iterator[Prepared]]]:
    """A function from frames to Prepared chunks in file order, here or in `workers` processes of its own."""
    if workers < 1:
        yield lambda frames: map(Preparer(job), frames)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start, initargs=(job,)) as pool:
        try:
            yield lambda frames: _ahead(pool, frames, 2 * workers)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _ahead(pool: ProcessPoolExecutor, frames: Iterator[pl.DataFrame], most: int) -> Iterator[Prepared]:
    """Results in order, with never more than `most` chunks in the air: memory stays flat."""
    waiting: list[Future[Prepared]] = []
    for frame in frames:
        waiting.append(pool.submit(_run, frame))
        if len(waiting) >= most:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()
