"""Checked lines made ready for COPY: personal columns sealed and blinded, search keys and ids made, one CSV text a chunk.

    prepared = prepare(frame, job)     # frame: raw text of up to reading.CHUNK lines
    prepared.copy                      # bytes for COPY … FROM STDIN (FORMAT csv), columns as in STAGED
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

import numpy as np
import polars as pl

from songhe.core.crypto import Keyring
from songhe.registry.people import searchkeys
from songhe.registry.people.roster.checking import Fault, check
from songhe.registry.people.roster.villages import Villages
from songhe.registry.people.searchkeys import AD

NOTES_KEPT = 200  # doubts and repairs kept for each chunk; the rest are only counted
STAGED = (
    ("line", "int"), ("uid", "uuid"), ("name", "text"), ("name_sort", 'text COLLATE "C"'), ("terms", "text[]"), ("sex", "text"),
    ("birth", "date"), ("id_sealed", "bytea"), ("id_blind", "bytea"), ("phone_sealed", "bytea"), ("phone_blind", "bytea"),
    ("address_sealed", "bytea"), ("village_id", "bigint"), ("town_id", "bigint"), ("county_id", "bigint"), ("city_id", "bigint"),
    ("tags", "int"), ("circumstance_from", "date"), ("living", "text"), ("marital", "text"), ("ethnicity", "text"),
    ("hukou", "text"), ("former_name", "text"), ("ability_level", "smallint"), ("ability_on", "date"), ("ability_due", "date"),
    ("case_file_on", "date"), ("verified_on", "date"), ("source", "text"), ("contact_name", "text"), ("contact_relation", "text"), ("contact_sealed", "bytea"),
)  # fmt: skip


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
        places = job.villages.now
        self.places = pl.DataFrame(
            {"village_id": [v.id for v in places], "town_id": [v.town_id for v in places],
             "county_id": [v.county_id for v in places], "city_id": [v.city_id for v in places]},
            schema=dict.fromkeys(("village_id", "town_id", "county_id", "city_id"), pl.Int64),
        )  # fmt: skip

    def __call__(self, frame: pl.DataFrame) -> Prepared:
        checked = check(frame, self.job.villages, today=self.job.today, fast=self.job.fast)
        good = self._sorted(checked.good)
        return Prepared(
            rows=frame.height,
            copy=self._copy(good),
            lines=checked.good["line"].to_numpy(),
            keys=checked.good["key"].to_numpy(),
            faults=checked.faults,
            notes=checked.notes[:NOTES_KEPT],
            notes_total=len(checked.notes),
            contacts=bool(good["contact_name"].is_not_null().any() or good["contact_phone"].is_not_null().any()),
            tagged=bool((good["tags"] != 0).any()),
        )

    def _sorted(self, good: pl.DataFrame) -> pl.DataFrame:
        """With places and pinyin, in the order of the lists, so that rows go into the indexes side by side."""
        good = good.join(self.places, on="village_id", how="left", maintain_order="left")
        sorts = self._of_names(good["name"], searchkeys.sort_key)
        return good.with_columns(sorts.alias("name_sort")).sort("village_id", "name_sort")

    @staticmethod
    def _of_names(column: pl.Series, make: Callable[[str], str]) -> pl.Series:
        seen = column.unique().drop_nulls().to_list()
        return column.replace_strict(seen, [make(n) for n in seen], return_dtype=pl.String) if seen else column

    def _terms(self, good: pl.DataFrame) -> pl.Series:
        """The array literal of search keys; a former name is rare and read for its row alone."""
        plain = self._of_names(good["name"], lambda n: searchkeys.array_text(searchkeys.name_terms(n)))
        tails = good["id_number"].str.slice(-4)
        seen = tails.unique().drop_nulls().to_list()
        ends = tails.replace_strict(seen, [f'"{self.tail(t)}"' for t in seen], return_dtype=pl.String) if seen else tails
        if good["former_name"].is_not_null().any():
            rows = zip(good["name"].to_list(), good["former_name"].to_list(), plain.to_list(), strict=True)
            both = [searchkeys.array_text(searchkeys.all_name_terms(n, f)) if f else p for n, f, p in rows]
            plain = pl.Series(both, dtype=pl.String)
        return pl.select(pl.concat_str([pl.lit("{"), pl.lit(plain), pl.lit(","), pl.lit(ends), pl.lit("}")])).to_series()

    def _copy(self, good: pl.DataFrame) -> bytes:
        if not good.height:
            return b""
        ids, phones = good["id_number"].to_list(), good["phone"].to_list()
        ring = self.ring
        made = {
            "uid": pl.Series(new_uids(good.height), dtype=pl.String),
            "terms": self._terms(good),
            "id_sealed": _hex(ring.seal_many(ids, AD["id_number"])),
            "id_blind": _hex(ring.blind_many(ids, "id")),
            "phone_sealed": _hex(ring.seal_many(phones, AD["phone"])),
            "phone_blind": _hex(ring.blind_many(phones, "phone")),
            "address_sealed": _hex(ring.seal_many(good["address"].to_list(), AD["address"])),
            "contact_sealed": _hex(ring.seal_many(good["contact_phone"].to_list(), AD["contact"])),
        }
        out = good.with_columns([series.alias(name) for name, series in made.items()])
        return out.select([name for name, _type in STAGED]).write_csv(include_header=False, null_value="").encode()


def _hex(cells: list[bytes | None]) -> pl.Series:
    column = pl.Series(cells, dtype=pl.Binary).bin.encode("hex")
    return pl.select(pl.concat_str([pl.lit("\\x"), pl.lit(column)])).to_series()


def new_uids(count: int) -> list[str]:
    """UUIDs of version 7 in rising order (see rules.new_uid): 4,096 to a millisecond, the rest random."""
    start = time.time_ns() // 1_000_000
    order = np.arange(count, dtype=np.uint64)
    high = ((np.uint64(start) + (order >> np.uint64(12))) << np.uint64(16)) | np.uint64(0x7000) | (order & np.uint64(0xFFF))
    low = np.frombuffer(os.urandom(8 * count), np.uint64) & np.uint64((1 << 62) - 1) | np.uint64(2 << 62)
    both = np.empty((count, 2), ">u8")
    both[:, 0], both[:, 1] = high, low
    text = both.tobytes().hex()
    return [text[at : at + 32] for at in range(0, 32 * count, 32)]


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
