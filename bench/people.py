"""The rows of older people: made in columns, written by COPY."""

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import psycopg

from songhe.demo.names import MEN, SURNAMES, WOMEN

if TYPE_CHECKING:
    from bench.prefecture import Size

VERSION = 1
CHUNK = 200_000
TAGS = (1, 2, 4, 8, 1 | 16, 2 | 64, 1 | 512, 2 | 128)  # circumstances of those owed contact: 独居, 空巢, 留守, 特困 …
COLUMNS = (
    "id", "uid", "name", "former_name", "name_sort", "search", "sex", "birth", "id_sealed", "id_blind", "phone_sealed",
    "phone_blind", "address_sealed", "hukou_text", "living", "marital", "ethnicity", "status", "status_from", "tags",
    "ability_level", "ability_on", "ability_due", "case_file_on", "helper_named", "source", "verified_on", "origin",
    "changed_at", "changed_by", "created_at", "village_id", "town_id", "county_id", "city_id",
)  # fmt: skip


def fill(link: psycopg.Connection, size: "Size", today: date) -> None:
    """All people, village by village as rosters bring them, and a helper for each village."""
    villages = link.execute(
        "SELECT id, town_id, county_id, city_id FROM places_place WHERE level = 'village' ORDER BY id"
    ).fetchall()
    rng = np.random.default_rng(20211116)
    shares = rng.lognormal(0.0, 0.4, len(villages))
    at = np.sort(rng.choice(len(villages), size.people, p=shares / shares.sum()))  # which village, in order
    where = np.array([[v if v is not None else 0 for v in row] for row in villages])[at]
    names = _Names()
    sealed = _sealed()
    with link.cursor().copy(f"COPY people_person ({', '.join(COLUMNS)}) FROM STDIN (FORMAT csv)") as out:
        for first in range(0, size.people, CHUNK):
            last = min(first + CHUNK, size.people)
            out.write(_chunk(first, where[first:last], names, sealed, size.step, today))
    link.execute("SELECT setval(pg_get_serial_sequence('people_person', 'id'), %s)", [size.people])
    _contacts(link, sealed)
    _helpers(link, today)


class _Names:
    """Search and sort keys of each different name once, as the roster import does."""

    def __init__(self) -> None:
        self.keys: dict[str, tuple[str, str]] = {}

    def of(self, name: str) -> tuple[str, str]:
        found = self.keys.get(name)
        if found is None:
            from songhe.registry.people import searchkeys

            terms = " ".join(searchkeys.lexeme(term) for term in searchkeys.name_terms(name))
            found = self.keys[name] = (searchkeys.sort_key(name), terms)
        return found


def _sealed() -> dict[str, str]:
    from songhe.registry.people import sealing

    samples = {"id_number": "99010119450101123X", "phone": "15400000000", "address": "第一村三组十五号"}
    return {field: "\\x" + (sealing.seal(field, text) or b"").hex() for field, text in samples.items()}


def _chunk(first: int, where: np.ndarray, names: _Names, sealed: dict[str, str], step: int, today: date) -> bytes:
    count = len(where)
    rng = np.random.default_rng([20211116, first])
    woman = rng.random(count) < 0.53
    called = _called(rng, woman)
    keys = [names.of(name) for name in called]
    births = today.toordinal() - (60 + 40 * rng.random(count) ** 2.2) * 365.25
    living = rng.choice(np.array(["alone", "spouse", "children", "relatives"]), count, p=[0.12, 0.52, 0.31, 0.05])
    owed = (np.arange(first, first + count) % step) == 0  # ids 1, 34, 67 …
    tags = np.where(owed, np.array(TAGS)[rng.integers(len(TAGS), size=count)], 0)
    tags = np.where(~owed & (rng.random(count) < 0.004), 64, tags)  # 失能 alone: on file, but not owed weekly contact
    status = np.where(rng.random(count) < 0.96, "living", np.where(rng.random(count) < 0.8, "deceased", "institution"))
    status = np.where(owed, "living", status)
    assessed = (rng.random(count) < 0.05) | (tags == 64)
    days = today.toordinal() - rng.integers(0, 260, count)
    when = pl.Series(days - 719163, dtype=pl.Int32).cast(pl.Date)  # day 719163 is 1970-01-01
    hexes = rng.bytes(16 * count).hex()
    tails = _tails(count, first)
    blank = pl.Series([""] * count)
    frame = pl.DataFrame(
        {
            "id": np.arange(first + 1, first + count + 1),
            "uid": [hexes[n : n + 32] for n in range(0, 32 * count, 32)],
            "name": called,
            "former_name": blank,
            "name_sort": [sort for sort, _ in keys],
            "search": [f"{terms} '{tail}'" for (_, terms), tail in zip(keys, tails, strict=True)],
            "sex": np.where(woman, "f", "m"),
            "birth": pl.Series(births.astype(np.int64) - 719163, dtype=pl.Int32).cast(pl.Date),
            "id_sealed": [sealed["id_number"]] * count,
            "id_blind": _blinds(count, first, b"id"),
            "phone_sealed": [sealed["phone"]] * count,
            "phone_blind": _blinds(count, first, b"phone"),
            "address_sealed": [sealed["address"]] * count,
            "hukou_text": blank,
            "living": living,
            "marital": blank,
            "ethnicity": ["汉族"] * count,
            "status": status,
            "status_from": pl.select(pl.when(pl.lit(pl.Series(status)) != "living").then(pl.lit(when))).to_series(),
            "tags": tags,
            "ability_level": pl.select(
                pl.when(pl.lit(pl.Series(assessed))).then(pl.lit(pl.Series(rng.integers(0, 5, count))))
            ).to_series(),
            "ability_on": pl.select(pl.when(pl.lit(pl.Series(assessed))).then(pl.lit(when))).to_series(),
            "ability_due": pl.select(
                pl.when(pl.lit(pl.Series(assessed))).then(pl.lit(when) + pl.duration(days=240))
            ).to_series(),
            "case_file_on": when,
            "helper_named": owed,
            "source": ["bench"] * count,
            "verified_on": when,
            "origin": ["import"] * count,
            "changed_at": [today.isoformat()] * count,
            "changed_by": [0] * count,
            "created_at": [today.isoformat()] * count,
            "village_id": where[:, 0],
            "town_id": where[:, 1],
            "county_id": where[:, 2],
            "city_id": where[:, 3],
        }
    )
    texts = {name: pl.col(name).fill_null("") for name in ("former_name", "hukou_text", "marital")}
    return (
        frame.with_columns(**texts).write_csv(include_header=False, quote_style="non_numeric", null_value="").encode()
    )


def _called(rng: np.random.Generator, woman: np.ndarray) -> list[str]:
    """Common surnames come often; one name in seven has two characters."""
    family = (rng.random(len(woman)) ** 2.2 * len(SURNAMES)).astype(int)
    first, second = rng.random(len(woman)), rng.random(len(woman))
    short = rng.random(len(woman)) < 0.14
    out = []
    for f, w, a, b, s in zip(
        family.tolist(), woman.tolist(), first.tolist(), second.tolist(), short.tolist(), strict=True
    ):
        given = WOMEN if w else MEN
        out.append(SURNAMES[f] + given[int(a * len(given))] + ("" if s else given[int(b * len(given))]))
    return out


def _tails(count: int, first: int) -> list[str]:
    from songhe.registry.people import sealing

    return [
        sealing.tail_term(f"{(first + n) * 7919 % 1000:03d}{'0123456789X'[(first + n) % 11]}") for n in range(count)
    ]


def _blinds(count: int, first: int, purpose: bytes) -> list[str]:
    """32 different bytes a person, as wide as a blind index; not a blinding of anything."""
    return ["\\x" + hashlib.sha256(purpose + (first + n).to_bytes(8)).hexdigest() for n in range(count)]


def _contacts(link: psycopg.Connection, sealed: dict[str, str]) -> None:
    """A relative to call for each person in special circumstances."""
    link.execute(
        "INSERT INTO people_contact (person_id, name, relation, phone_sealed, priority, lives_near) "
        "SELECT id, '虚构', 'son', %s::bytea, 1, false FROM people_person WHERE tags <> 0 AND id %% 50 <> 0",
        [sealed["phone"]],
    )


def _helpers(link: psycopg.Connection, today: date) -> None:
    """One helper a village, named for those in it who are owed contact."""
    link.execute(
        "INSERT INTO accounts_user (id, username, name, password, is_superuser, is_staff, is_active, date_joined, email, "
        "must_change_password, origin) "
        "SELECT id, 'helper-' || code, '帮扶' || id, '!', false, false, true, now(), '', false, 'demo' "
        "FROM places_place WHERE level = 'village'"
    )
    link.execute("SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), (SELECT max(id) FROM accounts_user))")
    link.execute(
        "INSERT INTO accounts_post (user_id, role, place_id, valid_from) SELECT id, 'helper', id, '2020-01-01' FROM places_place WHERE level = 'village'"
    )
    link.execute(
        "INSERT INTO duties_assignment (person_id, helper_id, kind, valid_from, by, reason, village_id, town_id, county_id, city_id) "
        "SELECT id, village_id, 'helper', '2020-01-01', 0, '', village_id, town_id, county_id, city_id "
        "FROM people_person WHERE helper_named"
    )
