"""An invented population on real places: who they are, where they live, how they are. Same seed, same people.

Shares follow what is generally known of counties in North China (a fifth of residents over 60, most of them under 75,
women living longer); they are assumptions for a demonstration, nobody is counted here. ID numbers begin with 99,
which was never issued as an area, and carry a right check digit; telephone numbers begin with 154, never issued.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from songhe.core.identity import check_character
from songhe.demo.names import COMPOUND, MEN, SURNAMES, WOMEN

HEADER = (
    "姓名", "性别", "身份证号", "联系电话", "村（社区）代码", "居住地址", "居住方式", "困难情形", "民族",
    "建档日期", "核实日期", "来源", "紧急联系人", "与本人关系", "紧急联系人电话",
)  # fmt: skip
BANDS = (
    (60, 64, 0.290),
    (65, 69, 0.275),
    (70, 74, 0.190),
    (75, 79, 0.115),
    (80, 84, 0.075),
    (85, 89, 0.040),
    (90, 103, 0.015),
)
LIVING = ("独居", "与配偶同住", "与子女同住", "与其他亲属同住")
RELATIONS = ("儿子", "女儿", "儿媳、女婿", "孙辈", "兄弟姐妹", "邻居")


@dataclass(frozen=True)
class Spot:
    """A village as the generator needs it."""

    code: str
    name: str
    urban: str  # "urban" | "rural"


def shares(spots: list[Spot], rng: np.random.Generator) -> np.ndarray:
    """How the population spreads over villages: communities larger, all uneven."""
    weights = rng.lognormal(0.0, 0.45, len(spots)) * np.array([1.9 if s.urban == "urban" else 1.0 for s in spots])
    return weights / weights.sum()


def _ages(rng: np.random.Generator, count: int) -> np.ndarray:
    band = rng.choice(len(BANDS), count, p=np.array([b[2] for b in BANDS]))
    low, high = np.array([b[0] for b in BANDS])[band], np.array([b[1] for b in BANDS])[band]
    return low + (rng.random(count) ** 1.15 * (high - low + 1)).astype(int)


class Numbers:
    """ID numbers that repeat for nobody: a counter for each birth date and sex, over several invented areas."""

    def __init__(self) -> None:
        self.next: dict[tuple[int, int], int] = {}

    def make(self, birth: date, woman: int) -> str:
        key = (birth.toordinal(), woman)
        turn = self.next.get(key, 0)
        self.next[key] = turn + 1
        area, sequence = divmod(turn, 499)
        digits = sequence * 2 + (0 if woman else 1)
        first = f"99{(682 + area):04d}{birth:%Y%m%d}{digits:03d}"
        return first + check_character(first)


def _name(draw: np.ndarray, woman: int) -> str:
    """`draw`: four numbers in [0, 1). Frequent surnames come often; one name in seven is of two characters."""
    family = (
        SURNAMES[int(draw[0] ** 2.2 * len(SURNAMES))] if draw[3] > 0.002 else COMPOUND[int(draw[0] * len(COMPOUND))]
    )
    given = WOMEN if woman else MEN
    first, second = given[int(draw[1] * len(given))], given[int(draw[2] * len(given))]
    return family + (first if draw[3] > 0.86 else first + second)


def _circumstances(rng: np.random.Generator, ages: np.ndarray, living: np.ndarray) -> list[str]:
    """The special circumstances of those on file in difficulty, as a roster writes them (独居、低保)."""
    count = len(ages)
    draws = rng.random((count, 7))
    old = np.clip((ages - 60) / 30, 0, 1)
    texts = []
    for i in range(count):
        found = []
        if living[i] == 0:
            found.append("独居")
        elif draws[i, 0] < 0.55:
            found.append("空巢")
        elif draws[i, 0] < 0.70:
            found.append("留守")
        for share, word, at in ((0.09, "特困", 1), (0.16, "低保", 2), (0.05 + 0.16 * old[i], "失能", 3), (0.06, "重残", 4),
                                (0.02, "计划生育特殊家庭", 5), (0.02 + 0.05 * old[i], "失智", 6)):  # fmt: skip
            if draws[i, at] < share and not (word == "低保" and "特困" in found):
                found.append(word)
        texts.append("、".join(found or ["空巢"]))
    return texts


def roster(
    spots: list[Spot], *, people: int, special: int, today: date, seed: int = 20211116
) -> Iterator[tuple[str, ...]]:
    """Rows under HEADER: `people` older people over all villages, `special` of them in special circumstances."""
    rng = np.random.default_rng(seed)
    village = rng.choice(len(spots), people, p=shares(spots, rng))
    ages = _ages(rng, people)
    women = (rng.random(people) < 0.50 + 0.004 * (ages - 60)).astype(int)
    births = np.array([today.toordinal()] * people) - (ages * 365.2425 + rng.random(people) * 365).astype(int)
    need = rng.random(people) ** (1 / (0.3 + np.clip(ages - 62, 0, 35) ** 1.6))
    in_difficulty = np.zeros(people, dtype=bool)
    in_difficulty[np.argsort(-need, kind="stable")[: min(special, people)]] = True
    living = rng.choice(4, people, p=[0.12, 0.52, 0.31, 0.05])
    living[in_difficulty] = rng.choice(4, int(in_difficulty.sum()), p=[0.52, 0.30, 0.13, 0.05])
    words = iter(_circumstances(rng, ages[in_difficulty], living[in_difficulty]))
    draws, more = rng.random((people, 4)), rng.random((people, 8))
    numbers = Numbers()
    for i in range(people):
        spot, birth, woman = spots[village[i]], date.fromordinal(int(births[i])), int(women[i])
        yield _row(
            spot,
            birth,
            woman,
            numbers,
            draws[i],
            more[i],
            LIVING[living[i]],
            next(words) if in_difficulty[i] else "",
            today,
        )


def _row(spot, birth, woman, numbers, draw, more, living, difficulty, today) -> tuple[str, ...]:
    special = bool(difficulty)
    has_phone = more[0] < (0.93 if special else 0.80)
    checked = today - timedelta(days=int(more[1] * (190 if special else 900)))
    on_file = checked - timedelta(days=int(more[2] * 400))
    contact = special and more[3] < 0.97
    if spot.urban == "urban":
        address = f"{spot.name}{int(more[4] * 30) + 1}号楼{int(more[5] * 4) + 1}单元{int(more[6] * 6) + 1}0{int(more[7] * 3) + 1}室"
    else:
        address = f"{spot.name}{int(more[4] * 9) + 1}组{int(more[5] * 120) + 1}号"
    return (
        _name(draw, woman),
        "女" if woman else "男",
        numbers.make(birth, woman),
        f"154{int(draw[0] * 1e4):04d}{int(draw[1] * 1e4):04d}" if has_phone else "",
        spot.code,
        "" if special and more[6] < 0.012 else address,
        living,
        difficulty,
        "汉族" if more[7] > 0.025 else "回族",
        on_file.isoformat() if special and more[5] > 0.01 else "",
        checked.isoformat(),
        "村（社区）上门登记" if special else "户籍底册",
        _name(more[:4], int(more[4] > 0.5)) if contact else "",
        RELATIONS[int(more[5] * len(RELATIONS))] if contact else "",
        f"154{int(more[6] * 1e4):04d}{int(more[7] * 1e4):04d}" if contact else "",
    )
